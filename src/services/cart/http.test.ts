import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import test, { after } from 'node:test';
import { createIdempotencyStore } from '../../platform/api/idempotency.ts';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { apiMigrations } from '../../platform/api/migrations.ts';
import { createHttpServer } from '../../platform/api/server.ts';
import { testContext } from '../../platform/testing/context.ts';
import { catalogMigrations } from '../catalog/migrations.ts';
import { createCatalog } from '../catalog/service.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { createCheckout } from '../checkout/service.ts';
import { promotionMigrations } from '../promotion/migrations.ts';
import { createPromotion } from '../promotion/service.ts';
import { createQuote } from '../quote/service.ts';
import type { Cart } from './api.ts';
import { cartMigrations } from './migrations.ts';
import { createCart } from './service.ts';

// Carts, sales and quotes as a browser meets them.
const ctx = await testContext([
  apiMigrations,
  catalogMigrations,
  promotionMigrations,
  cartMigrations,
  checkoutMigrations,
]);
const catalogService = createCatalog(ctx);
const catalog = connectInProcess(catalogService);
const checkoutService = createCheckout(ctx);
const promotionService = createPromotion(ctx, { checkout: connectInProcess(checkoutService) });
const promotion = connectInProcess(promotionService);
const cartService = createCart(ctx, { catalog, promotion });
const quoteService = createQuote(ctx, { catalog, promotion, cart: connectInProcess(cartService) });

const bugs: unknown[] = [];
const server = createHttpServer({
  services: [catalogService, checkoutService, promotionService, cartService, quoteService],
  admin: { isAdmin: (token) => token === 'staff' },
  log: ctx.log,
  metrics: ctx.metrics,
  clock: ctx.clock,
  info: { title: 'shop', version: '0' },
  readiness: async () => [],
  idempotency: createIdempotencyStore({ database: ctx.database, clock: ctx.clock }),
  onBug: (error) => bugs.push(error),
});
await server.listen({ port: 0, host: '127.0.0.1' });
const origin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
after(() => server.close());

/** Sends, and reads what comes back. What every answer has is checked here: a status below 500, and JSON. */
async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(origin + path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  assert(response.status < 500, `${method} ${path}: ${response.status}`);
  const text = await response.text();
  // A test looks into whatever came: JSON.parse does not say what that is.
  const json = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: json };
}
const asStaff = { authorization: 'Bearer staff' };
const slugOf = (reply: { body: { type?: string } }) => reply.body.type?.slice('/problems/'.length);

async function newVariant(): Promise<string> {
  const variants = [{ sku: 'LANTERN', prices: [{ currency: 'USD', amountMinor: 4900 }] }];
  const products = [{ slug: 'lantern', title: 'Lantern', state: 'published', variants }];
  const { body } = await send('PUT', '/v1/admin/products', { products }, asStaff);
  return body.results[0].variants[0].variantId;
}
const variantId = await newVariant();

test('the long way, with nothing but HTTP', async () => {
  const begun = await send('POST', '/v1/carts', {});
  assert.deepEqual([begun.status, begun.headers.get('etag')], [201, '"1"']);
  const at = begun.headers.get('location') ?? '';
  assert.equal(at, `/v1/carts/${begun.body.cartId}`);
  assert.equal((await send('POST', '/v1/carts')).status, 201, 'without a body');
  assert.equal((await send('POST', '/v1/quotes')).status, 400);
  const added = await send('POST', `${at}/lines`, { variantId, quantity: 2 });
  assert.deepEqual([added.status, added.headers.get('etag')], [201, '"2"']);
  const address = { name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };
  const contact = { email: 'ann@example.org' };
  assert.equal((await send('PUT', `${at}/address`, { contact, deliveryAddress: address })).status, 200);
  const { items } = (await send('GET', '/v1/delivery-methods?currency=USD')).body;
  assert.equal((await send('PUT', `${at}/delivery`, { deliveryMethod: items[0].code })).status, 200);
  const quote = await send('POST', '/v1/quotes', { cartId: begun.body.cartId });
  assert.deepEqual([quote.status, quote.body.totalMinor], [201, 9800 + items[0].amountMinor]);
  assert.equal(slugOf(await send('POST', '/v1/orders', { quote: quote.body.quote })), 'sold-out');
});

test('a version that was seen is a condition: 412 when another has come since, 304 when none has', async () => {
  const at = (await send('POST', '/v1/carts', {})).headers.get('location') ?? '';
  const coupon = (couponCode: string, ifMatch: string) =>
    send('PUT', `${at}/coupon`, { couponCode }, { 'if-match': ifMatch });
  assert.equal((await coupon('A', '"1"')).status, 200);
  const late = await coupon('B', '"1"');
  assert.deepEqual([late.status, slugOf(late), late.body.version], [412, 'precondition-failed', 2]);
  assert.equal((await coupon('C', '"7", "2"')).status, 200);
  assert.equal((await coupon('D', 'W/"3"')).status, 412);
  assert.equal((await coupon('E', '*')).status, 200);
  const seen = await send('GET', at);
  assert.deepEqual([seen.body.couponCode, seen.headers.get('etag')], ['E', '"4"']);
  assert.equal((await send('GET', at, undefined, { 'if-none-match': '"4"' })).status, 304);
  assert.equal((await send('GET', at, undefined, { 'if-none-match': '"3"' })).status, 200);
});

