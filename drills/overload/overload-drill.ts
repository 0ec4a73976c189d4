import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/platform/config/config.ts';
import { targetOf } from '../http-client.ts';
import { createRandom } from '../random.ts';
import { createAdmin } from '../sale/admin.ts';
import { checkDatabase, readBooks } from '../sale/audit.ts';
import type { Proof } from '../sale/case.ts';
import { gatherClaims } from '../sale/claims.ts';
import { byPromise } from '../sale/judge.ts';
import { judgeMoney } from '../sale/judge-money.ts';
import { judgeOrders } from '../sale/judge-orders.ts';
import { judgeStock } from '../sale/judge-stock.ts';
import { isPaid } from '../sale/proof.ts';
import type { SaleSetup } from '../sale/setup.ts';
import { type DrilledShop, openDrilledShop, type ShopChoice } from '../sale/shop-access.ts';
import { createTally } from '../sale/tally.ts';
import { readWitnessBooks } from '../sale/witness.ts';
import { type Load, startLoad } from './load.ts';
import { byImportance } from './meter.ts';
import { precedenceOf } from './precedence.ts';
import { prepareOverload } from './prepare.ts';
import { quickShareOf, recoveryMs } from './recovery.ts';
import {
  type Attempt,
  type Capacity,
  type OverloadReport,
  percentilesOf,
  type StepPlan,
  sessionsPerSecond,
  slotsBetween,
  stepReport,
} from './report.ts';
import type { Bounds, Stage } from './setup.ts';
import { watchUsage } from './shop-usage.ts';
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
/** The load before the overload and after it, and that which counts as none. */
const calmFactor = 0.5;
const unloadedFactor = 0.15;
const defaultSessionsAtOnceMax = 2_048;
/** More sessions at once bring more as long as they bring so much more, … */
const worthwhileGain = 1.04;
/** … and as long as nearly all requests are answered within a second: what is sold to people who wait for longer is no goodput. */
const bearable: Bounds = byImportance(() => 1_000);
const bearableShareMin = 0.95;
/** A shop that refuses one in ten serves no more than it can, only less of it than it was asked for. */
const wholeShareMin = 0.9;
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
    const measured = await measure(options, shop, load);
    const durationMs = performance.now() - beganAtMs;

    const { promises, paidOrders } = await prove(options, shop, sale.setup, witnessFile);
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

async function measure(options: OverloadDrillOptions, shop: DrilledShop, load: Load) {
  const { watch, stepMs } = options;
  const settleMs = Math.min(1_000, stepMs / 4);
  const shortMs = Math.min(4_000, stepMs);
  watch.stage('warming the shop up');
  await load.run([closed('warm up', 128, Math.min(8_000, stepMs), 0)], unbounded);
  const { sessionsAtOnceMax = defaultSessionsAtOnceMax } = options;
  const capacity = await findCapacity(load, watch, { durationMs: shortMs, settleMs, sessionsAtOnceMax });

  const unloadedMs = Math.min(10_000, stepMs);
  const open = (name: string, sessionsPerS: number, durationMs: number): Stage => ({
    name,
    durationMs,
    settleMs,
    arrivals: { kind: 'open', sessionsPerS },
  });
  watch.stage('measuring the unloaded shop');
  const quiet = await load.run([open('unloaded', unloadedFactor * capacity.sessionsPerS, unloadedMs)], unbounded);
  const unloaded = byImportance((name) => percentilesOf(quiet.stages[0]?.latencies[name] ?? []));

  const calmMs = Math.min(10_000, stepMs);
  const plans: StepPlan[] = [calmFactor, ...options.factors, calmFactor].map((factor, index, all) => ({
    factor,
    isAfter: index === all.length - 1,
    sessionsPerS: factor * capacity.sessionsPerS,
  }));
  const stages = plans.map(({ factor, sessionsPerS }) =>
    open(`${factor}×`, sessionsPerS, factor === calmFactor ? calmMs : stepMs),
  );
  const usage = watchUsage({
    shop: () => shop.pidOf('app'),
    database: () => shop.pidOf('database'),
    generator: load.pid,
  });
  const reading = await load.run(stages, boundsOf(unloaded), {
    stage: () => usage.begin(),
    second({ stage, paid, shed, sessions }) {
      watch.progress(
        `${stages[stage]?.name} · ${paid} paid/s · ${sessions} sessions/s ended · ${shed} requests/s refused`,
      );
    },
  });
  const stretches = usage.end();
  const steps = plans.map((plan, index) => {
    const { fromMs = 0, untilMs = 0 } = reading.stages[index] ?? {};
    const stretch = stretches[index];
    if (stretch === undefined) throw new RangeError(`the use of stage ${index} was not watched`);
    return stepReport(plan, reading, index, {
      precedence: precedenceOf(slotsBetween(reading.slots, fromMs, untilMs)),
      usage: stretch,
    });
  });
  return { capacity, unloaded, steps, recoveryMs: recoveryOf(reading, stages, settleMs) };
}

