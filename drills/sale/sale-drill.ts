import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { targetOf } from '../http-client.ts';
import { createRandom } from '../random.ts';
import { createAdmin } from './admin.ts';
import { checkDatabase, readBooks } from './audit.ts';
import { dealBehaviours } from './behaviour.ts';
import { gatherClaims } from './claims.ts';
import { gatherCrew } from './crew.ts';
import { DrillFault } from './drill-fault.ts';
import { judge } from './judge.ts';
import { createKiller, type Killer } from './kill.ts';
import { prepareSale } from './prepare.ts';
import { reportOf, type SaleReport } from './report.ts';
import type { CrewJob, SaleSetup } from './setup.ts';
import { type DrilledShop, openDrilledShop, type ShopChoice, type Victim, withoutDemo } from './shop-access.ts';
import type { Tally } from './tally.ts';
import { readWitnessBooks } from './witness.ts';

export interface SaleDrillOptions extends Omit<ShopChoice, 'tell'> {
  readonly buyerCount: number;
  readonly stock: number;
  /** Buyers at once, of all processes together. */
  readonly concurrency: number;
  /** Ordinary carts beside the sale; 0 for none. */
  readonly cartCount: number;
  readonly victim?: Victim;
  /** The same seed, the same buyers. */
  readonly seed: number;
  /** Breaks the drill off; it tidies up and throws. */
  readonly signal?: AbortSignal;
  readonly watch: SaleWatch;
}

/** What whoever watches is told. */
export interface SaleWatch {
  /** What is done now, for as long as it takes. */
  stage(text: string): void;
  /** The buyers are about to be let in. */
  opened(opening: SaleOpening): void;
  progress(progress: SaleProgress): void;
  /** Something happened that whoever watches should know: a process was killed, a process is back. */
  event(line: string): void;
}

export interface SaleOpening
  extends Pick<SaleDrillOptions, 'buyerCount' | 'cartCount' | 'stock' | 'concurrency' | 'seed'> {
  readonly shop: string;
  readonly url: string;
  readonly processes: number;
  /** Where to watch it: the shop's sale wall, with its key. */
  readonly wallUrl: string;
}

export interface SaleProgress {
  readonly elapsedMs: number;
  readonly stock: number;
  readonly buyerCount: number;
  readonly tally: Tally;
}

/** Runs a sale on a real shop with real requests, and proves from its database what came of it. */
export async function runSaleDrill(given: SaleDrillOptions): Promise<SaleReport> {
  // More at once than there are cannot be; what is told, is what is done.
  const options = { ...given, concurrency: Math.min(given.concurrency, given.buyerCount) };
  const { watch } = options;
  watch.stage('starting the shop');
  const shop = await openDrilledShop({
    ...options,
    config: withoutDemo(options.config),
    tell: (line) => watch.event(line),
  });
  let isSound = false;
  try {
    options.signal?.throwIfAborted();
    const report = await drill(options, shop);
    isSound = report.ok;
    const left = await shop.close(!isSound);
    return left === undefined ? report : { ...report, left: [...report.left, left] };
  } catch (error) {
    await shop.close(false);
    throw error;
  }
}

async function drill(options: SaleDrillOptions, shop: DrilledShop): Promise<SaleReport> {
  const { cartCount, stock, seed, victim, watch } = options;
  // Now, not in the middle of the sale, is the time to notice that a process is not ours to kill.
  const killer = victim && createKiller({ shop, victim, stock });
  const target = targetOf(shop.url);
  const admin = createAdmin(target, shop.adminToken);
  const folder = mkdtempSync(join(options.temporaryFolder, 'onrush-witness-'));
  let isSound = true;
  try {
    watch.stage('putting the goods on sale');
    const runId = Date.now().toString(36);
    const { setup, tidyUp } = await prepareSale(admin, { runId, stock, cartCount, random: createRandom(seed) });
    try {
      const { path } = await admin.call<{ path: string }>('GET', '/v1/admin/wall-link');
      const wallUrl = new URL(path, shop.url).href;
      const report = await sell(options, { shop, setup, killer, folder, target, wallUrl });
      isSound = report.ok;
      return isSound ? report : { ...report, left: [folder] };
    } finally {
      await tidyUp().catch((error: Error) => watch.event(`the drill's goods could not be hidden: ${error.message}`));
    }
  } finally {
    admin.close();
    // What the buyers wrote down is the evidence when something is missing.
    if (isSound) rmSync(folder, { recursive: true, force: true });
  }
}

