import { setTimeout as delay } from 'node:timers/promises';
import type { Room } from '../../src/edge/waiting-room/api.ts';
import { createHttpPool, type HttpClient, HttpFault, targetOf } from '../http-client.ts';
import { createRandom } from '../random.ts';
import { createAdmin } from '../sale/admin.ts';
import { DrillFault } from '../sale/drill-fault.ts';
import { byPromise } from '../sale/judge.ts';
import { createKiller, type Killer } from '../sale/kill.ts';
import { type DrilledShop, openDrilledShop, type ShopChoice, withoutDemo } from '../sale/shop-access.ts';
import { readQueueBooks } from './books.ts';
import { type Calls, createCalls } from './calls.ts';
import type { Outage } from './case.ts';
import { type Crowd, gatherCrowd } from './crowd.ts';
import { createJournal, type Journal } from './journal.ts';
import { judgeQueue } from './judge.ts';
import { prepareQueue } from './prepare.ts';
import { type KillReport, type QueueReport, queueReportOf } from './report.ts';
import type { QueueSetup, QueueTimes } from './setup.ts';
import { queueUp, roomPath } from './waiter.ts';

export interface QueueDrillOptions extends Pick<ShopChoice, 'config' | 'temporaryFolder'> {
  readonly waiterCount: number;
  /** Of them, how many come before the opening. */
  readonly earlyCount: number;
  readonly stock: number;
  /** Passes a second. */
  readonly pacePerS: number;
  /** kill -9 the shop's process when a third is sold, or half of the time since the opening has passed. */
  readonly kills: boolean;
  /** The same seed, the same crowd. */
  readonly seed: number;
  /** Nobody waits longer than this before he asks again, whatever he was told. */
  readonly pollMsMax?: number;
  readonly times?: QueueTimes;
  /** How long before the opening the first come. */
  readonly earlyMs?: number;
  /** How long after it the last come. */
  readonly laterMs?: number;
  /** How long after that it goes on at most: for who is called late, and for passes that run out. */
  readonly afterwardsMs?: number;
  /** Breaks the drill off; it tidies up and throws. */
  readonly signal?: AbortSignal;
  readonly watch: QueueWatch;
}

export interface QueueWatch {
  stage(text: string): void;
  opened(opening: { readonly shop: string; readonly url: string }): void;
  progress(progress: QueueProgress): void;
  event(line: string): void;
}

export interface QueueProgress {
  readonly untilOpeningMs: number;
  readonly issued: number;
  readonly called: number;
  readonly sold: number;
  readonly stock: number;
  readonly pacePerS: number;
}

const connectionsMax = 96;
const lookEveryMs = 250;
/** After all is over, for those who are just being answered. */
const lingerMs = 2_500;
/** Of a shop that was killed, so much at least is seen after it is back. */
const backForMs = 3_000;
/** A shop that is away for longer does not come back. */
const awayMsMax = 60_000;

/**
 * Shorter in the drill's own shop than in others: nobody wants to watch a pass run out for ten minutes. Who waits as he is
 * told asks every 30 s at least, and within 12 s after the opening.
 */
const usualTimes: QueueTimes = { leaveAfterMs: 40_000, claimWithinMs: 14_000, passTtlMs: 8_000 };

/** Queues up at a real shop with real requests, and proves from its database what came of it. */
export async function runQueueDrill(options: QueueDrillOptions): Promise<QueueReport> {
  const { watch, signal } = options;
  watch.stage('starting the shop');
  const bare = withoutDemo(options.config);
  const config = { ...bare, topology: withTimes(bare.topology, options.times ?? usualTimes) };
  const shop = await openDrilledShop({ ...options, config, isHere: false, tell: (line) => watch.event(line) });
  try {
    signal?.throwIfAborted();
    const report = await drill(options, shop);
    const left = await shop.close(!report.ok);
    return left === undefined ? report : { ...report, left: [left] };
  } catch (error) {
    await shop.close(false);
    signal?.throwIfAborted();
    throw error;
  }
}

