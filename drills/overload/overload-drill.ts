import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/platform/config/config.ts';
import { targetOf } from '../http-client.ts';
import { formatMs } from '../page.ts';
import { createRandom } from '../random.ts';
import { createAdmin } from '../sale/admin.ts';
import { checkDatabase } from '../sale/audit.ts';
import { type DrilledShop, openDrilledShop, type ShopChoice } from '../sale/shop-access.ts';
import { findCapacity } from './capacity.ts';
import { type DiskWatch, watchDisk } from './disk-watch.ts';
import { arrivalsText } from './format.ts';
import { type Load, startLoad } from './load.ts';
import { byImportance } from './meter.ts';
import { prepareOverload } from './prepare.ts';
import { prove } from './prove.ts';
import { type Recovery, recoveryOf } from './recovery.ts';
import {
  answersOf,
  type Capacity,
  type OverloadReport,
  type StepPlan,
  type StepReport,
  sessionsPerSecond,
  stepReport,
} from './report.ts';
import type { Arrivals, Bounds, Stage } from './setup.ts';
import { watchUsage } from './shop-usage.ts';
import { stallsOf } from './stalls.ts';
import { createSteadyLoad } from './steady-load.ts';
import { boundsOf, judgeTargets } from './targets.ts';

export interface OverloadDrillOptions extends Pick<ShopChoice, 'config' | 'temporaryFolder'> {
  /** How long each step of overload lasts. */
  readonly stepMs: number;
  /** Times the capacity, rising. */
  readonly factors: readonly number[];
  /** No more than so many are tried to find the capacity (2,048). */
  readonly sessionsAtOnceMax?: number;
  /** The same seed, the same sessions. */
  readonly seed: number;
  /** Breaks the drill off; it tidies up and throws. */
  readonly signal?: AbortSignal;
  readonly watch: OverloadWatch;
}

/** What whoever watches is told. */
export interface OverloadWatch {
  /** What is done now, for as long as it takes. */
  stage(text: string): void;
  /** How the load goes, once a second. */
  progress(text: string): void;
  /** Something happened that whoever watches should know. */
  event(line: string): void;
}

const patienceMs = 5_000;
const connectionsMax = 8_000;
// A machine that answered nobody in time while its capacity was sought is asked something all the same.
const sessionsPerSMin = 10;

/** The load before the overload and after it, in times the capacity. */
const calmFactor = 0.5;
/** So few sessions at once, with their pauses, no shop is full of; a quarter of what they do is hardly any load. */
const warmUpSessions = 64;
const unloadedShare = 0.25;
const calmMsMax = 10_000;
const defaultSessionsAtOnceMax = 2_048;
const unbounded: Bounds = byImportance(() => Number.POSITIVE_INFINITY);

/** Overloads a real shop with requests that do not wait for each other, and measures what it still does. */
export async function runOverloadDrill(options: OverloadDrillOptions): Promise<OverloadReport> {
  const { watch, signal } = options;
  const events: string[] = [];
  let isOpen = false;
  watch.stage('starting the shop');
  const shop = await openDrilledShop({
    ...options,
    config: behindProxy(options.config),
    isHere: false,
    tell(line) {
      // What a shop says while it starts and stops is no news.
      if (!isOpen) return;
      events.push(line);
      watch.event(line);
    },
  });
  try {
    signal?.throwIfAborted();
    isOpen = true;
    const report = await drill(options, shop);
    isOpen = false;
    const left = await shop.close(!report.ok);
    return { ...report, events, left: left === undefined ? report.left : [...report.left, left] };
  } catch (error) {
    isOpen = false;
    await shop.close(false);
    signal?.throwIfAborted();
    throw error;
  }
}

/** Sessions come over shared connections and name themselves as a proxy would: the shop is to believe it. */
function behindProxy(config: Config): Config {
  const { topology } = config;
  return { ...config, topology: { ...topology, edge: { ...topology.edge, trustedProxies: ['loopback'] } } };
}

