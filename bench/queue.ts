import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pino from 'pino';
import { createWaitingRoom } from '../src/edge/waiting-room/service.ts';
import { connectInProcess } from '../src/platform/api/in-process.ts';
import { isProblem } from '../src/platform/api/problem.ts';
import { createCache } from '../src/platform/cache/create-cache.ts';
import { newId, randomBucket } from '../src/platform/database/id.ts';
import { createEvents } from '../src/platform/events/events.ts';
import { createJobs } from '../src/platform/jobs/jobs.ts';
import { createLog } from '../src/platform/telemetry/log.ts';
import { createMetrics } from '../src/platform/telemetry/metrics.ts';
import { createCheckout } from '../src/services/checkout/service.ts';
import { createPromotion } from '../src/services/promotion/service.ts';
import { bareAnswerOf, startBare } from './bare.ts';
import { type BenchShop, startBenchShop } from './bench-shop.ts';
import { type LoadResult, prepareRequest, runLoad } from './load.ts';
import { describeMachine } from './machine.ts';
import { median } from './median.ts';
import { usageOf } from './process-usage.ts';
import type { BenchOptions, BenchReport, Figure } from './report.ts';

const connections = 64;

/**
 * What waiting costs: a poll of a ticket through all of the shop, against a bare Fastify route that sends the same bytes to the
 * same requests, in turns; and in process, without HTTP, a million tickets given out on the database and 200,000 waiters who
 * ask about theirs, with what the room holds in memory for them.
 */
export async function run({ isQuick }: BenchOptions): Promise<BenchReport> {
  await using shop = await startBenchShop();
  const machine = await describeMachine(shop.database);
  const polls = await measurePolls(shop, isQuick);
  const queue = await measureQueue(shop, isQuick ? 50_000 : 1_000_000, isQuick ? 10_000 : 200_000);
  return {
    bench: 'queue',
    machine,
    figures: [...polls, ...queue],
    notes: [
      `Polls: ${connections} connections, each with a ticket of its own, which is signed anew in each answer. In process: tickets are given out ${inFlight} at a time.`,
    ],
  };
}

async function measurePolls(shop: BenchShop, isQuick: boolean): Promise<Figure[]> {
  const base = `http://${shop.host}:${shop.port}`;
  const roomId = newId(randomBucket(), Date.now());
  // Nobody is called: everyone waits in line, which is what almost every poll is about.
  const room = { name: 'Bench', switchedBy: 'hand', isOn: true, pacePerSMax: 0.1 };
  const headers = { authorization: `Bearer ${shop.adminToken}`, 'content-type': 'application/json' };
  await expectOk(fetch(`${base}/v1/waiting-rooms/${roomId}`, { method: 'PUT', headers, body: JSON.stringify(room) }));
  await new Promise((resolve) => setTimeout(resolve, 600));
  const path = `/v1/waiting-rooms/${roomId}/ticket`;
  const tickets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const response = await expectOk(
        fetch(`${base}/v1/waiting-rooms/${roomId}/tickets`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        }),
      );
      return ((await response.json()) as { ticket: string }).ticket;
    }),
  );
  const ofPrograms = tickets.map((ticket) =>
    prepareRequest({ method: 'GET', path, headers: { authorization: `Bearer ${ticket}` } }),
  );
  // What the script of the waiting page sends.
  const ofBrowsers = tickets.map((ticket) =>
    prepareRequest({
      method: 'GET',
      path: `/waiting-room/${roomId}?to=%2Fcart`,
      headers: { accept: 'application/json', cookie: `onrush_ticket_${roomId}=${startAhead}~${ticket}` },
    }),
  );
  const bare = await startBare(await bareAnswerOf(base, path, { authorization: `Bearer ${tickets[0]}` }));
  try {
    const pid = shop.app.identity.pid;
    const program = { port: shop.port, pid, prepared: ofPrograms };
    const browser = { port: shop.port, pid, prepared: ofBrowsers };
    const theirs = { port: bare.port, pid: bare.child.pid ?? 0, prepared: ofPrograms };
    const measure = async ({ port, pid, prepared }: typeof program, durationMs: number) => {
      const before = usageOf(pid)?.cpuMs ?? Number.NaN;
      const requests = { prepared, isRepeated: true };
      const result = await runLoad({ host: shop.host, port, connections, durationMs, requests });
      if (result.errors > 0 || result.statuses['200'] !== result.count) throw new Error(JSON.stringify(result));
      return { ...result, cpuUs: (((usageOf(pid)?.cpuMs ?? Number.NaN) - before) * 1000) / result.count };
    };
    for (const server of [program, browser, theirs]) await measure(server, isQuick ? 1000 : 2000);
    const rounds = [];
    for (let round = 0; round < (isQuick ? 1 : 5); round++) {
      const durationMs = isQuick ? 1000 : 3000;
      rounds.push({
        bare: await measure(theirs, durationMs),
        program: await measure(program, durationMs),
        browser: await measure(browser, durationMs),
      });
    }
    return pollFigures(rounds);
  } finally {
    bare.child.disconnect();
  }
}

