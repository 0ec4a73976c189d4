// A process of buyers, forked by the drill.
import { fail, hearDrill } from '../forked.ts';
import { createHttpPool } from '../http-client.ts';
import { createRandom } from '../random.ts';
import { type Behaviour, dealBehaviours } from './behaviour.ts';
import { buyerScripts } from './buyers.ts';
import { createCalls, NoAnswer, WrongAnswer } from './calls.ts';
import { buyByCart } from './carts.ts';
import type { FromMember, ToMember } from './crew-messages.ts';
import type { CrewJob } from './setup.ts';
import { createTally, type VisitEnd } from './tally.ts';
import { createVisit, type Visit } from './visit.ts';
import { openWitnessBook } from './witness.ts';

serve();

function serve(): void {
  let job: CrewJob | undefined;
  let killedAtMs = Number.POSITIVE_INFINITY;
  hearDrill((message: ToMember) => {
    switch (message.kind) {
      case 'prepare':
        job = message.job;
        send({ kind: 'ready' });
        break;
      case 'go':
        if (job !== undefined) run(job, () => killedAtMs).catch(fail);
        break;
      case 'killed':
        killedAtMs = message.atMs;
        break;
    }
  });
}

async function run(given: CrewJob, killedAtMs: () => number): Promise<void> {
  const tally = createTally();
  const witness = openWitnessBook(given.witnessFile);
  const http = createHttpPool({
    ...given.target,
    // Those who click twice need two.
    connectionsMax: 2 * (given.concurrency + given.cartConcurrency),
    headers: { 'user-agent': 'onrush-drill' },
  });
  const visitOf = (number: number): Visit => {
    const random = createRandom(given.seed, number);
    const calls = createCalls({
      http,
      tally,
      random,
      patienceMs: given.patienceMs,
      killedAtMs,
    });
    return createVisit({ number, setup: given.setup, random, tally, calls, witness });
  };
  const report = (hasEnded: boolean) => send({ kind: 'progress', tally: tally.toJson(), hasEnded });
  const reporting = setInterval(() => report(false), given.reportEveryMs);

  const end = async (visit: Promise<VisitEnd>) => {
    try {
      tally.ended(await visit);
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof WrongAnswer)) throw error;
      tally.ended('no-answer');
      tally.error(error.message);
    }
  };
  // The same in every process, each of which takes its share of it.
  const dealt = dealBehaviours(given.buyerCount, createRandom(given.seed));
  const { ordinary } = given.setup;
  await Promise.all([
    inTurn(shareOf(dealt.length, given), given.concurrency, (number) =>
      end(buyerScripts[dealt[number] as Behaviour](visitOf(number))),
    ),
    ordinary &&
      inTurn(shareOf(given.cartCount, given), given.cartConcurrency, (number) =>
        end(buyByCart(visitOf(given.buyerCount + number), ordinary)),
      ),
  ]);

  clearInterval(reporting);
  http.close();
  witness.close();
  report(true);
}

function shareOf(count: number, { member, crewSize }: CrewJob): number[] {
  return Array.from({ length: count }, (_, number) => number).filter((number) => number % crewSize === member);
}

/** Lets them in one after the other, so many at a time. */
async function inTurn(
  numbers: readonly number[],
  concurrency: number,
  visit: (number: number) => Promise<void>,
): Promise<void> {
  const queue = numbers.values();
  const lane = async () => {
    for (const number of queue) await visit(number);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

function send(message: FromMember): void {
  process.send?.(message);
}
