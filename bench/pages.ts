import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { sql } from '../src/platform/database/sql.ts';
import { type BenchShop, startBenchShop } from './bench-shop.ts';
import { type LoadResult, prepareRequest, runLoad } from './load.ts';
import { describeMachine } from './machine.ts';
import { median } from './median.ts';
import { nginxVersion, startNginx } from './nginx.ts';
import { rssMbOfTree, usageOf } from './process-usage.ts';
import type { BenchOptions, BenchReport, Figure } from './report.ts';
import { syntheticProducts } from './synthetic-products.ts';

const connections = 64;
const acceptEncoding = 'gzip, deflate, br, zstd';

/**
 * A product page from the page store against nginx with one worker, which sends the same bytes with the same headers from a
 * file, in turns. Then a whole catalogue's pages, built by `onrush pages build` as a user runs it.
 */
export async function run({ isQuick, productCount }: BenchOptions): Promise<BenchReport> {
  const figures: Figure[] = [];
  const notes: string[] = [];
  let machine: object;
  {
    await using shop = await startBenchShop();
    machine = await describeMachine(shop.database);
    figures.push(...(await views(shop, isQuick, notes)));
  }
  figures.push(...(await build(productCount ?? (isQuick ? 2_000 : 50_000))));
  return { bench: 'pages', machine, figures, notes };
}

interface Measured extends LoadResult {
  readonly cpuUsPerView: number;
}

async function views(shop: BenchShop, isQuick: boolean, notes: string[]): Promise<Figure[]> {
  const roundCount = isQuick ? 1 : 5;
  const durationMs = isQuick ? 1_000 : 4_000;
  const path = await anyProductPage(shop);
  const page = await pageOf(shop, path);
  const ours = { port: shop.port, pid: shop.app.identity.pid };
  await measure(ours, path, isQuick ? 500 : 3_000);
  const queries = await queriesPerView(shop, path, durationMs);
  if (nginxVersion() === undefined) {
    notes.push('nginx is not here, so there is nothing to compare with: apt-get install nginx');
    const alone = await measure(ours, path, durationMs);
    return [{ name: 'product page', value: alone.perSecond, unit: 'views/s' }, queries];
  }
  await using nginx = await startNginx({ path, ...page });
  await measure(nginx, path, isQuick ? 500 : 1_000);
  const rounds: { ours: Measured; nginx: Measured }[] = [];
  for (let round = 0; round < roundCount; round++) {
    rounds.push({ nginx: await measure(nginx, path, durationMs), ours: await measure(ours, path, durationMs) });
  }
  notes.push(`${path}: ${page.bytes.length} bytes of brotli, ${connections} connections, ${nginx.version}.`);
  return [...viewFigures(rounds), queries];
}

function viewFigures(rounds: readonly { ours: Measured; nginx: Measured }[]): Figure[] {
  const of = (which: 'ours' | 'nginx', read: (measured: Measured) => number) =>
    median(rounds.map((round) => read(round[which])));
  const ratio = median(rounds.map(({ ours, nginx }) => ours.perSecond / nginx.perSecond));
  const cpuRatio = of('nginx', (each) => each.cpuUsPerView) / of('ours', (each) => each.cpuUsPerView);
  return [
    { name: 'nginx, the same bytes from disk', value: of('nginx', (each) => each.perSecond), unit: 'views/s' },
    {
      name: 'product page from the page store',
      value: of('ours', (each) => each.perSecond),
      unit: 'views/s',
      ratio,
      ratioTo: 'nginx',
      target: '≥ 80 %',
      isReached: ratio >= 0.8,
    },
    { name: 'product page, median', value: of('ours', (each) => each.p50Ms), unit: 'ms' },
    { name: 'product page, p99', value: of('ours', (each) => each.p99Ms), unit: 'ms' },
    { name: 'CPU of nginx', value: of('nginx', (each) => each.cpuUsPerView), unit: 'µs/view' },
    {
      name: 'CPU of the page store',
      value: of('ours', (each) => each.cpuUsPerView),
      unit: 'µs/view',
      ratio: cpuRatio,
      ratioTo: 'nginx, by CPU',
    },
  ];
}