type Measured = LoadResult & { readonly cpuUs: number };
type Which = 'bare' | 'program' | 'browser';

function pollFigures(rounds: readonly Readonly<Record<Which, Measured>>[]): Figure[] {
  const of = (which: Which, read: (measured: Measured) => number) => median(rounds.map((round) => read(round[which])));
  const ratioOf = (which: Which) => median(rounds.map((round) => round[which].perSecond / round.bare.perSecond));
  const cpuOf = (which: Which) => of(which, ({ cpuUs }) => cpuUs);
  const ratio = ratioOf('program');
  return [
    { name: 'bare Fastify route, the same bytes', value: of('bare', ({ perSecond }) => perSecond), unit: 'requests/s' },
    {
      name: 'poll of a ticket',
      value: of('program', ({ perSecond }) => perSecond),
      unit: 'requests/s',
      ratio,
      ratioTo: 'bare',
      target: '≥ 60 %',
      isReached: ratio >= 0.6,
    },
    { name: 'poll, p99', value: of('program', ({ p99Ms }) => p99Ms), unit: 'ms' },
    {
      name: 'poll of the page’s script',
      value: of('browser', ({ perSecond }) => perSecond),
      unit: 'requests/s',
      ratio: ratioOf('browser'),
      ratioTo: 'bare',
    },
    { name: 'CPU of the bare route', value: cpuOf('bare'), unit: 'µs/request' },
    ...(['program', 'browser'] as const).map((which) => ({
      name: which === 'program' ? 'CPU of a poll' : 'CPU of a poll of the page’s script',
      value: cpuOf(which),
      unit: 'µs/request',
      ratio: cpuOf('bare') / cpuOf(which),
      ratioTo: 'bare, by CPU',
    })),
  ];
}

/** How many were ahead of who polls when he came, as his cookie says: where the bar begins, no more. */
const startAhead = 5_000;

/** How many ask for a ticket at once. */
const inFlight = 5_000;

