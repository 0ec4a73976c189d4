// The process that makes the load, forked by the drill.
import { appendFileSync } from 'node:fs';
import { fail, hearDrill } from '../forked.ts';
import { createRandom } from '../random.ts';
import { createConnections } from './connections.ts';
import { createJourneys, type StepWitness } from './journey.ts';
import type { FromLoad, ToLoad } from './load-messages.ts';
import { runLoad } from './load-run.ts';
import type { Bounds, LoadJob, Stage } from './setup.ts';

serve();

function serve(): void {
  let run: ((stages: readonly Stage[], bounds: Bounds) => Promise<void>) | undefined;
  hearDrill((message: ToLoad) => {
    if (message.kind === 'prepare') {
      run = prepare(message.job);
      send({ kind: 'ready' });
    } else run?.(message.stages, message.bounds).catch(fail);
  });
}

function prepare({ target, setup, seed, patienceMs, connectionsMax, witnessFile }: LoadJob) {
  const connections = createConnections(target, connectionsMax);
  const random = createRandom(seed);
  const witness = openWitness(witnessFile);
  const journeys = createJourneys(setup, random, witness);
  let firstSession = 0;
  return async (stages: readonly Stage[], bounds: Bounds) => {
    const { reading, sessions } = await runLoad({
      stages,
      bounds,
      host: `${target.host}:${target.port}`,
      patienceMs,
      connections,
      journeys,
      random,
      firstSession,
      onStage: (index) => send({ kind: 'stage', index }),
      onSecond: (second) => send({ kind: 'second', second }),
    });
    firstSession += sessions;
    witness.flush();
    send({ kind: 'done', reading });
  };
}

/**
 * Writes the books that the sale's judges read (../sale/witness.ts), many lines at a time: nobody kills this process, and what
 * was acknowledged is kept as it came, for reading it would cost more than sending it did.
 */
function openWitness(file: string): StepWitness & { flush(): void } {
  let lines = '';
  const flush = () => {
    appendFileSync(file, lines);
    lines = '';
  };
  const note = (line: string) => {
    lines += `${line}\n`;
    if (lines.length > 256 * 1024) flush();
  };
  flush();
  return {
    flush,
    asked: (orderId) => note(`{"kind":"asked","orderId":"${orderId}","buyerId":""}`),
    acknowledged: (orderId, body) =>
      note(`{"kind":"order","atMs":${Date.now()},"asked":"${orderId}","order":${body.toString()}}`),
    paying: (orderId, key) => note(`{"kind":"paying","orderId":"${orderId}","key":"${key}"}`),
    paid: (orderId, key, status, body) =>
      note(
        `{"kind":"payment","atMs":${Date.now()},"status":${status},"orderId":"${orderId}","key":"${key}","payment":${body.toString()}}`,
      ),
  };
}

function send(message: FromLoad): void {
  process.send?.(message);
}