const duration = (ms: number) => `${ms}ms`;

type Topology = QueueDrillOptions['config']['topology'];

function withTimes(topology: Topology, times: QueueTimes): Topology {
  const waitingRoom = {
    leaveAfter: duration(times.leaveAfterMs),
    claimWithin: duration(times.claimWithinMs),
    passTtl: duration(times.passTtlMs),
  };
  return { ...topology, edge: { ...topology.edge, waitingRoom } };
}

async function drill(options: QueueDrillOptions, shop: DrilledShop): Promise<QueueReport> {
  const { watch, waiterCount, earlyCount, stock, pacePerS, seed, kills, earlyMs = 8_000, laterMs = 6_000 } = options;
  const { afterwardsMs = 120_000, times = usualTimes } = options;
  // Now, not in the middle of the queue, is the time to notice that a process is not ours to kill.
  const killer = kills ? createKiller({ shop, victim: 'app', stock }) : undefined;
  const target = targetOf(shop.url);
  const admin = createAdmin(target, shop.adminToken);
  const http = createHttpPool({ ...target, connectionsMax });
  try {
    watch.stage('announcing the sale');
    const runId = Date.now().toString(36);
    const setup = await prepareQueue(admin, { runId, stock, pacePerS, earlyMs, times });
    const random = createRandom(seed);
    const crowd = gatherCrowd(
      { count: waiterCount, earlyCount, earlyMs: setup.opensAtMs - Date.now(), laterMs },
      random,
    );
    watch.opened({ shop: shop.what, url: shop.url });
    const beganAtMs = performance.now();
    const { journal, calls, kill, outage } = await wait(options, {
      setup,
      crowd,
      http,
      killer,
      lastsMs: earlyMs + laterMs + afterwardsMs,
    });
    options.signal?.throwIfAborted();
    const durationMs = performance.now() - beganAtMs;
    watch.stage('reading the database');
    const room = await admin.call<Room>('GET', roomPath(setup));
    const books = await readQueueBooks(shop.databaseUrl(), setup);
    const given = { setup, journal, books, publishedLot: room.lot, outage };
    const promises = judgeQueue(given);
    const measured = { calls, durationMs, openMs: durationMs - earlyMs, seed, shop: shop.what, kill };
    const report = queueReportOf(given, promises, measured);
    return { ...report, promises: report.promises.toSorted(byPromise) };
  } finally {
    http.close();
    admin.close();
  }
}

interface Stage {
  readonly setup: QueueSetup;
  readonly crowd: Crowd;
  readonly http: HttpClient;
  readonly killer: Killer | undefined;
  /** No longer than this, whoever still waits. */
  readonly lastsMs: number;
}

interface Waited {
  readonly journal: Journal;
  readonly calls: Calls;
  readonly kill: KillReport | null;
  readonly outage: Outage | undefined;
}