function recoveryOf(
  reading: Awaited<ReturnType<Load['run']>>,
  stages: readonly Stage[],
  settleMs: number,
): number | null {
  const totalMs = stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const fallMs = totalMs - (stages.at(-1)?.durationMs ?? 0);
  const before = quickShareOf(slotsBetween(reading.slots, settleMs, stages[0]?.durationMs ?? 0));
  return recoveryMs(slotsBetween(reading.slots, fallMs, totalMs), before ?? 1) ?? null;
}

/** Doubles the sessions in the shop until more of them bring no more, then measures once more at the number that sold most. */
async function findCapacity(
  load: Load,
  watch: OverloadWatch,
  given: { durationMs: number; settleMs: number; sessionsAtOnceMax: number },
): Promise<Capacity> {
  const { durationMs, settleMs, sessionsAtOnceMax } = given;
  const attempt = async (sessionsAtOnce: number, lastsMs: number): Promise<Attempt> => {
    watch.stage(`finding the capacity: ${sessionsAtOnce} sessions at once`);
    const reading = await load.run([closed('capacity', sessionsAtOnce, lastsMs, settleMs)], bearable);
    const slots = slotsBetween(reading.slots, settleMs, lastsMs);
    const { endedWellPerS, paidPerS } = sessionsPerSecond(slots);
    return {
      sessionsAtOnce,
      sessionsPerS: endedWellPerS,
      paidPerS,
      isWhole: (quickShareOf(slots, 'offered') ?? 0) >= wholeShareMin,
      isBearable: (quickShareOf(slots, 'well') ?? 0) >= bearableShareMin,
    };
  };
  const tried: Attempt[] = [];
  for (let sessionsAtOnce = 64; sessionsAtOnce <= sessionsAtOnceMax; sessionsAtOnce *= 2) {
    const before = [...tried];
    tried.push(await attempt(sessionsAtOnce, durationMs));
    const gain = mostOf(tried, 'paidPerS').paidPerS / mostOf(before, 'paidPerS').paidPerS;
    if (!tried.at(-1)?.isBearable || gain < worthwhileGain) break;
  }
  const best = mostOf(tried, 'paidPerS');
  const again = await attempt(best.sessionsAtOnce, 2 * durationMs);
  const whole = mostOf([...tried, again].filter(({ isWhole }) => isWhole).concat(tried.slice(0, 1)), 'sessionsPerS');
  return {
    sessionsPerS: whole.sessionsPerS,
    sessionsAtOnce: whole.sessionsAtOnce,
    // Of several tries the best is partly luck; of two at the same number the mean is less so.
    paidPerS: Math.max((best.paidPerS + again.paidPerS) / 2, whole.paidPerS),
    tried: [...tried, again],
  };
}

const nothing: Attempt = { sessionsAtOnce: 0, sessionsPerS: 0, paidPerS: 0, isWhole: false, isBearable: false };

function mostOf(tried: readonly Attempt[], of: 'paidPerS' | 'sessionsPerS'): Attempt {
  return tried
    .filter(({ isBearable }, index) => isBearable || index === 0)
    .reduce((one, other) => (other[of] > one[of] ? other : one), nothing);
}

function closed(name: string, sessions: number, durationMs: number, settleMs: number): Stage {
  return { name, durationMs, settleMs, arrivals: { kind: 'closed', sessions } };
}

/** What the sale drill proves from the database, of the orders of all steps. */
async function prove(
  { watch }: OverloadDrillOptions,
  shop: DrilledShop,
  setup: SaleSetup,
  witnessFile: string,
): Promise<{ promises: Proof[]; paidOrders: number }> {
  watch.stage('reading the database');
  const claims = gatherClaims(readWitnessBooks([witnessFile]));
  const books = await readBooks({
    databaseUrl: shop.databaseUrl,
    setup,
    claims,
    onWait: (count) => watch.stage(`waiting for ${count} payments to come to an end`),
  });
  const given = { setup, claims, books, tally: createTally().toJson(), buyerCount: claims.asked.size };
  const proofs = [...judgeStock(given).proofs, ...judgeOrders(given).proofs, ...judgeMoney(given).proofs];
  return {
    // Nobody is told that anything is sold out here: there is more than can be sold.
    promises: proofs.filter(({ promise }) => promise !== 'nobody refused in vain').sort(byPromise),
    paidOrders: books.orders.filter(({ state }) => isPaid(state)).length,
  };
}