async function measure(server: { port: number; pid: number }, path: string, durationMs: number): Promise<Measured> {
  const prepared = [prepareRequest({ method: 'GET', path, headers: { 'accept-encoding': acceptEncoding } })];
  const before = usageOf(server.pid)?.cpuMs ?? Number.NaN;
  const result = await runLoad({
    host: '127.0.0.1',
    port: server.port,
    connections,
    durationMs,
    requests: { prepared, isRepeated: true },
  });
  const cpuMs = (usageOf(server.pid)?.cpuMs ?? Number.NaN) - before;
  if (result.errors > 0 || result.statuses['200'] !== result.count) {
    throw new Error(`${path} was not answered with 200 each time: ${JSON.stringify(result)}`);
  }
  return { ...result, cpuUsPerView: (cpuMs * 1000) / result.count };
}

/** What PostgreSQL counts while pages are looked at, less what the shop asks by itself in the same time. */
async function queriesPerView(shop: BenchShop, path: string, durationMs: number): Promise<Figure> {
  const idleFrom = await transactions(shop);
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const from = await transactions(shop);
  const { count } = await measure({ port: shop.port, pid: shop.app.identity.pid }, path, durationMs);
  const to = await transactions(shop);
  const value = Math.max(0, to - from - (from - idleFrom)) / count;
  const rounded = Number(value.toFixed(2));
  return { name: 'database transactions of a view', value: rounded, unit: '', target: '0', isReached: rounded === 0 };
}

async function transactions(shop: BenchShop): Promise<number> {
  // Sessions tell what they have done at most once a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const { rows } = await sql<{ count: number }>`
    select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()`.execute(
    shop.database,
  );
  return rows[0]?.count ?? 0;
}

async function anyProductPage(shop: BenchShop): Promise<string> {
  const response = await fetch(`http://${shop.host}:${shop.port}/v1/products?limit=1`);
  const { items } = (await response.json()) as { items: { slug: string }[] };
  if (items[0] === undefined) throw new Error('The shop has no products to show.');
  return `/products/${items[0].slug}`;
}

/** As it is sent: fetch would unpack it. */
function pageOf({ port }: BenchShop, path: string): Promise<{ bytes: Buffer; headers: [string, string][] }> {
  return new Promise((resolve, reject) => {
    const asking = request({ port, path, headers: { 'accept-encoding': acceptEncoding } }, async (answer) => {
      const bytes = Buffer.concat(await Array.fromAsync(answer as AsyncIterable<Buffer>));
      const own = new Set(['date', 'connection', 'keep-alive', 'content-length']);
      const headers = Object.entries(answer.headers).filter(([name]) => !own.has(name)) as [string, string][];
      resolve({ bytes, headers });
    });
    asking.on('error', reject).end();
  });
}

const onrush = fileURLToPath(new URL('../bin/onrush.mjs', import.meta.url));
const buildWithinS = 180;

async function build(productCount: number): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'onrush-bench-'));
  // Started by root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(dir, 0o711);
  try {
    const file = join(dir, 'products.jsonl');
    await pipeline(withLineEnds(syntheticProducts(productCount)), createWriteStream(file));
    const env = { ...process.env, ONRUSH_HOME: join(dir, 'home') };
    await command(['import', file], env);
    const startedAtMs = performance.now();
    const { output, peakRssMb } = await command(['pages', 'build', '--json'], env);
    const seconds = (performance.now() - startedAtMs) / 1000;
    const { builtCount, pagesPerSecond } = JSON.parse(output) as { builtCount: number; pagesPerSecond: number };
    const wanted = (buildWithinS * productCount) / 50_000;
    return [
      { name: `pages built, of ${productCount.toLocaleString('en')} products`, value: builtCount, unit: 'pages' },
      { name: 'building them', value: pagesPerSecond, unit: 'pages/s' },
      {
        name: 'from the command to its end',
        value: seconds,
        unit: 's',
        target: `< ${wanted.toFixed(0)} s`,
        isReached: seconds < wanted,
      },
      { name: 'peak memory, all of its processes but PostgreSQL', value: peakRssMb, unit: 'MB' },
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function command(args: string[], env: NodeJS.ProcessEnv): Promise<{ output: string; peakRssMb: number }> {
  const child = spawn(process.execPath, [onrush, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  let peakRssMb = 0;
  const watch = setInterval(() => {
    peakRssMb = Math.max(peakRssMb, rssMbOfTree(child.pid ?? 0, 'node'));
  }, 500);
  const [code] = await once(child, 'close');
  clearInterval(watch);
  if (code !== 0) throw new Error(`onrush ${args.join(' ')} ended with ${code}.`);
  return { output, peakRssMb };
}

function* withLineEnds(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}
