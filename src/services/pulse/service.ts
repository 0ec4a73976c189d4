import type { Call } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import { problem } from '../../platform/api/problem.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import type { PublishedEvent } from '../../platform/events/event.ts';
import { pulseApi, type Replay } from './api.ts';
import { createLive, type Pace, type Peers } from './live.ts';
import { ReplayBuilder, replayEnd, replayRange, type SaleStock, StockCountdown } from './replay.ts';
import { foldEvents, foldedTopics, secondOf } from './second.ts';
import {
  deleteBefore,
  loadReadings,
  loadSale,
  loadSales,
  loadSeconds,
  loadUnitChanges,
  loadUnits,
  type SaleRow,
  writeFolded,
  writeSale,
} from './store.ts';
import { createTitles } from './titles.ts';

export type PulseContext = Pick<
  Context,
  'clock' | 'log' | 'metrics' | 'database' | 'events' | 'jobs' | 'cache' | 'signer' | 'shop'
>;

export interface PulsePeers extends Peers {
  /** Whether a token is the shop's staff's. */
  readonly isAdmin: (token: string) => boolean;
}

const dayMs = 86_400_000;
/** As long as events are kept: a replay of last month's sale can be looked at, one of last year's cannot. */
const keptMs = 30 * dayMs;
const replaysMax = 50;
/** Of what is read at a time for a replay: some ten milliseconds of work, then those who buy have their turn. */
const partMs = 3 * 60_000;
// More bars than that fit on no wall.
const replayedVariantsMax = 12;

