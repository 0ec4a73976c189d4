import type { Client, StreamEvent } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import type { Context } from '../../platform/context/context.ts';
import type { catalogApi } from '../catalog/api.ts';
import type { checkoutApi } from '../checkout/api.ts';
import type { HotVariant, Pulse } from './api.ts';
import { Board, decideSince, hotVariantIds, memoryMs, pulseSecond } from './board.ts';
import { createBroadcast } from './broadcast.ts';
import { createReadings, type Reading, type Readings } from './readings.ts';
import { type Second, secondOf } from './second.ts';
import {
  loadChangedSeconds,
  loadFoldNo,
  loadSales,
  loadSeconds,
  loadTotals,
  type SaleRow,
  writeReading,
} from './store.ts';
import type { Titles } from './titles.ts';

export type LiveContext = Pick<Context, 'clock' | 'log' | 'metrics' | 'database'>;

export interface Peers {
  readonly checkout: Pick<Client<typeof checkoutApi>, 'getAllotments'>;
  readonly catalog: Pick<Client<typeof catalogApi>, 'getVariants'>;
}

export interface Live {
  /** The figures now; of what was worked out within this second, no second time. */
  current(): Promise<Pulse>;
  follow(signal: AbortSignal | undefined): AsyncGenerator<StreamEvent>;
  stop(): Promise<void>;
}

/** Resolves when the next figures are due, or when the signal is aborted. */
export type Pace = (signal: AbortSignal) => Promise<void>;

/** What is remembered from one second to the next. */
interface Memory {
  readonly readings: Readings;
  board: Board | undefined;
  foldNo: number;
  computedAtMs: number;
}

interface Computed {
  readonly figures: Omit<Pulse, 'seconds'>;
  readonly board: Board;
  readonly changed: readonly Second[];
  readonly reading: Reading;
}

// Older than that, what is remembered helps little.
const rememberedMs = 60_000;
const daysMs = 24 * 3_600_000;
const salesMax = 20;

