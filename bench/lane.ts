import pino from 'pino';
import type { Lane } from '../src/platform/batch/lane.ts';
import { surveyGroups } from '../src/platform/events/store.ts';
import { listGroups } from '../src/platform/events/store-retention.ts';
import { until } from '../src/platform/testing/until.ts';
import { openContext } from '../src/runtime/open-context.ts';
import { createPlacingLane } from '../src/services/checkout/service.ts';
import type { Quote } from '../src/services/quote/api.ts';
import { type BenchShop, startBenchShop } from './bench-shop.ts';
import { newQuotes, newVariantIds, placeBare, stockUp } from './lane-orders.ts';
import { prepareRequest, runLoad } from './load.ts';
import { describeMachine } from './machine.ts';
import { median } from './median.ts';
import { usageOf } from './process-usage.ts';
import type { PurchaseOptions } from './purchase-journey.ts';
import type { BenchOptions, BenchReport, Figure } from './report.ts';

const batchSize = 512;
// Twice what a batch holds: while one batch commits the next one gathers.
const connectionsOverHttp = 1024;
const variantCount = 50_000;
const restMsMax = 180_000;

/**
 * The order lane against its bare limit, in one run: bare, in process and through HTTP are measured in turns, so that a
 * slow minute of the machine falls on all of them; the medians of the rounds are compared.
 */
export async function run({ isQuick }: BenchOptions): Promise<BenchReport> {
  const orderCount = isQuick ? 5_000 : 40_000;
  const roundCount = isQuick ? 1 : 3;
  await using shop = await startBenchShop();
  const groups = (await listGroups(shop.database)).map(({ group }) => group);
  /** Until all that follows from the orders so far is done: what is measured next is not to pay for them. */
  const rest = () =>
    until(
      async () => {
        const surveys = await surveyGroups(shop.database, groups);
        return surveys.every(({ pendingSinceMs }) => pendingSinceMs === undefined);
      },
      { timeoutMs: restMsMax, what: 'the shop has caught up' },
    );
  const ctx = await openContext({
    config: shop.config,
    databaseUrl: shop.databaseUrl,
    processName: 'bench',
    logDestination: pino.destination(2),
    poolMax: 4,
  });
  const lane = createPlacingLane(ctx);
  const [hot = ''] = newVariantIds(1);
  const many = newVariantIds(variantCount);
  await stockUp(ctx.database, [hot, ...many]);

  const purchases = await purchaseFigures(shop, isQuick);
  const rates = new Map<string, number[]>();
  const measure = async (name: string, count: number, work: () => Promise<void>) => {
    const startedAt = performance.now();
    await work();
    const perSecond = (count / (performance.now() - startedAt)) * 1000;
    rates.set(name, [...(rates.get(name) ?? []), perSecond]);
    progress(name, perSecond);
  };
  for (let round = 0; round < roundCount; round++) {
    for (const [variants, label] of [
      [[hot], 'one hot variant'],
      [many, '50,000 variants'],
    ] as const) {
      const bare = newQuotes(orderCount, variants);
      await measure(`bare, ${label}`, orderCount, () => placeBare(ctx, bare, batchSize));
      const quotes = newQuotes(orderCount, variants);
      await measure(`lane in process, ${label}`, orderCount, () => placeInProcess(lane, quotes));
      const requests = orderRequests(signAll(shop, newQuotes(orderCount, variants)));
      await measure(`lane through HTTP, ${label}`, orderCount, () =>
        placeOverHttp(shop, requests, connectionsOverHttp),
      );
    }
  }

  await rest();
  const figures = [
    ...laneFigures(rates),
    ...(await loneOrderFigures(shop, ctx, lane, hot)),
    ...purchases,
    ...memoryFigures(shop),
    ...(await flatnessFigures(shop, hot, { isQuick, rest })),
  ];
  const machine = await describeMachine(ctx.database);
  await ctx.events.stop();
  await ctx.close();
  return { bench: 'lane', machine, figures };
}

type PlacingLane = Lane<{ readonly quote: Quote }, { readonly kind: string }>;