/** The figures of the shop, second by second: folded from events for good, worked out while somebody watches. */
export function createPulse(
  ctx: PulseContext,
  { checkout, catalog, isAdmin }: PulsePeers,
  options: { pace?: Pace } = {},
): Service<typeof pulseApi> {
  const titles = createTitles(catalog, ctx);
  // Worked out once for all who watch the same sale, however public the wall.
  const replays = ctx.cache.namespace<Buffer>('replays', { ttlMs: 5_000, staleMs: 5_000, entriesMax: 8 });
  const live = createLive(ctx, { checkout, catalog, titles }, options.pace);

  ctx.events.consume({
    group: 'pulse',
    topics: [...foldedTopics, saleTopic],
    batchMax: 1_000,
    // A shop that had sales before it had a wall can replay them as far as its events go back.
    fromBeginning: true,
    async handle(tx, events) {
      await writeFolded(tx, foldEvents(events.filter(({ topic }) => topic !== saleTopic)));
      for (const event of events) if (event.topic === saleTopic) await writeSale(tx, saleOf(event));
    },
  });
  ctx.jobs.define({
    name: 'pulse-delete-old',
    everyMs: 3_600_000,
    run: async () => {
      await deleteBefore(ctx.database, ctx.clock.nowMs() - keptMs);
    },
  });

  const isOpenTo = ({ credential }: Pick<Call, 'credential'>) =>
    ctx.shop.wall === 'public' ||
    (credential !== undefined && (isAdmin(credential) || ctx.signer.checkCode('wall', 'wall', credential)));
  const refused = () =>
    problem('unauthorised', {
      detail: 'The wall of this shop is for its staff: open it by the link that `onrush up` prints.',
    });

  return {
    contract: pulseApi,
    importance: 'deferrable',
    stop: () => live.stop(),
    handlers: {
      async getPulse(_request, call) {
        return isOpenTo(call) ? { status: 200, body: await live.current() } : refused();
      },

      async watchPulse(_request, call) {
        return isOpenTo(call) ? { status: 200, body: live.follow(call.signal) } : refused();
      },

      async listReplays(_request, call) {
        if (!isOpenTo(call)) return refused();
        const nowMs = ctx.clock.nowMs();
        const range = { afterMs: nowMs - keptMs, untilMs: nowMs, countMax: replaysMax };
        const sales = await loadSales(ctx.database, range);
        return { status: 200, body: { items: sales.map(({ variantIds: _, ...sale }) => sale) } };
      },

      async getReplay({ params: { saleId } }, call) {
        if (!isOpenTo(call)) return refused();
        const json = await replays.getOrLoad(saleId, () => loadReplay(saleId));
        if (json === undefined) {
          return problem('not-found', { detail: 'There is no such sale, or it has not begun.' });
        }
        return {
          status: 200,
          json,
          get body(): Replay {
            return JSON.parse(json.toString());
          },
        };
      },

      async getWallLink() {
        return { status: 200, body: { path: `/wall?key=${ctx.signer.code('wall', 'wall')}` } };
      },
    },
  };

  async function loadReplay(saleId: string): Promise<Buffer | undefined> {
    const nowMs = ctx.clock.nowMs();
    const sale = await loadSale(ctx.database, saleId);
    if (sale === undefined || sale.startsAtMs > nowMs) return undefined;
    return Buffer.from(JSON.stringify(await replay(sale, nowMs)));
  }

  async function replay(sale: SaleRow, nowMs: number): Promise<Replay> {
    const range = replayRange(sale, nowMs);
    const stock = await stockBefore(sale);
    const { startsAtMs, buyersFromMs } = range;
    const endsAtMs = replayEnd(range, await soldOutAtMs(sale, stock, range.endsAtMs));
    const builder = new ReplayBuilder({ sale, startsAtMs, endsAtMs, stock });
    for (let fromMs = buyersFromMs; fromMs < endsAtMs; fromMs += partMs) {
      const part = { fromMs, toMs: Math.min(endsAtMs, fromMs + partMs) };
      const [seconds, readings] = await Promise.all([
        loadSeconds(ctx.database, part),
        loadReadings(ctx.database, part),
      ]);
      builder.add(seconds);
      builder.addReadings(readings);
    }
    return builder.finish();
  }

  async function soldOutAtMs(sale: SaleRow, stock: readonly SaleStock[], endsAtMs: number) {
    // Of a sale of more than is shown it is not known when the last of all was gone.
    if (stock.length < sale.variantIds.length) return undefined;
    const countdown = new StockCountdown(stock);
    const variantIds = stock.map(({ variantId }) => variantId);
    for (let fromMs = secondOf(sale.startsAtMs); fromMs < endsAtMs; fromMs += partMs) {
      const part = { fromMs, toMs: Math.min(endsAtMs, fromMs + partMs) };
      for (const { atMs, units } of await loadUnits(ctx.database, part, variantIds)) {
        if (countdown.isOverAfter(units)) return atMs;
      }
    }
    return undefined;
  }

  /** What there was of the sale's variants when it began: what there is now, less what was folded since. */
  async function stockBefore(sale: SaleRow): Promise<SaleStock[]> {
    const subjectIds = sale.variantIds.slice(0, replayedVariantsMax);
    if (subjectIds.length === 0) return [];
    const [changes, reply, names] = await Promise.all([
      loadUnitChanges(ctx.database, secondOf(sale.startsAtMs), subjectIds),
      checkout.getAllotments({ body: { subjectIds } }),
      titles.of(subjectIds),
    ]);
    return succeeded('checkout', reply).body.items.map(({ subjectId, granted, reserved, sold }) => {
      const change = changes.get(subjectId) ?? { held: 0, sold: 0 };
      return {
        variantId: subjectId,
        title: names.get(subjectId) ?? '',
        granted,
        reservedBefore: reserved - change.held,
        soldBefore: sold - change.sold,
      };
    });
  }
}

// Of promotion's `saleChanged`.
const saleTopic = 'sale.changed';

/** Sales that were announced before their name was are called by nothing. */
function saleOf({ key, payload }: PublishedEvent): SaleRow {
  const {
    name = '',
    startsAtMs,
    endsAtMs,
    variantIds,
  } = payload as unknown as Omit<SaleRow, 'name'> & { name?: string };
  return { saleId: key, name, startsAtMs, endsAtMs, variantIds };
}