async function sell(
  options: SaleDrillOptions,
  given: Scene & { readonly folder: string; readonly target: CrewJob['target'] },
): Promise<SaleReport> {
  const { buyerCount, cartCount, seed, watch } = options;
  const { shop, setup, killer } = given;
  await checkDatabase(shop.databaseUrl, setup);
  const jobs = jobsFor(options, given);
  const { tally, openedAtMs, durationMs } = await openSale(options, given, jobs);
  const deed = killer?.deed;
  if (killer !== undefined && deed === undefined) {
    throw new DrillFault(
      'The sale was over before anything could be killed. Give it more --stock or a lower --concurrency.',
    );
  }

  watch.stage('reading the database');
  const claims = gatherClaims(readWitnessBooks(jobs.map(({ witnessFile }) => witnessFile)));
  const books = await readBooks({
    databaseUrl: shop.databaseUrl,
    setup,
    claims,
    onWait: (count) => watch.stage(`waiting for ${count} payments to come to an end`),
  });
  const verdict = judge({ setup, claims, tally: tally.toJson(), buyerCount: buyerCount + cartCount, books });

  const { recoveredAtMs } = tally.toJson();
  const kill = deed && {
    process: deed.victim,
    sold: deed.unitsSold,
    outageMs: recoveredAtMs === undefined ? null : Math.round(recoveredAtMs - deed.atMs),
  };
  const behaviours = dealBehaviours(buyerCount, createRandom(seed));
  const measured = { setup, claims, verdict, tally, behaviours, openedAtMs, durationMs, kill: kill ?? null };
  const about = { seed, carts: cartCount, concurrency: options.concurrency, processes: jobs.length };
  return reportOf(measured, { ...about, shop: shop.what, url: shop.url, left: [] });
}

interface Scene {
  readonly shop: DrilledShop;
  readonly setup: SaleSetup;
  readonly killer: Killer | undefined;
  readonly wallUrl: string;
}

async function openSale(options: SaleDrillOptions, { shop, killer, wallUrl }: Scene, jobs: readonly CrewJob[]) {
  const { stock, buyerCount, cartCount, watch, signal } = options;
  const crew = await gatherCrew(jobs);
  const onAbort = () => crew.dismiss();
  signal?.addEventListener('abort', onAbort);
  try {
    signal?.throwIfAborted();
    watch.opened({ ...options, shop: shop.what, url: shop.url, processes: jobs.length, wallUrl });
    const openedAtMs = Date.now();
    const beganAtMs = performance.now();
    const tally = await crew.go((now) => {
      const deed = killer?.watch(now.toJson().unitsAcknowledged);
      if (deed !== undefined) {
        crew.tellKilled(deed.atMs);
        watch.event(`killed the ${deed.victim} process (SIGKILL)`);
      }
      const elapsedMs = performance.now() - beganAtMs;
      watch.progress({ elapsedMs, stock, buyerCount: buyerCount + cartCount, tally: now });
    });
    return { tally, openedAtMs, durationMs: performance.now() - beganAtMs };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    crew.dismiss();
  }
}

function jobsFor(
  { buyerCount, cartCount, concurrency, seed, victim }: SaleDrillOptions,
  given: { readonly target: CrewJob['target']; readonly setup: SaleSetup; readonly folder: string },
): CrewJob[] {
  // Buyers cost about as much as the shop; more processes than cores would only take turns.
  const crewSize = Math.max(1, Math.min(availableParallelism(), 8, concurrency));
  const share = (whole: number, member: number) => Math.floor(whole / crewSize) + (member < whole % crewSize ? 1 : 0);
  const cartConcurrency = cartCount > 0 ? Math.max(crewSize, Math.ceil(concurrency / 4)) : 0;
  return Array.from({ length: crewSize }, (_, member) => ({
    target: given.target,
    setup: given.setup,
    seed,
    buyerCount,
    cartCount,
    member,
    crewSize,
    concurrency: share(concurrency, member),
    cartConcurrency: share(cartConcurrency, member),
    patienceMs: 60_000,
    witnessFile: join(given.folder, `buyers-${member}.jsonl`),
    // A kill in the middle must be told of in the middle.
    reportEveryMs: victim === undefined ? 100 : 15,
  }));
}