test('a change that is sent again with its Idempotency-Key is made once', async () => {
  const at = (await send('POST', '/v1/carts', {})).headers.get('location') ?? '';
  const key = { 'idempotency-key': randomUUID() };
  const first = await send('POST', `${at}/lines`, { variantId }, key);
  const again = await send('POST', `${at}/lines`, { variantId }, key);
  assert.deepEqual([again.status, again.body], [first.status, first.body]);
  assert.equal((await send('POST', `${at}/lines`, { variantId, quantity: 9 }, key)).status, 422);
  assert.equal(((await send('GET', at)).body as Cart).lines.length, 1);
});

test('a key of somebody else is of no use: one that can be guessed is refused, and a cart has keys of its own', async () => {
  const guessed = await send('POST', '/v1/carts', {}, { 'idempotency-key': '1' });
  assert.deepEqual([guessed.status, slugOf(guessed)], [400, 'bad-request']);
  const key = { 'idempotency-key': randomUUID() };
  for (const quantity of [1, 2]) {
    const at = (await send('POST', '/v1/carts', {})).headers.get('location') ?? '';
    const added = await send('POST', `${at}/lines`, { variantId, quantity }, key);
    assert.deepEqual([added.status, added.body.lines[0].quantity], [201, quantity]);
  }
});

test('hostile requests get a clear 4xx and change nothing', async () => {
  const at = (await send('POST', '/v1/carts', {})).headers.get('location') ?? '';
  await send('POST', `${at}/lines`, { variantId });
  const before = (await send('GET', at)).body as Cart;
  const lineAt = `${at}/lines/${before.lines[0]?.lineId}`;
  const injection = "'; drop schema cart cascade; --";
  const requests: readonly (readonly [string, string, unknown])[] = [
    ['POST', `${at}/lines`, {}],
    ['POST', `${at}/lines`, { variantId: injection }],
    ['POST', `${at}/lines`, { variantId, quantity: -1 }],
    ['POST', `${at}/lines`, { variantId, quantity: 1e21 }],
    ['POST', `${at}/lines`, { variantId, quantity: '1' }],
    ['POST', `${at}/lines`, { variantId, quantity: null }],
    ['POST', `${at}/lines`, { variantId, unitPriceMinor: 1 }],
    ['POST', `${at}/lines`, '{"variantId":'],
    ['POST', `${at}/lines`, `{"quantity":${'['.repeat(100_000)}`],
    ['POST', `${at}/lines`, '{"__proto__":{"quantity":5},"variantId":"x"}'],
    ['PATCH', lineAt, { quantity: 0 }],
    ['PATCH', lineAt, { quantity: 2.5 }],
    ['PATCH', `${at}/lines/${injection}`, { quantity: 1 }],
    ['DELETE', `${at}/lines/%00`, undefined],
    ['GET', `/v1/carts/${encodeURIComponent(injection)}`, undefined],
    ['PUT', `${at}/delivery`, { deliveryMethod: injection }],
    ['PUT', `${at}/coupon`, { couponCode: 'x'.repeat(61) }],
    ['PUT', `${at}/coupon`, { couponCode: 'a\u0000b' }],
    ['PUT', `${at}/coupon`, '{"couponCode":"\\ud800"}'],
    ['PUT', `${at}/address`, { contact: { email: 'a@b.c' }, deliveryAddress: { name: 'x'.repeat(2_000_000) } }],
    ['POST', '/v1/quotes', { lines: [{ variantId, quantity: 2 ** 53 }] }],
    ['POST', '/v1/quotes', { cartId: before.cartId, lines: [{ variantId, quantity: 1 }] }],
    ['POST', '/v1/quotes', { lines: [{ variantId, quantity: 1 }], buyer: `${injection}.x` }],
    ['POST', '/v1/admin/sales', { name: 'S', startsAtMs: 1, endsAtMs: 2, items: [] }],
    ['DELETE', `/v1/admin/sales/${before.cartId}`, undefined],
    ['POST', '/internal/promotion/offers', { variantIds: [variantId], currency: 'USD' }],
    ['GET', `/internal/cart${at.slice(3)}`, undefined],
  ];
  for (const [method, path, body] of requests) {
    const reply = await send(method, path, body);
    assert(
      reply.status >= 400 && reply.status < 500,
      `${method} ${path} ${JSON.stringify(body)?.slice(0, 80)}: ${reply.status}`,
    );
    assert.match(reply.body.type, /^\/problems\//);
  }
  assert.deepEqual((await send('GET', at)).body, before);
  assert.deepEqual(bugs, []);
});

test('sales are staff’s to make and everybody’s to see', async () => {
  const nowMs = ctx.clock.nowMs();
  const items = [{ variantId, currency: 'USD', amountMinor: 3900, limitPerBuyer: 1 }];
  const sale = { name: 'Friday', startsAtMs: nowMs + 1000, endsAtMs: nowMs + 2000, items };
  assert.equal((await send('POST', '/v1/admin/sales', sale)).status, 401);
  const made = await send('POST', '/v1/admin/sales', sale, asStaff);
  assert.equal(made.status, 201);
  assert.deepEqual((await send('GET', '/v1/sales')).body, { items: [made.body], nowMs });
  const total = async () => (await send('POST', '/v1/quotes', { lines: [{ variantId, quantity: 1 }] })).body.totalMinor;
  assert.equal(await total(), 4900);
  ctx.clock.advance(1000);
  assert.equal(await total(), 3900);
  assert.equal((await send('DELETE', `/v1/admin/sales/${made.body.saleId}`, undefined, asStaff)).status, 200);
  assert.equal(await total(), 4900);
  assert.deepEqual((await send('GET', '/v1/sales')).body.items, []);
});