/** Twice as many callers as a batch holds: the lane always has a next batch to gather. */
async function placeInProcess(lane: PlacingLane, quotes: readonly Quote[]): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: batchSize * 2 }, async () => {
      for (let quote = quotes[next++]; quote !== undefined; quote = quotes[next++]) {
        const { kind } = await lane.submit({ quote });
        if (kind !== 'placed') throw new Error(`an order was answered ${kind}`);
      }
    }),
  );
}

async function placeOverHttp(shop: BenchShop, requests: readonly Buffer[], connections: number): Promise<void> {
  const result = await runLoad({ host: shop.host, port: shop.port, connections, requests: { prepared: requests } });
  const placed = result.statuses['201'] ?? 0;
  if (placed !== requests.length) {
    throw new Error(`${placed} of ${requests.length} orders were placed: ${JSON.stringify(result)}`);
  }
}

function signAll(shop: BenchShop, quotes: readonly Quote[]): string[] {
  return quotes.map((quote) => shop.signer.sign('quote', quote));
}

function orderRequests(tokens: readonly string[]): Buffer[] {
  return tokens.map((quote) => prepareRequest({ method: 'POST', path: '/v1/orders', body: { quote } }));
}

function laneFigures(rates: ReadonlyMap<string, readonly number[]>): Figure[] {
  return ['one hot variant', '50,000 variants'].flatMap((label) => {
    const bare = median(rates.get(`bare, ${label}`) ?? []);
    const inProcess = median(rates.get(`lane in process, ${label}`) ?? []);
    const overHttp = median(rates.get(`lane through HTTP, ${label}`) ?? []);
    return [
      { name: `bare limit, ${label}`, value: bare, unit: 'orders/s' },
      toReach({ name: `lane in process, ${label}`, value: inProcess, unit: 'orders/s' }, bare, 'bare', 0.85),
      toReach({ name: `lane through HTTP, ${label}`, value: overHttp, unit: 'orders/s' }, bare, 'bare', 0.45),
    ];
  });
}

/** A lone order with nobody else about, against a bare commit of the same order: how much the lane adds when idle. */
async function loneOrderFigures(
  shop: BenchShop,
  ctx: Parameters<typeof placeBare>[0],
  lane: PlacingLane,
  variantId: string,
): Promise<Figure[]> {
  const count = 300;
  const bareMs = await medianMs(newQuotes(count, [variantId]), (quote) => placeBare(ctx, [quote], 1));
  const inProcessMs = await medianMs(newQuotes(count, [variantId]), (quote) => placeInProcess(lane, [quote]));
  const result = await runLoad({
    host: shop.host,
    port: shop.port,
    connections: 1,
    requests: { prepared: orderRequests(signAll(shop, newQuotes(count, [variantId]))) },
  });
  const atMost = (name: string, value: number): Figure => ({
    name,
    value,
    unit: 'ms',
    ratio: value / bareMs,
    ratioTo: 'bare',
    target: '≤ 200 %',
    isReached: value <= 2 * bareMs,
  });
  return [
    { name: 'one bare commit of one order, median', value: bareMs, unit: 'ms' },
    atMost('a lone order in process, median', inProcessMs),
    atMost('a lone order through HTTP, median', result.p50Ms),
  ];
}

async function purchaseFigures(shop: BenchShop, isQuick: boolean): Promise<Figure[]> {
  const variantId = await putBenchProduct(shop);
  const connections = 512;
  const figures: Figure[] = [];
  for (const [flow, calls, name, target] of [
    ['buy-now', 3, 'complete purchases (quote, order, payment)', 2_500],
    ['long-way', 7, 'the long way (7 calls)', 1_000],
  ] as const) {
    const requests = (count: number) => ({
      module: new URL('./purchase-journey.ts', import.meta.url).href,
      options: { flow, variantId, count } satisfies PurchaseOptions,
    });
    const rounds: number[] = [];
    // The first round warms up code that no order has run through yet.
    for (const count of isQuick ? [4] : [8, 16, 16, 16]) {
      const result = await runLoad({ host: shop.host, port: shop.port, connections, requests: requests(count) });
      if (result.errors > 0) throw new Error(`purchases failed: ${JSON.stringify(result)}`);
      rounds.push(result.perSecond / calls);
      progress(name, result.perSecond / calls);
    }
    const value = median(rounds.length > 1 ? rounds.slice(1) : rounds);
    figures.push({
      name,
      value,
      unit: 'purchases/s',
      target: `≥ ${target.toLocaleString('en')}/s`,
      isReached: value >= target,
    });
  }
  return figures;
}

