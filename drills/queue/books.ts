import { type Database, openDatabase } from '../../src/platform/database/database.ts';
import type { Queryable } from '../../src/platform/database/sql.ts';
import { auditCheckout } from '../../src/services/checkout/audit.ts';
import { DrillFault } from '../sale/drill-fault.ts';
import { loadStock } from '../sale/store-audit.ts';
import type { QueueBooks } from './case.ts';
import type { QueueSetup } from './setup.ts';
import { loadCalls, loadLine, loadPasses, loadQueueOrders, loadUses } from './store-queue.ts';

/** Reads from the database, not from the API, what became of the queue. */
export async function readQueueBooks(databaseUrl: string, setup: QueueSetup): Promise<QueueBooks> {
  await using database = reach(databaseUrl);
  // One snapshot, so that what is read first and last belongs together even while the shop goes on.
  return await database.transaction((tx) => loadQueueBooks(tx, setup), { isolation: 'repeatable read' });
}

export async function loadQueueBooks(on: Queryable, { roomId, variantId }: QueueSetup): Promise<QueueBooks> {
  const line = await loadLine(on, roomId);
  if (line === undefined) throw new DrillFault("The drill's waiting room is not in the database.");
  const [stock] = await loadStock(on, [variantId]);
  return {
    line,
    calls: await loadCalls(on, roomId),
    passes: await loadPasses(on, roomId),
    orders: await loadQueueOrders(on, variantId),
    uses: await loadUses(on, roomId),
    stock: { granted: stock?.granted ?? 0, reserved: stock?.reserved ?? 0, sold: stock?.sold ?? 0 },
    checkoutFindings: await auditCheckout(on),
  };
}

function reach(url: string): Database & AsyncDisposable {
  const database = openDatabase({
    url,
    poolMax: 2,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 300_000,
    applicationName: 'onrush-drill',
    onIdleError: () => {},
  });
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
}
