import type { RoomInput } from '../../src/edge/waiting-room/api.ts';
import { newId, randomBucket } from '../../src/platform/database/id.ts';
import type { Cart } from '../../src/services/cart/api.ts';
import type { ProductInput, PutResult } from '../../src/services/catalog/api.ts';
import type { Sale } from '../../src/services/promotion/api.ts';
import type { MovementInput } from '../../src/services/stock/api.ts';
import type { Admin } from '../sale/admin.ts';
import { DrillFault } from '../sale/drill-fault.ts';
import type { QueueSetup, QueueTimes } from './setup.ts';

const listMinor = 9900;
const saleMinor = 4900;
const saleLastsMs = 3_600_000;

/** Announces a sale with a waiting room before it, which is open for tickets from now on. */
export async function prepareQueue(
  admin: Admin,
  wanted: { runId: string; stock: number; pacePerS: number; earlyMs: number; times: QueueTimes },
): Promise<QueueSetup> {
  const { runId, stock, pacePerS, earlyMs, times } = wanted;
  const { currency } = await admin.call<Cart>('POST', '/v1/carts', {});
  const slug = `drill-${runId}-queued`;
  const product: ProductInput = {
    slug,
    title: 'Drill: a lantern that is queued for',
    state: 'published',
    variants: [{ sku: slug, prices: [{ currency, amountMinor: listMinor }] }],
  };
  const put = await admin.call<{ results: PutResult[] }>('PUT', '/v1/admin/products', { products: [product] });
  const [result] = put.results;
  const variantId = result?.outcome === 'created' ? result.variants[0]?.variantId : undefined;
  if (variantId === undefined) throw new DrillFault("The shop did not take the drill's goods.");
  const movement: MovementInput = {
    movementId: newId(randomBucket(), Date.now()),
    variantId,
    quantity: stock,
    reason: 'received',
    note: 'drill',
  };
  await admin.call('POST', '/v1/admin/stock/movements', { movements: [movement] });
  const { nowMs } = await admin.call<{ nowMs: number }>('GET', '/v1/sales');
  const opensAtMs = nowMs + earlyMs;
  const { saleId } = await admin.call<Sale>('POST', '/v1/admin/sales', {
    name: `drill ${runId}`,
    startsAtMs: opensAtMs,
    endsAtMs: opensAtMs + saleLastsMs,
    items: [{ variantId, currency, amountMinor: saleMinor }],
  });
  const roomId = newId(randomBucket(), nowMs);
  const room: RoomInput = {
    name: `drill ${runId}`,
    saleId,
    switchedBy: 'schedule',
    queueFromMs: nowMs - 1_000,
    opensAtMs,
    pacePerSMax: pacePerS,
  };
  await admin.call('PUT', `/v1/waiting-rooms/${roomId}`, room);
  return { runId, roomId, variantId, stock, pacePerS, opensAtMs, times };
}
