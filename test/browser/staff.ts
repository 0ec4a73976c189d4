import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { RoomInput } from '../../src/edge/waiting-room/api.ts';
import type { Product, ProductInput } from '../../src/services/catalog/api.ts';
import type { Sale } from '../../src/services/promotion/api.ts';
import type { Level } from '../../src/services/stock/api.ts';
import type { StartedShop } from '../started-shop.ts';

/** What the staff of a shop do before and after visitors come, through its API. */
export interface Staff {
  /** Puts a product into the catalogue, with these units of each variant, and returns it as it is then. */
  stock(product: ProductInput, units: number): Promise<Product>;
  /** A sale of a variant, one for each buyer if `limitPerBuyer` is 1. Instants are Unix milliseconds. */
  openSale(sale: {
    name: string;
    variantId: string;
    amountMinor: number;
    startsAtMs: number;
    endsAtMs: number;
    isHeldUntilStart?: boolean;
  }): Promise<Sale>;
  /** A waiting room; returns its id. The same id once more changes it. */
  putRoom(room: RoomInput, roomId?: string): Promise<string>;
  levelOf(variantId: string): Promise<Level>;
  /** The address of the sale wall, with the key that opens it, as a path of the shop. */
  wallPath(): Promise<string>;
}

export function createStaff(shop: Pick<StartedShop, 'url' | 'adminToken'>): Staff {
  async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${shop.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${shop.adminToken}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Answer;
  }

  return {
    async stock(input, units) {
      await ask('PUT', '/v1/admin/products', { products: [input] });
      const product = await ask<Product>('GET', `/v1/products/${input.slug}`);
      if (units === 0) return product;
      const movements = product.variants.map(({ variantId }) => ({
        movementId: randomUUID(),
        variantId,
        quantity: units,
        reason: 'received',
      }));
      await ask('POST', '/v1/admin/stock/movements', { movements });
      return product;
    },
    openSale: ({ variantId, amountMinor, ...sale }) =>
      ask<Sale>('POST', '/v1/admin/sales', { ...sale, items: [{ variantId, currency: 'USD', amountMinor }] }),
    async putRoom(room, roomId = randomUUID()) {
      await ask('PUT', `/v1/waiting-rooms/${roomId}`, room);
      return roomId;
    },
    wallPath: async () => (await ask<{ path: string }>('GET', '/v1/admin/wall-link')).path,
    async levelOf(variantId) {
      const { items } = await ask<{ items: Level[] }>('POST', '/v1/admin/stock/levels/query', {
        variantIds: [variantId],
      });
      assert(items[0] !== undefined, `the variant ${variantId} has a stock level`);
      return items[0];
    },
  };
}
