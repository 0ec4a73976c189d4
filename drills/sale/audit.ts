import { setTimeout as delay } from 'node:timers/promises';
import { type Database, DatabaseFault, openDatabase } from '../../src/platform/database/database.ts';
import type { Queryable } from '../../src/platform/database/sql.ts';
import { auditCheckout } from '../../src/services/checkout/audit.ts';
import { auditPayments } from '../../src/services/payment/audit.ts';
import type { Books } from './case.ts';
import { acknowledgedIds, type Claims, unsettledIds } from './claims.ts';
import { DrillFault } from './drill-fault.ts';
import type { SaleSetup } from './setup.ts';
import { countEvents, countUnderWay, loadOrders, loadPayments, loadStock, sumLedger } from './store-audit.ts';

/** How long payments may take to come to an end: a killed process's are taken up when its lease of 15 s is over. */
const settleWithinMs = 60_000;
const lookEveryMs = 200;

export interface AuditOptions {
  /** Asked anew after each failure: a database that was started again may have moved. */
  readonly databaseUrl: () => string;
  readonly setup: SaleSetup;
  readonly claims: Claims;
  readonly settleWithinMs?: number;
  /** Told how much is still waited for. */
  readonly onWait?: (underWayCount: number) => void;
}

/** Reads from the database, not from the API, what became of the sale, once everything under way has come to an end. */
export async function readBooks(options: AuditOptions): Promise<Books> {
  const { setup, claims } = options;
  await using database = await reachDatabase(options.databaseUrl);
  const underWayCount = await settle(database, options);
  // One snapshot, so that what is read first and last belongs together even while a shop goes on selling.
  return await database.transaction((tx) => loadBooks(tx, setup, claims, underWayCount), {
    isolation: 'repeatable read',
  });
}

/** Before anybody buys: were this another shop's database, every order would seem lost. */
export async function checkDatabase(databaseUrl: () => string, setup: SaleSetup): Promise<void> {
  await using database = await reachDatabase(databaseUrl);
  const [stock] = await loadStock(database, [setup.hot.variantId]).catch((error: unknown) => {
    throw new DrillFault('The database is not the one of this shop: it has no tables of Onrush.', { cause: error });
  });
  if (stock?.granted !== setup.hot.stock) {
    throw new DrillFault("The database is not the one of this shop: the drill's goods are not in it.");
  }
}

export async function loadBooks(
  on: Queryable,
  setup: SaleSetup,
  claims: Claims,
  underWayCount: number,
): Promise<Books> {
  const variantIds = [setup.hot.variantId, ...(setup.ordinary?.variants ?? []).map(({ variantId }) => variantId)];
  const subjectIds = [...variantIds, ...(setup.ordinary === undefined ? [] : [setup.ordinary.coupon.couponId])];
  // Also what forged and expired quotes claimed: of them there must be nothing.
  const orderIds = [...new Set([...acknowledgedIds(claims), ...claims.forged])];
  const orders = await loadOrders(on, { variantIds, orderIds });
  // Of every quote that was sent: neither money nor news may be there without an order.
  const concernedIds = [...new Set([...orders.map(({ orderId }) => orderId), ...claims.asked, ...claims.forged])];
  const [payments, events, stock, ledger, checkoutFindings, paymentFindings] = await Promise.all([
    loadPayments(on, concernedIds),
    countEvents(on, concernedIds),
    loadStock(on, subjectIds),
    sumLedger(on),
    auditCheckout(on),
    auditPayments(on),
  ]);
  return { orders, payments, events, stock, ledger, checkoutFindings, paymentFindings, underWayCount };
}

/** Waits until payments, refunds and the news of cancellations have come to an end. Returns how many have not. */
async function settle(database: Database, options: AuditOptions): Promise<number> {
  const orderIds = unsettledIds(options.claims);
  const endAtMs = performance.now() + (options.settleWithinMs ?? settleWithinMs);
  for (;;) {
    const underWayCount = await countUnderWay(database, orderIds);
    if (underWayCount === 0 || performance.now() > endAtMs) return underWayCount;
    options.onWait?.(underWayCount);
    await delay(lookEveryMs);
  }
}

async function reachDatabase(databaseUrl: () => string): Promise<Database & AsyncDisposable> {
  const endAtMs = performance.now() + settleWithinMs;
  for (;;) {
    const database = openDatabase({
      url: databaseUrl(),
      poolMax: 2,
      connectTimeoutMs: 5_000,
      // Audits read all of a shop's orders.
      statementTimeoutMs: 300_000,
      applicationName: 'onrush-drill',
      onIdleError: () => {},
    });
    try {
      await database.ping(5_000);
      return { ...database, [Symbol.asyncDispose]: () => database.close() };
    } catch (error) {
      await database.close();
      if (!(error instanceof DatabaseFault)) throw error;
      if (performance.now() > endAtMs) {
        throw new DrillFault(`The database cannot be read, so that nothing is proved: ${error.message}.`, {
          cause: error,
        });
      }
    }
    await delay(lookEveryMs);
  }
}