/** Everybody queues up, each in his own time; returns when all have ended, or nothing more is to come. */
async function wait(
  { watch, signal, seed, pollMsMax = Number.POSITIVE_INFINITY }: QueueDrillOptions,
  { setup, crowd, http, killer, lastsMs }: Stage,
): Promise<Waited> {
  const journal = createJournal();
  journal.waiters.push(...crowd.waiters);
  const over = new AbortController();
  const onAbort = () => over.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const calls = createCalls({
    http,
    patienceMs: awayMsMax,
    signal: over.signal,
    onError: (sentence) => journal.errors.push(sentence),
    killedAtMs: () => killer?.deed?.atMs ?? Number.POSITIVE_INFINITY,
  });
  const everybody = Promise.all(
    crowd.waiters.map(async (waiter, index) => {
      await delay(crowd.comesAtMs[index], undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) return;
      await queueUp(index, waiter, {
        setup,
        calls,
        journal,
        random: createRandom(seed, index),
        signal: over.signal,
        pollMsMax,
      });
    }),
  ).then(() => over.abort());

  let endAtMs = performance.now() + lastsMs;
  const untilOpeningMs = Math.max(0, setup.opensAtMs - Date.now());
  const lateAtMs = endAtMs - (lastsMs - untilOpeningMs) / 2;
  let overSinceMs: number | undefined;
  let awayMs = 0;
  // On a busy machine nothing may yet have been done since it came back: then that is waited for, as long as it may be away.
  const isAwaited = () => killer?.deed !== undefined && calls.recoveredAtMs === undefined;
  while (!over.signal.aborted && performance.now() < endAtMs + (isAwaited() ? awayMsMax : 0)) {
    const lookedAtMs = performance.now();
    const isThere = await look(http, setup, journal, watch);
    if (journal.rooms.at(-1)?.state === 'over') overSinceMs ??= performance.now();
    if (overSinceMs !== undefined && performance.now() - overSinceMs > lingerMs) break;
    const deed = killer?.watch(journal.orders.length, performance.now() > lateAtMs);
    if (deed !== undefined) {
      watch.event(`killed the ${deed.victim} process (SIGKILL)`);
      // However late it was killed: that it comes back is to be seen.
      endAtMs = Math.max(endAtMs, performance.now() + backForMs);
    }
    await delay(lookEveryMs, undefined, { signal: over.signal }).catch(() => {});
    // While the shop is away nobody gets anywhere: that time is not theirs.
    if (!isThere) endAtMs += Math.min(performance.now() - lookedAtMs, awayMsMax - awayMs);
    if (!isThere) awayMs = Math.min(awayMsMax, awayMs + performance.now() - lookedAtMs);
  }
  over.abort();
  await everybody;
  await untilThere(() => look(http, setup, journal, watch), signal);
  signal?.removeEventListener('abort', onAbort);
  const deed = killer?.deed;
  if (killer !== undefined && deed === undefined) {
    throw new DrillFault('The queue was over before anything could be killed. Give it more --stock or a lower --pace.');
  }
  const { recoveredAtMs, unreachableAtMs } = calls;
  const kill = deed && {
    process: deed.victim,
    orders: deed.unitsSold,
    outageMs: recoveredAtMs === undefined ? null : recoveredAtMs - deed.atMs,
  };
  const isSeen = deed !== undefined && unreachableAtMs !== undefined;
  const outage = isSeen ? { fromMs: deed.atMs, untilMs: unreachableAtMs } : undefined;
  return { journal, calls, kill: kill ?? null, outage };
}

/** What is read at the end is read of a shop that answers. */
async function untilThere(isThere: () => Promise<boolean>, signal: AbortSignal | undefined): Promise<void> {
  const beganAtMs = performance.now();
  while (signal?.aborted !== true && !(await isThere())) {
    if (performance.now() - beganAtMs > awayMsMax) return;
    await delay(lookEveryMs);
  }
}

/** What anybody may see of the room; false where it does not answer. */
async function look(http: HttpClient, setup: QueueSetup, journal: Journal, watch: QueueWatch): Promise<boolean> {
  const answer = await http
    .request({ method: 'GET', path: roomPath(setup), timeoutMs: 5_000 })
    .catch((error: unknown) => {
      // Killed, perhaps; the next look will tell.
      if (!(error instanceof HttpFault)) throw error;
    });
  if (answer?.status !== 200) return false;
  const { state, admittedCount, issuedCount, pacePerS } = JSON.parse(answer.body) as Room;
  journal.rooms.push({ gotAtMs: Date.now(), state, admittedCount, issuedCount });
  watch.progress({
    untilOpeningMs: setup.opensAtMs - Date.now(),
    issued: issuedCount,
    called: admittedCount,
    sold: journal.orders.length,
    stock: setup.stock,
    pacePerS,
  });
  return true;
}