/** The figures of the shop, worked out once a second for all who watch, and not at all while nobody does. */
export function createLive(ctx: LiveContext, peers: Peers & { titles: Titles }, pace: Pace = secondsOf(ctx)): Live {
  const computations = ctx.metrics.counter('onrush_pulse_computations_total', 'Times the wall was worked out.');
  const serialisations = ctx.metrics.counter('onrush_pulse_serialisations_total', 'Frames of the wall written.');
  let memory: Memory | undefined;
  let latest: { readonly pulse: () => Pulse; readonly computedAtMs: number } | undefined;
  let computing: Promise<Computed> | undefined;
  let ticking: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  const broadcast = createBroadcast({
    first() {
      const stop = new AbortController();
      // Whoever came and went a moment ago may have left a round in its middle: two would work side by side.
      const ended = Promise.resolve(ticking?.ended).then(() => tick(stop.signal));
      ticking = { stop, ended };
    },
    last() {
      ticking?.stop.abort();
      memory = undefined;
      latest = undefined;
    },
    serialised: () => serialisations.add(),
  });
  ctx.metrics.gauge('onrush_pulse_watchers', 'Who looks at the sale wall.', () => broadcast.watchersCount);

  async function tick(signal: AbortSignal): Promise<void> {
    let isFailing = false;
    while (!signal.aborted) {
      try {
        const { figures, board, changed, reading } = await compute();
        isFailing = false;
        if (signal.aborted) return;
        broadcast.publish({
          snapshot: () => ({ id: `${figures.atMs}`, event: 'snapshot', data: latest?.pulse() }),
          second: () => ({
            id: `${figures.atMs}`,
            event: 'second',
            data: { ...figures, seconds: changed.map(pulseSecond) } satisfies Pulse,
          }),
        });
        latest = {
          computedAtMs: ctx.clock.nowMs(),
          pulse: () => ({ ...figures, seconds: board.history(figures.atMs) }),
        };
        await writeReading(ctx.database, figures.atMs, reading);
      } catch (error) {
        // Watchers see for themselves that nothing new comes. Once per outage is enough for the log.
        if (!isFailing) ctx.log.warn({ err: error }, 'The sale wall could not be worked out.');
        isFailing = true;
      }
      if (!signal.aborted) await pace(signal);
    }
  }

  function compute(): Promise<Computed> {
    computing ??= computeNow().finally(() => {
      computing = undefined;
    });
    return computing;
  }

  async function computeNow(): Promise<Computed> {
    computations.add();
    const nowMs = ctx.clock.nowMs();
    if (memory === undefined || nowMs - memory.computedAtMs > rememberedMs) {
      memory = { readings: createReadings(ctx), board: undefined, foldNo: 0, computedAtMs: nowMs };
    }
    const now = memory;
    now.computedAtMs = nowMs;
    const sales = await loadSales(ctx.database, { afterMs: nowMs - daysMs, untilMs: nowMs, countMax: salesMax });
    const { sinceMs, sale } = decideSince(sales, nowMs);
    const { board, changed } = await boardSince(now, sinceMs, nowMs);
    const variants = await hotVariants(board, sale);
    const reading = now.readings.take();
    const atMs = secondOf(nowMs) - 1000;
    const figures = board.figures(atMs, { sale, variants, reading, watchersCount: broadcast.watchersCount });
    return { figures, board, changed, reading };
  }

  /** The board, brought up to what has been folded by now. */
  async function boardSince(now: Memory, sinceMs: number, nowMs: number) {
    if (now.board?.sinceMs === sinceMs) {
      const { foldNo, seconds } = await loadChangedSeconds(ctx.database, now.foldNo);
      if (now.board.take(seconds, nowMs)) {
        now.foldNo = foldNo;
        return { board: now.board, changed: seconds };
      }
    }
    const fromMs = secondOf(nowMs - memoryMs);
    // One snapshot, so that no fold is in the seconds and not in the totals.
    const [foldNo, seconds, totals] = await ctx.database.transaction(
      (tx) =>
        Promise.all([loadFoldNo(tx), loadSeconds(tx, { fromMs, toMs: nowMs + memoryMs }), loadTotals(tx, sinceMs)]),
      { isolation: 'repeatable read' },
    );
    now.foldNo = foldNo;
    now.board = new Board({ sinceMs, fromMs, seconds, totals });
    return { board: now.board, changed: seconds };
  }

  async function hotVariants(board: Board, sale: SaleRow | undefined): Promise<HotVariant[]> {
    const hot = hotVariantIds(board.seconds, sale);
    if (hot.length === 0) return [];
    const subjectIds = hot.map(({ variantId }) => variantId);
    const [reply, titles] = await Promise.all([
      peers.checkout.getAllotments({ body: { subjectIds } }),
      peers.titles.of(subjectIds),
    ]);
    const allotments = new Map(succeeded('checkout', reply).body.items.map((item) => [item.subjectId, item]));
    return hot.flatMap(({ variantId, isInSale }) => {
      const allotment = allotments.get(variantId);
      if (allotment === undefined) return [];
      const { granted, reserved, sold } = allotment;
      const counts = { grantedCount: granted, reservedCount: reserved, soldCount: sold };
      return [{ variantId, title: titles.get(variantId) ?? '', isInSale, ...counts }];
    });
  }

  return {
    async current() {
      // While somebody watches, only the ticker works figures out: what had changed would else be missing from its next frame.
      const isKept = broadcast.watchersCount > 0 || ctx.clock.nowMs() - (latest?.computedAtMs ?? 0) < 1_000;
      if (latest !== undefined && isKept) return latest.pulse();
      const { figures, board } = await compute();
      latest = { computedAtMs: ctx.clock.nowMs(), pulse: () => ({ ...figures, seconds: board.history(figures.atMs) }) };
      return latest.pulse();
    },
    follow: (signal) => broadcast.follow(signal),
    async stop() {
      ticking?.stop.abort();
      await ticking?.ended;
      await computing?.catch(() => {});
    },
  };
}

/** Shortly after each whole second: by then the consumer has folded most of the one before. */
function secondsOf({ clock }: Pick<LiveContext, 'clock'>): Pace {
  const afterMs = 120;
  return (signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const nowMs = clock.nowMs();
      const timer = setTimeout(done, secondOf(nowMs) + 1000 + afterMs - nowMs);
      signal.addEventListener('abort', done);
    });
}
