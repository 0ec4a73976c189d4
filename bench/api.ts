import { bareAnswerOf, startBare } from './bare.ts';
import { type BenchShop, startBenchShop } from './bench-shop.ts';
import { type LoadResult, prepareRequest, runLoad } from './load.ts';
import { describeMachine } from './machine.ts';
import { median } from './median.ts';
import { usageOf } from './process-usage.ts';
import type { BenchOptions, BenchReport, Figure } from './report.ts';

const connections = 64;

/**
 * A product read that the response cache answers, after the limits that stand before it, against a bare
 * Fastify route that sends the same bytes. Both run in turns, each round against the one beside it, so that a slow minute
 * of the machine falls on both.
 */
export async function run({ isQuick }: BenchOptions): Promise<BenchReport> {
  const roundCount = isQuick ? 1 : 5;
  const durationMs = isQuick ? 1000 : 4000;
  await using shop = await startBenchShop();
  const path = await anyProduct(shop);
  const answer = await bareAnswerOf(`http://${shop.host}:${shop.port}`, path);
  const bare = await startBare(answer);
  const machine = await describeMachine(shop.database);
  try {
    const ours = { host: shop.host, port: shop.port, pid: shop.app.identity.pid };
    const theirs = { host: '127.0.0.1', port: bare.port, pid: bare.child.pid ?? 0 };
    // Compiled and cached before anything counts.
    for (const server of [ours, theirs]) await measure(server, path, isQuick ? 1000 : 3000);
    const rounds: { ours: Measured; bare: Measured }[] = [];
    for (let round = 0; round < roundCount; round++) {
      const measuredBare = await measure(theirs, path, durationMs);
      const measuredOurs = await measure(ours, path, durationMs);
      rounds.push({ ours: measuredOurs, bare: measuredBare });
      progress(measuredOurs, measuredBare);
    }
    const bytes = Buffer.byteLength(answer.body);
    return {
      bench: 'api',
      machine,
      figures: figuresOf(rounds),
      notes: [`${path}: ${bytes} bytes of JSON, ${connections} connections.`],
    };
  } finally {
    bare.child.disconnect();
  }
}

interface Measured extends LoadResult {
  /** CPU of the server for one request, where the system tells. */
  readonly cpuUsPerRequest: number | undefined;
}

interface MeasuredServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
}

async function measure({ host, port, pid }: MeasuredServer, path: string, durationMs: number): Promise<Measured> {
  const prepared = [prepareRequest({ method: 'GET', path })];
  const before = usageOf(pid)?.cpuMs;
  const result = await runLoad({ host, port, connections, durationMs, requests: { prepared, isRepeated: true } });
  const after = usageOf(pid)?.cpuMs;
  if (result.errors > 0 || result.statuses['200'] !== result.count) {
    throw new Error(`${path} was not answered with 200 each time: ${JSON.stringify(result)}`);
  }
  const cpuMs = before === undefined || after === undefined ? undefined : after - before;
  return { ...result, cpuUsPerRequest: cpuMs === undefined ? undefined : (cpuMs * 1000) / result.count };
}

function figuresOf(rounds: readonly { ours: Measured; bare: Measured }[]): Figure[] {
  const of = (which: 'ours' | 'bare', read: (measured: Measured) => number) =>
    median(rounds.map((round) => read(round[which])));
  const ratio = median(rounds.map(({ ours, bare }) => ours.perSecond / bare.perSecond));
  const figures: Figure[] = [
    { name: 'bare Fastify route, the same bytes', value: of('bare', (each) => each.perSecond), unit: 'requests/s' },
    {
      name: 'product read from the response cache',
      value: of('ours', (each) => each.perSecond),
      unit: 'requests/s',
      ratio,
      ratioTo: 'bare',
      target: '≥ 60 %',
      isReached: ratio >= 0.6,
    },
    { name: 'product read, median', value: of('ours', (each) => each.p50Ms), unit: 'ms' },
    { name: 'product read, p99', value: of('ours', (each) => each.p99Ms), unit: 'ms' },
  ];
  const cpu = (which: 'ours' | 'bare') => of(which, (each) => each.cpuUsPerRequest ?? Number.NaN);
  if (!Number.isNaN(cpu('ours'))) {
    const cpuRatio = cpu('bare') / cpu('ours');
    figures.push(
      { name: 'CPU of the bare route', value: cpu('bare'), unit: 'µs/request' },
      {
        name: 'CPU of the product read',
        value: cpu('ours'),
        unit: 'µs/request',
        ratio: cpuRatio,
        ratioTo: 'bare, by CPU',
      },
    );
  }
  return figures;
}

/** The path of some product of the demo catalogue. */
async function anyProduct(shop: BenchShop): Promise<string> {
  const response = await fetch(`http://${shop.host}:${shop.port}/v1/products?limit=1`);
  const { items } = (await response.json()) as { items: { slug: string }[] };
  if (items[0] === undefined) throw new Error('The shop has no products to read.');
  return `/v1/products/${items[0].slug}`;
}

function progress(ours: Measured, bare: Measured): void {
  if (!process.stderr.isTTY) return;
  const percent = Math.round((ours.perSecond / bare.perSecond) * 100);
  process.stderr.write(`  ${Math.round(ours.perSecond)} of ${Math.round(bare.perSecond)} requests/s: ${percent} %\n`);
}
