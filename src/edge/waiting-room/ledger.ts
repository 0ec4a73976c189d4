import type { Client } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import type { checkoutApi } from '../../services/checkout/api.ts';
import type { promotionApi, Sale } from '../../services/promotion/api.ts';
import { promisedUnits } from './admission.ts';
import { type DemandContext, graceMs, noDemand, readDemand } from './demand.ts';
import { readDepartedAhead } from './departures.ts';
import type { RoomSettings } from './settings.ts';
import { type RoomPromise, unitsPromisedElsewhere } from './shares.ts';
import { loadDeletedDemand } from './store-promises.ts';
import { type Demand, outOf, type TickFacts, type TickStock } from './tick.ts';
import type { RoomView } from './view.ts';

export interface LedgerPeers {
  readonly checkout: Client<typeof checkoutApi>;
  readonly promotion: Client<typeof promotionApi>;
}

/** What there is, and which room has promised how much of it: as it was read for a tick, and as the tick adds to it. */
export interface Ledger {
  factsOf(roomId: string): Pick<TickFacts, 'sale' | 'stock' | 'demand' | 'departedAhead'>;
  /** Whether no room before a sale has called anybody that is not in it: this is how many places they have called now. */
  isCurrent(admitted: ReadonlyMap<string, number>): boolean;
  /** The room has called so many more people, up to this place. */
  enter(roomId: string, moved: { readonly calledCount: number; readonly admitted: number }): void;
}

interface Account {
  readonly sale: Sale | 'gone' | undefined;
  readonly demand: Demand;
  /** Places called. */
  readonly admitted: number;
  readonly departedAhead: readonly number[];
}

type Promised = Pick<Account, 'sale' | 'demand'>;

/** Units that can be ordered now, and units ordered and not paid for. */
type VariantStock = Pick<TickStock, 'available' | 'reserved'>;

/** The ledger of these rooms, which are to be all that there are: none promises what another one has promised. */
export async function readLedger(
  ctx: DemandContext,
  peers: LedgerPeers,
  views: readonly RoomView[],
  settings: RoomSettings,
): Promise<Ledger> {
  const hasSale = views.some(({ record }) => record.config.saleId !== undefined);
  const sales = hasSale ? succeeded('promotion', await peers.promotion.listSales({})).body.items : [];
  const saleOf = (saleId: string) => sales.find((each) => each.saleId === saleId) ?? 'gone';

  async function readAccount(view: RoomView): Promise<[roomId: string, Account]> {
    const { config, progress } = view.record;
    const sale = config.saleId === undefined ? undefined : saleOf(config.saleId);
    const isClosed = progress.state === 'off' || progress.state === 'before';
    // A room of a sale that is closed may have promised something before: it may open again, and its passes are in quotes.
    const { admitted } = progress;
    const isIdle = sale === 'gone' || admitted === 0 || (isClosed && sale === undefined);
    const demand = isIdle ? noDemand : await readDemand(ctx, view, settings);
    return [config.roomId, { sale, admitted, demand, departedAhead: await readDepartedAhead(ctx, view) }];
  }

  async function readDeleted(): Promise<Promised[]> {
    const found = await loadDeletedDemand(ctx.database, ctx.clock.nowMs() - graceMs);
    return found.map(({ saleId, ...passes }) => ({ sale: saleOf(saleId), demand: { ...noDemand, ...passes } }));
  }

  // What is promised before what there is, so that an order in between is counted twice rather than never.
  const accounts = new Map(await Promise.all(views.map(readAccount)));
  const deleted = hasSale ? await readDeleted() : [];
  const stock = await readStock(peers, salesOf([...accounts.values(), ...deleted]));
  const unitsAvailable = new Map([...stock].map(([variantId, { available }]) => [variantId, available]));

  function accountOf(roomId: string): Account {
    return accounts.get(roomId) ?? { sale: undefined, demand: noDemand, admitted: 0, departedAhead: [] };
  }

  function stockOf(roomId: string, sale: Sale): TickStock {
    const variantIds = variantIdsOf(sale);
    const others = [...accounts].filter(([otherId]) => otherId !== roomId).map(([, account]) => account);
    const promises = [...others, ...deleted].flatMap(promiseOf);
    const units = [...variantIds].flatMap((variantId) => stock.get(variantId) ?? []);
    return {
      available: sumOf(units.map(({ available }) => available)),
      reserved: sumOf(units.map(({ reserved }) => reserved)),
      promisedElsewhere: unitsPromisedElsewhere(variantIds, promises, unitsAvailable),
    };
  }

  return {
    factsOf(roomId) {
      const { sale, demand, departedAhead } = accountOf(roomId);
      const stock = sale === undefined || sale === 'gone' ? undefined : stockOf(roomId, sale);
      return { sale, demand, departedAhead, stock };
    },
    isCurrent: (admitted) => [...admitted].every(([roomId, count]) => accountOf(roomId).admitted === count),
    enter(roomId, { calledCount, admitted }) {
      const account = accountOf(roomId);
      const { demand } = account;
      accounts.set(roomId, { ...account, admitted, demand: { ...demand, calledOut: demand.calledOut + calledCount } });
    },
  };
}

async function readStock({ checkout }: LedgerPeers, sales: readonly Sale[]): Promise<Map<string, VariantStock>> {
  const byVariant = new Map<string, VariantStock>();
  // By sale, whose variants are few enough for one question.
  await Promise.all(
    sales.map(async (sale) => {
      const reply = await checkout.getAllotments({ body: { subjectIds: [...variantIdsOf(sale)] } });
      for (const { subjectId, granted, reserved, sold } of succeeded('checkout', reply).body.items) {
        byVariant.set(subjectId, { available: Math.max(0, granted - reserved - sold), reserved });
      }
    }),
  );
  return byVariant;
}

function salesOf(accounts: readonly Promised[]): Sale[] {
  const sales = accounts.flatMap(({ sale }) => (sale === undefined || sale === 'gone' ? [] : sale));
  return [...new Set(sales)];
}

function variantIdsOf({ items }: Sale): Set<string> {
  return new Set(items.map(({ variantId }) => variantId));
}

function promiseOf({ sale, demand }: Promised): RoomPromise[] {
  if (sale === undefined || sale === 'gone') return [];
  const units = promisedUnits(outOf(demand));
  return units > 0 ? [{ variantIds: variantIdsOf(sale), units }] : [];
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