async function measureQueue(shop: BenchShop, ticketCount: number, waiterCount: number): Promise<Figure[]> {
  const room = openRoom(shop);
  const { client, service } = room;
  const nowMs = Date.now();
  const roomId = newId(randomBucket(), nowMs);
  const body = {
    name: 'Bench of many',
    switchedBy: 'schedule' as const,
    saleId: await newSale(room, nowMs),
    queueFromMs: nowMs - 1000,
    opensAtMs: nowMs + 3_600_000,
  };
  const put = await client.putRoom({ params: { roomId }, body });
  if (isProblem(put)) throw new Error(JSON.stringify(put));
  await service.start?.();
  try {
    const take = async () => {
      const reply = await client.takeTicket({ params: { roomId }, body: {} });
      if (isProblem(reply)) throw new Error(JSON.stringify(reply));
      return reply.body.ticket;
    };
    const heapBefore = heapMb();
    const issuedAt = performance.now();
    await inParallel(ticketCount - waiterCount, take);
    const issuedMs = performance.now() - issuedAt;
    const heapOfRoom = heapMb() - heapBefore;

    const tickets: string[] = [];
    await inParallel(waiterCount, async () => void tickets.push(await take()));
    // The opening: every one of the million has a place, worked out as it is asked for.
    const opened = await client.putRoom({ params: { roomId }, body: { ...body, opensAtMs: nowMs, pacePerSMax: 0.1 } });
    if (isProblem(opened)) throw new Error(JSON.stringify(opened));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const look = async (index: number) => {
      const reply = await client.getTicket({ params: { roomId } }, { credential: tickets[index] ?? '' });
      if (isProblem(reply)) throw new Error(JSON.stringify(reply));
      tickets[index] = reply.body.ticket;
      return reply.body.place;
    };
    const places = new Set<number | undefined>();
    const firstMs = await timed(async () => {
      for (let index = 0; index < waiterCount; index++) places.add(await look(index));
    });
    if (places.size !== waiterCount) throw new Error(`${waiterCount} waiters have ${places.size} places`);
    places.clear();
    const heapWaiting = heapMb();
    const againMs = await timed(async () => {
      for (let index = 0; index < waiterCount; index++) await look(index);
    });
    const heapOfPolls = heapMb() - heapWaiting;
    return [
      {
        name: 'tickets given out, in process',
        value: ((ticketCount - waiterCount) / issuedMs) * 1000,
        unit: 'tickets/s',
      },
      {
        name: 'what a room holds in memory for them',
        value: Math.max(0, heapOfRoom),
        unit: `MB for ${ticketCount - waiterCount}`,
      },
      { name: 'first poll after the lot, in process', value: (waiterCount / firstMs) * 1000, unit: 'polls/s' },
      { name: 'every poll after it, in process', value: (waiterCount / againMs) * 1000, unit: 'polls/s' },
      { name: 'what it holds for those who poll', value: Math.max(0, heapOfPolls), unit: `MB for ${waiterCount}` },
    ];
  } finally {
    await service.stop?.();
    await room.close();
  }
}

/** The room as the shop's process has it, here, on the shop's database. */
function openRoom({ database, signer, config }: BenchShop) {
  const clock = { nowMs: () => Date.now() };
  const log = createLog({ level: 'warn', destination: pino.destination(2), clock });
  const metrics = createMetrics({ withProcess: false });
  const ctx = {
    clock,
    log,
    metrics,
    database,
    signer,
    events: createEvents({ database, clock, log, metrics }),
    jobs: createJobs({ database, clock, log, metrics }),
    cache: createCache({ clock, log, metrics }),
    shop: config.shop,
  };
  const checkout = connectInProcess(createCheckout(ctx));
  const promotion = connectInProcess(createPromotion(ctx, { checkout }));
  const load = () => ({ utilisation: 0, coreShedPerS: 0 });
  const service = createWaitingRoom(ctx, { checkout, promotion }, { load });
  return { service, client: connectInProcess(service), promotion, close: () => ctx.cache.close() };
}

async function newSale({ promotion }: ReturnType<typeof openRoom>, nowMs: number): Promise<string> {
  const items = [{ variantId: newId(randomBucket(), nowMs), currency: 'USD', amountMinor: 100 }];
  const body = { name: 'Bench', startsAtMs: nowMs, endsAtMs: nowMs + 7_200_000, items };
  const reply = await promotion.createSale({ body });
  if (isProblem(reply)) throw new Error(JSON.stringify(reply));
  return reply.body.saleId;
}

async function inParallel(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** What is alive: after a collection, without what only waits for one. */
function heapMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

async function expectOk(asked: Promise<Response>): Promise<Response> {
  const response = await asked;
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return response;
}