function memoryFigures(shop: BenchShop): Figure[] {
  const usage = usageOf(shop.app.identity.pid);
  if (usage === undefined) return [];
  const name = "the shop's process, peak memory";
  return [{ name, value: usage.peakRssMb, unit: 'MB', target: '≤ 300 MB', isReached: usage.peakRssMb <= 300 }];
}

/** CPU of server and database per order, from one buyer at a time to ten thousand. More buyers must not cost more each. */
async function flatnessFigures(
  shop: BenchShop,
  variantId: string,
  { isQuick, rest }: { isQuick: boolean; rest: () => Promise<void> },
): Promise<Figure[]> {
  const figures: Figure[] = [];
  let leastUs = Number.POSITIVE_INFINITY;
  for (const buyersAtOnce of isQuick ? [1, 100] : [1, 10, 100, 1_000, 10_000]) {
    const count = Math.max(buyersAtOnce * 4, buyersAtOnce === 1 ? 1_000 : 10_000);
    const requests = orderRequests(signAll(shop, newQuotes(count, [variantId])));
    await rest();
    const before = cpuMsOf(shop);
    await placeOverHttp(shop, requests, buyersAtOnce);
    await rest();
    const after = cpuMsOf(shop);
    if (before === undefined || after === undefined) return [];
    const perOrderUs = ((after - before) / count) * 1000;
    leastUs = Math.min(leastUs, perOrderUs);
    const label = buyersAtOnce.toLocaleString('en');
    figures.push({
      name: `CPU per order, ${label} buyers at once`,
      value: perOrderUs,
      unit: 'µs',
      ...(buyersAtOnce >= 1_000 && {
        ratio: perOrderUs / leastUs,
        ratioTo: 'the least',
        target: '≤ 125 %',
        isReached: perOrderUs <= 1.25 * leastUs,
      }),
    });
  }
  return figures;
}

function cpuMsOf(shop: BenchShop): number | undefined {
  const server = usageOf(shop.app.identity.pid);
  const database = usageOf(shop.postgresPid);
  return server && database && server.cpuMs + database.cpuMs;
}

async function putBenchProduct(shop: BenchShop): Promise<string> {
  const send = async (method: string, path: string, body: object): Promise<unknown> => {
    const response = await fetch(`http://${shop.host}:${shop.port}${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${shop.adminToken}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const prices = [{ currency: shop.config.shop.currency, amountMinor: 4900 }];
  const product = {
    slug: 'bench-lantern',
    title: 'Bench lantern',
    state: 'published',
    variants: [{ sku: 'BENCH-1', prices }],
  };
  const put = (await send('PUT', '/v1/admin/products', { products: [product] })) as {
    results: { variants: { variantId: string }[] }[];
  };
  const variantId = put.results[0]?.variants[0]?.variantId ?? '';
  await send('PUT', '/v1/admin/stock/levels', { levels: [{ variantId, onHand: 1_000_000 }] });
  return variantId;
}

function toReach(figure: Figure, limit: number, ratioTo: string, target: number): Figure {
  const ratio = figure.value / limit;
  return { ...figure, ratio, ratioTo, target: `≥ ${target * 100} %`, isReached: ratio >= target };
}

async function medianMs<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<number> {
  const durations: number[] = [];
  for (const item of items) {
    const startedAt = performance.now();
    await work(item);
    durations.push(performance.now() - startedAt);
  }
  return median(durations);
}

function progress(name: string, perSecond: number): void {
  if (process.stderr.isTTY) console.error(`  ${name}: ${Math.round(perSecond).toLocaleString('en')}/s`);
}