async function drill(options: OverloadDrillOptions, shop: DrilledShop): Promise<OverloadReport> {
  const { seed, watch, signal } = options;
  const target = targetOf(shop.url);
  const admin = createAdmin(target, shop.adminToken);
  const folder = mkdtempSync(join(options.temporaryFolder, 'onrush-witness-'));
  const witnessFile = join(folder, 'sessions.jsonl');
  let load: Load | undefined;
  const onAbort = () => load?.dismiss();
  signal?.addEventListener('abort', onAbort);
  let isSound = true;
  try {
    watch.stage('putting the goods on sale');
    const runId = Date.now().toString(36);
    const { sale, setup } = await prepareOverload(admin, { runId, random: createRandom(seed) });
    await checkDatabase(shop.databaseUrl, sale.setup);
    const beganAtMs = performance.now();
    load = await startLoad({ target, setup, seed, patienceMs, connectionsMax, witnessFile });
    signal?.throwIfAborted();
    await using disk = await watchDisk(folder);
    const measured = await measure(options, shop, { load, disk });
    const durationMs = performance.now() - beganAtMs;

    watch.stage('reading the database');
    const { promises, paidOrders } = await prove({
      databaseUrl: shop.databaseUrl,
      setup: sale.setup,
      witnessFile,
      onWait: (count) => watch.stage(`waiting for ${count} payments to come to an end`),
    });
    const targets = judgeTargets(measured);
    isSound = promises.every(({ isKept }) => isKept);
    return {
      ok: isSound,
      reached: targets.every(({ isReached }) => isReached),
      ...measured,
      targets,
      promises,
      paidOrders,
      durationMs: Math.round(durationMs),
      seed,
      shop: shop.what,
      events: [],
      left: isSound ? [] : [folder],
    };
  } finally {
    signal?.removeEventListener('abort', onAbort);
    load?.dismiss();
    admin.close();
    // What the sessions wrote down is the evidence when something is missing.
    if (isSound) rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  options: OverloadDrillOptions,
  shop: DrilledShop,
  { load, disk }: { load: Load; disk: DiskWatch },
) {
  const { watch, stepMs, sessionsAtOnceMax = defaultSessionsAtOnceMax } = options;
  const settleMs = Math.min(1_000, stepMs / 4);
  const steady = createSteadyLoad({
    load,
    disk,
    repeatMsMax: 2 * stepMs,
    onRepeat: ({ name }, stalledMs) =>
      watch.stage(`${name}, once more: the disk stood still for ${formatMs(stalledMs)}`),
  });
  watch.stage('warming the shop up');
  const warmUpMs = Math.min(8_000, stepMs);
  const warming: Arrivals = { kind: 'closed', sessions: warmUpSessions };
  const warm = await steady.measure(
    { name: 'warm up', durationMs: warmUpMs, settleMs: warmUpMs / 2, arrivals: warming },
    unbounded,
  );

  watch.stage('measuring the unloaded shop');
  const unloadedPerS = Math.max(1, unloadedShare * sessionsPerSecond(warm).endedWellPerS);
  const quiet = await steady.measure(open('unloaded', unloadedPerS, Math.min(calmMsMax, stepMs), settleMs), unbounded);
  const unloaded = byImportance((name) => answersOf(quiet, name, 'well'));
  const bounds = boundsOf(unloaded);

  const capacity = await findCapacity({
    durationMs: Math.min(4_000, stepMs),
    settleMs,
    sessionsAtOnceMax,
    measure: (stage) => steady.measure(stage, bounds),
    onTry: (arrivals) => watch.stage(`finding the capacity: ${arrivalsText(arrivals)}`),
  });
  const { steps, recovery } = await rampUp(options, { shop, load, disk, settleMs, capacity, bounds });
  return { capacity, unloaded, steps, recovery, spoilt: [...steady.spoilt] };
}

/** The steps in one run without a break, so that what one leaves behind is felt in the next. */
async function rampUp(
  { watch, stepMs, factors }: OverloadDrillOptions,
  given: { shop: DrilledShop; load: Load; disk: DiskWatch; settleMs: number; capacity: Capacity; bounds: Bounds },
): Promise<{ steps: StepReport[]; recovery: Recovery }> {
  const { shop, load, settleMs, capacity } = given;
  const plans: StepPlan[] = [calmFactor, ...factors, calmFactor].map((factor, index, all) => ({
    factor,
    isAfter: index === all.length - 1,
    sessionsPerS: factor * Math.max(sessionsPerSMin, capacity.sessionsPerS),
  }));
  const stages = plans.map(({ factor, sessionsPerS, isAfter }): Stage => {
    const durationMs = factor === calmFactor ? Math.min(calmMsMax, stepMs) : stepMs;
    const stage = open(`${factor}×`, sessionsPerS, durationMs, settleMs);
    // Else the load would not fall to where it was: thousands were told to come again within these seconds.
    return isAfter ? { ...stage, arrivals: { kind: 'open', sessionsPerS, returning: 'inPlace' } } : stage;
  });
  using usage = watchUsage({
    shop: () => shop.pidOf('app'),
    database: () => shop.pidOf('database'),
    generator: load.pid,
  });
  const reading = await load.run(stages, given.bounds, {
    stage: () => usage.begin(),
    second: ({ stage, paid, shed, sessions }) =>
      watch.progress(
        `${stages[stage]?.name} · ${paid} paid/s · ${sessions} sessions/s ended · ${shed} requests/s refused`,
      ),
  });
  const stretches = usage.end();
  const writes = given.disk.writes();
  const steps = plans.map((plan, index) => {
    const stretch = stretches[index];
    if (stretch === undefined) throw new RangeError(`the use of stage ${index} was not watched`);
    return stepReport(plan, reading, index, { usage: stretch, writes });
  });
  return { steps, recovery: recoveryOf(reading, stages, stallsOf(writes)) };
}

function open(name: string, sessionsPerS: number, durationMs: number, settleMs: number): Stage {
  return { name, durationMs, settleMs, arrivals: { kind: 'open', sessionsPerS } };
}
