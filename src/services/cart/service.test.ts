import assert from 'node:assert/strict';
import test from 'node:test';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem, type ProblemReply, problemSlug } from '../../platform/api/problem.ts';
import { createValidation } from '../../platform/api/validation.ts';
import { createCache } from '../../platform/cache/create-cache.ts';
import { bucketOf } from '../../platform/database/bucket.ts';
import { bucketOfId, newId, randomBucket } from '../../platform/database/id.ts';
import { type Statement, sql } from '../../platform/database/sql.ts';
import { createJobs } from '../../platform/jobs/jobs.ts';
import { createSigner, newSigningKey } from '../../platform/signing/signer.ts';
import { subjectToken } from '../../platform/signing/subject-token.ts';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import { type TestContext, testContext } from '../../platform/testing/context.ts';
import { testRoad } from '../../platform/testing/road.ts';
import { catalogMigrations } from '../catalog/migrations.ts';
import { createCatalog } from '../catalog/service.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { createCheckout } from '../checkout/service.ts';
import { promotionMigrations } from '../promotion/migrations.ts';
import { createPromotion } from '../promotion/service.ts';
import { type Cart, cartApi } from './api.ts';
import type { CartRequest, StoredCart } from './cart.ts';
import { changeCarts } from './cart-lane.ts';
import { cartMigrations } from './migrations.ts';
import { createCart } from './service.ts';
import { loadCarts, restatingCarts } from './store.ts';

const ctx = await testContext([catalogMigrations, promotionMigrations, cartMigrations, checkoutMigrations]);
const validation = createValidation();
const catalog = connectInProcess(createCatalog(ctx), { validation });
const checkout = connectInProcess(createCheckout(ctx), { validation });
const promotion = connectInProcess(createPromotion(ctx, { checkout }), { validation });
const service = createCart(ctx, { catalog, promotion });
const cart = connectInProcess(service, { validation });
// Lanes that know nothing of each other, as in several processes: only the database stands between them.
const carts = [cart, ...Array.from({ length: 3 }, otherProcess)];

/** The same shop and database, with what each process has for itself. */
function otherContext(): TestContext {
  const metrics = createMetrics({ withProcess: false });
  return { ...ctx, metrics, cache: createCache({ ...ctx, metrics }), jobs: createJobs({ ...ctx, metrics }) };
}

function otherProcess() {
  return connectInProcess(createCart(otherContext(), { catalog, promotion }), { validation });
}

const anyId = () => newId(randomBucket(), ctx.clock.nowMs());

/** The body of a reply that must be a success. */
function well<R extends { readonly status: number }>(
  reply: R,
): Extract<Exclude<R, ProblemReply>, { body: unknown }>['body'] {
  assert(!isProblem(reply), JSON.stringify(reply));
  assert('body' in reply);
  return reply.body as never;
}
const slugOf = (reply: object) => (isProblem(reply) ? problemSlug(reply) : 'fine');

let productCount = 0;
async function newVariant(
  prices: { currency: string; amountMinor: number }[],
  state: 'published' | 'draft' = 'published',
) {
  const slug = `lantern-${productCount++}`;
  const product = { slug, title: 'Lantern', state, variants: [{ sku: slug.toUpperCase(), prices }] };
  const { results } = well(await catalog.putProducts({ body: { products: [product] } }));
  const variantId = results[0]?.variants[0]?.variantId;
  assert(variantId !== undefined);
  return variantId;
}
const lantern = await newVariant([
  { currency: 'USD', amountMinor: 4900 },
  { currency: 'EUR', amountMinor: 4500 },
]);

async function begin(body: { currency?: string; buyer?: string } = {}): Promise<Cart> {
  return well(await cart.createCart({ body }));
}
const add = (cartId: string, variantId = lantern, quantity = 1, on = cart) =>
  on.addLine({ params: { cartId }, body: { variantId, quantity } });
const read = async (cartId: string) => well(await cart.getCart({ params: { cartId } }));

const contact = { email: 'ann@example.org', phone: '+49 731 1' };
const deliveryAddress = { name: 'Ann', line1: 'Street 1', city: 'Ulm', postalCode: '89073', countryCode: 'DE' };

test('the long way: each change answers with the whole cart, which is then what is stored', async () => {
  const { cartId, ...begun } = await begin();
  assert.deepEqual(
    { lines: begun.lines, currency: begun.currency, version: begun.version },
    { lines: [], currency: 'USD', version: 1 },
  );
  const added = well(await add(cartId, lantern, 2));
  const { lineId } = added.lines[0] ?? assert.fail('a line');
  assert.deepEqual(added.lines, [
    { lineId, variantId: lantern, quantity: 2, sku: 'LANTERN-0', title: 'Lantern', unitPriceMinor: 4900 },
  ]);
  assert.equal(added.subtotalMinor, 9800);
  const more = well(await cart.changeLine({ params: { cartId, lineId }, body: { quantity: 3 } }));
  assert.equal(more.subtotalMinor, 14_700);
  well(await cart.setAddress({ params: { cartId }, body: { contact, deliveryAddress } }));
  well(await cart.setDelivery({ params: { cartId }, body: { deliveryMethod: 'express' } }));
  const whole = well(await cart.setCoupon({ params: { cartId }, body: { couponCode: ' any ' } }));
  assert.deepEqual(
    { ...whole, lines: [], updatedAtMs: 0 },
    {
      cartId,
      buyer: begun.buyer,
      currency: 'USD',
      lines: [],
      contact,
      deliveryAddress,
      deliveryMethod: 'express',
      couponCode: ' any ',
      subtotalMinor: 14_700,
      orderId: whole.orderId,
      updatedAtMs: 0,
      version: 6,
    },
  );
  assert.deepEqual(await read(cartId), whole);
  assert.deepEqual(well(await cart.getCartForQuote({ params: { cartId } })), {
    buyerId: begun.buyer.split('.')[0],
    orderId: whole.orderId,
    currency: 'USD',
    lines: [{ variantId: lantern, quantity: 3 }],
    contact,
    deliveryAddress,
    deliveryMethod: 'express',
    couponCode: ' any ',
  });
  const without = well(await cart.setCoupon({ params: { cartId }, body: { couponCode: null } }));
  assert.equal('couponCode' in without, false);
  const emptied = well(await cart.removeLine({ params: { cartId, lineId } }));
  assert.deepEqual([emptied.lines, emptied.subtotalMinor, emptied.version], [[], 0, 8]);
  assert.deepEqual(await read(cartId), emptied);
});

test('removing and stating twice is as good as once', async () => {
  const { cartId } = await begin();
  const { lines } = well(await add(cartId));
  const { lineId } = lines[0] ?? assert.fail('a line');
  const first = well(await cart.removeLine({ params: { cartId, lineId } }));
  assert.deepEqual(well(await cart.removeLine({ params: { cartId, lineId } })), first);
  const stated = well(await cart.setAddress({ params: { cartId }, body: { contact, deliveryAddress } }));
  assert.deepEqual(well(await cart.setAddress({ params: { cartId }, body: { contact, deliveryAddress } })), stated);
});

test('everything is taken out at once, if the cart is still as it was seen', async () => {
  const { cartId } = await begin();
  const { version } = well(await add(cartId));
  well(await add(cartId));
  const late = await cart.removeLines({ params: { cartId } }, { ifMatch: `"${version}"` });
  assert(isProblem(late) && problemSlug(late) === 'precondition-failed');
  const emptied = well(await cart.removeLines({ params: { cartId } }, { ifMatch: `"${version + 1}"` }));
  assert.deepEqual([emptied.lines, emptied.version], [[], version + 2]);
  assert.deepEqual(await read(cartId), emptied);
});

test('the same lines have the same order, and other or new lines another', async () => {
  const { cartId, orderId: ofNone } = await begin();
  const { orderId, lines } = well(await add(cartId));
  const { lineId } = lines[0] ?? assert.fail('a line');
  assert.equal(
    well(await cart.setAddress({ params: { cartId }, body: { contact, deliveryAddress } })).orderId,
    orderId,
  );
  const two = well(await cart.changeLine({ params: { cartId, lineId }, body: { quantity: 2 } })).orderId;
  assert.equal(well(await cart.changeLine({ params: { cartId, lineId }, body: { quantity: 1 } })).orderId, orderId);
  well(await cart.removeLine({ params: { cartId, lineId } }));
  const again = well(await add(cartId)).orderId;
  assert.equal(new Set([ofNone, orderId, two, again]).size, 4);
  assert.equal(bucketOfId(orderId), bucketOfId(cartId), 'found beside its buyer');
});

test('two lines may share a variant', async () => {
  const { cartId } = await begin();
  well(await add(cartId, lantern, 2));
  const { lines, subtotalMinor } = well(await add(cartId, lantern, 3));
  assert.deepEqual(lines.map((line) => line.quantity).sort(), [2, 3]);
  assert.equal(new Set(lines.map((line) => line.lineId)).size, 2);
  assert.equal(subtotalMinor, 5 * 4900);
});

// --- Races ----------------------------------------------------------------------------------------------------------

test('the price that the buyer saw stays with the line, whatever the variant costs since', async () => {
  const variantId = await newVariant([{ currency: 'USD', amountMinor: 4900 }]);
  const { cartId } = await begin();
  const body = { variantId, quantity: 2, seenUnitPriceMinor: 4500, joinsLine: true };
  const put = well(await cart.addLine({ params: { cartId }, body }));
  const { lineId } = put.lines[0] ?? assert.fail('a line');
  const shown = { lineId, variantId, sku: put.lines[0]?.sku, title: 'Lantern', unitPriceMinor: 4900 };
  assert.deepEqual(put.lines, [{ ...shown, quantity: 2, seenUnitPriceMinor: 4500 }]);
  const changed = well(await cart.changeLine({ params: { cartId, lineId }, body: { quantity: 3 } }));
  assert.deepEqual(changed.lines, [{ ...shown, quantity: 3, seenUnitPriceMinor: 4500 }]);
  const agreed = { quantity: 3, seenUnitPriceMinor: 4900 };
  well(await cart.changeLine({ params: { cartId, lineId }, body: agreed }));
  const { lines } = await read(cartId);
  assert.deepEqual(lines, [{ ...shown, ...agreed }]);
});

test('of one variant put in by many at once, in several processes, there is one line with all of them', async () => {
  const { cartId } = await begin();
  const body = { variantId: lantern, quantity: 1, joinsLine: true };
  const puts = Array.from({ length: 40 }, (_, n) =>
    (carts[n % carts.length] ?? cart).addLine({ params: { cartId }, body }),
  );
  for (const put of await Promise.all(puts)) well(put);
  assert.deepEqual(
    (await read(cartId)).lines.map(({ quantity }) => quantity),
    [40],
  );
});

test('changes of one cart by many at once, in several processes, are all kept, each a version of its own', async () => {
  const { cartId } = await begin();
  const replies = await Promise.all(
    Array.from({ length: 60 }, (_, n) => add(cartId, lantern, n + 1, carts[n % carts.length])),
  );
  const versions = replies.map((reply) => well(reply).version).sort((a, b) => a - b);
  assert.deepEqual(
    versions,
    Array.from({ length: 60 }, (_, n) => n + 2),
  );
  // Whoever changed the cart saw all that had been changed before.
  for (const reply of replies) assert.equal(well(reply).lines.length, well(reply).version - 1);
  const { lines, version } = await read(cartId);
  assert.equal(version, 61);
  assert.deepEqual(
    lines.map((line) => line.quantity).sort((a, b) => a - b),
    Array.from({ length: 60 }, (_, n) => n + 1),
  );
});

test('a hundred lines are a full cart, also when more come at once', async () => {
  const { cartId } = await begin();
  const replies = await Promise.all(
    Array.from({ length: 130 }, (_, n) => add(cartId, lantern, 1, carts[n % carts.length])),
  );
  const counts = Map.groupBy(replies, slugOf);
  assert.deepEqual([counts.get('fine')?.length, counts.get('cart-full')?.length], [100, 30]);
  assert.equal((await read(cartId)).lines.length, 100);
});

test('of many who change only what they have seen, one does', async () => {
  const { cartId } = await begin();
  for (let version = 1; version <= 5; version++) {
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        (carts[n % carts.length] ?? cart).setCoupon(
          { params: { cartId }, body: { couponCode: `${version}/${n}` } },
          { ifMatch: `"${version}"` },
        ),
      ),
    );
    const counts = Map.groupBy(replies, slugOf);
    assert.deepEqual([counts.get('fine')?.length, counts.get('precondition-failed')?.length], [1, 11]);
  }
  assert.equal((await read(cartId)).version, 6);
});

test('many carts in many lanes, in any order, never wait for each other in a circle', async () => {
  const cartIds = await Promise.all(Array.from({ length: 20 }, async () => (await begin()).cartId));
  const replies = await Promise.all(
    Array.from({ length: 400 }, (_, n) => add(cartIds[(n * 7) % 20] ?? '', lantern, 1, carts[n % carts.length])),
  );
  for (const reply of replies) well(reply);
  for (const cartId of cartIds) assert.equal((await read(cartId)).lines.length, 20);
});

// --- Who and what ---------------------------------------------------------------------------------------------------

test('a buyer stays the same buyer by their token; a forged, foreign or outlived one is refused', async () => {
  const { buyer, cartId } = await begin();
  const again = await begin({ buyer });
  assert.equal(again.buyer, buyer);
  const [buyerId = ''] = buyer.split('.');
  assert.equal(bucketOfId(cartId), bucketOf(buyerId));
  assert.equal(bucketOfId(again.cartId), bucketOf(buyerId));
  assert.notEqual((await begin()).buyer, buyer);

  const elsewhere = createSigner([newSigningKey()]);
  for (const forged of [
    '',
    '.',
    buyerId,
    `${buyerId}.`,
    `${anyId()}.${buyer.split('.')[1]}`,
    `${buyer.slice(0, -1)}${buyer.endsWith('A') ? 'B' : 'A'}`,
    // Another shop's, or signed with a key that this shop no longer honours.
    subjectToken(elsewhere, 'buyer', buyerId),
    // This shop's, but for something else.
    subjectToken(ctx.signer, 'order-capability', buyerId),
  ]) {
    const reply = await cart.createCart({ body: { buyer: forged } });
    assert(isProblem(reply), forged);
    assert.deepEqual([problemSlug(reply), reply.problem.errors?.[0]?.pointer], ['bad-request', '/buyer']);
  }
});

test('what is not for sale is not put into a cart', async () => {
  const [draft, dollarsOnly, priceless] = [
    await newVariant([{ currency: 'USD', amountMinor: 1 }], 'draft'),
    await newVariant([{ currency: 'USD', amountMinor: 1 }]),
    await newVariant([]),
  ];
  const { cartId } = await begin({ currency: 'EUR' });
  for (const variantId of [anyId(), draft, dollarsOnly, priceless]) {
    const reply = await add(cartId, variantId);
    assert.deepEqual([slugOf(reply), isProblem(reply) && reply.problem.variantId], ['not-for-sale', variantId]);
  }
  assert.equal((await read(cartId)).version, 1);
});

test('what is sold only in a sale may wait in the cart for it, without a price', async () => {
  const drop = await newVariant([]);
  const startsAtMs = ctx.clock.nowMs() + 1000;
  const items = [{ variantId: drop, currency: 'EUR', amountMinor: 9900 }];
  well(await promotion.createSale({ body: { name: 'Drop', startsAtMs, endsAtMs: startsAtMs + 1000, items } }));
  const { cartId } = await begin({ currency: 'EUR' });
  const waiting = well(await add(cartId, drop));
  assert.deepEqual([waiting.lines[0]?.unitPriceMinor, waiting.subtotalMinor], [undefined, 0]);
  ctx.clock.advance(1000);
  assert.deepEqual((await read(cartId)).subtotalMinor, 9900);
});

test('a variant that is unpublished later stays in the cart, without a price', async () => {
  const variantId = await newVariant([{ currency: 'USD', amountMinor: 700 }]);
  const slug = `lantern-${productCount - 1}`;
  const { cartId } = await begin();
  well(await add(cartId, variantId));
  const variants = [{ sku: slug.toUpperCase(), prices: [{ currency: 'USD', amountMinor: 700 }] }];
  well(await catalog.putProducts({ body: { products: [{ slug, title: 'Lantern', state: 'archived', variants }] } }));
  const { lines, subtotalMinor } = await read(cartId);
  assert.deepEqual([lines[0]?.unitPriceMinor, subtotalMinor], [undefined, 0]);
});

test('ways of delivery have a price per currency; an unknown one, or one without a price here, is refused', async () => {
  const { items } = well(await cart.listDeliveryMethods({ query: { currency: 'EUR' } }));
  assert.deepEqual(
    items.map(({ code, currency }) => [code, currency]),
    [
      ['standard', 'EUR'],
      ['express', 'EUR'],
    ],
  );
  assert.equal(well(await cart.listDeliveryMethods({ query: {} })).items.length, 4);
  const set = async (currency: string, deliveryMethod: string) =>
    slugOf(
      await cart.setDelivery({ params: { cartId: (await begin({ currency })).cartId }, body: { deliveryMethod } }),
    );
  assert.equal(await set('EUR', 'standard'), 'fine');
  assert.equal(await set('EUR', 'Standard'), 'delivery-unknown');
  assert.equal(await set('JPY', 'standard'), 'delivery-unknown');
});

test('a cart or a line that is not there is not found, and a currency that is none is refused', async () => {
  const [cartId, lineId] = [anyId(), anyId()];
  const known = (await begin()).cartId;
  const replies = [
    cart.getCart({ params: { cartId } }),
    cart.getCartForQuote({ params: { cartId } }),
    add(cartId),
    cart.changeLine({ params: { cartId, lineId }, body: { quantity: 1 } }),
    cart.changeLine({ params: { cartId: known, lineId }, body: { quantity: 1 } }),
    cart.removeLine({ params: { cartId, lineId } }),
    cart.setCoupon({ params: { cartId }, body: { couponCode: null } }),
  ];
  for (const reply of replies) assert.equal(slugOf(await reply), 'not-found');
  assert.equal(slugOf(await cart.createCart({ body: { currency: 'QQQ' } })), 'bad-request');
});

test('texts are kept as they are, whatever stands in them', async () => {
  const { cartId } = await begin();
  const nasty = `'; drop schema cart cascade; -- "\\ {NULL,} \n\t 🎉 ünï ${'x'.repeat(50)}`;
  const address = { ...deliveryAddress, name: nasty, line1: '\\', line2: '"', city: 'null', region: '{}' };
  const set = well(await cart.setAddress({ params: { cartId }, body: { contact, deliveryAddress: address } }));
  assert.deepEqual(set.deliveryAddress, address);
  assert.deepEqual((await read(cartId)).deliveryAddress, address);
  for (const couponCode of [nasty.slice(0, 60), 'NULL', '\\N', '€'.repeat(60)]) {
    well(await cart.setCoupon({ params: { cartId }, body: { couponCode } }));
    assert.equal((await read(cartId)).couponCode, couponCode);
  }
});

test('quantities that are none are refused by the contract, and by the schema were they to come so far', async () => {
  const checks = [cartApi.routes.addLine.body, cartApi.routes.changeLine.body].map((schema) => validation.body(schema));
  for (const quantity of [0, -1, 1.5, 10_001, 2 ** 31, 2 ** 53, 1e300, Number.NaN, Infinity, '1', null, [], {}, true]) {
    assert(checks[0]?.({ variantId: lantern, quantity }), String(quantity));
    assert(checks[1]?.({ quantity }), String(quantity));
  }
  assert(checks[1]?.({ quantity: 1, version: 7 }), 'unknown fields are refused');
  assert.equal(checks[0]?.({ variantId: lantern, quantity: 10_000 }), undefined);

  const { cartId } = await begin();
  const line = { lineId: anyId(), variantId: lantern, quantity: 10_001 };
  const change: CartRequest = {
    kind: 'change',
    cartId,
    ifMatch: undefined,
    change: { kind: 'add-line', line, soldIn: ['USD'] },
  };
  await assert.rejects(changeCarts(ctx.database, [change], ctx.clock.nowMs()), /line_quantity_within_bounds/);
  assert.deepEqual((await read(cartId)).lines, []);
});

test('a subtotal of enormous prices and quantities stays what an amount can be', async () => {
  const variantId = await newVariant([{ currency: 'USD', amountMinor: 1_000_000_000_000 }]);
  const { cartId } = await begin();
  well(await add(cartId, variantId, 10_000));
  assert.equal(well(await add(cartId, variantId, 10_000)).subtotalMinor, 1_000_000_000_000);
});

// --- Cost and care --------------------------------------------------------------------------------------------------

test('a batch costs two round trips, however many carts it changes', async () => {
  const begun = await Promise.all(Array.from({ length: 50 }, () => begin()));
  const requests = begun.flatMap(({ cartId }): CartRequest[] => {
    const line = { lineId: anyId(), variantId: lantern, quantity: 1 };
    const change = (wanted: Extract<CartRequest, { kind: 'change' }>['change']): CartRequest => ({
      kind: 'change',
      cartId,
      ifMatch: undefined,
      change: wanted,
    });
    return [
      change({ kind: 'add-line', line, soldIn: ['USD'] }),
      change({ kind: 'set-quantity', lineId: line.lineId, quantity: 2 }),
      change({ kind: 'set-coupon', couponCode: 'A' }),
    ];
  });
  const road = await testRoad(ctx.database);
  await road.database.ping(10_000);
  let outcomes: Awaited<ReturnType<typeof changeCarts>> = [];
  const trips = await road.countTrips(async () => {
    outcomes = await changeCarts(road.database, requests, ctx.clock.nowMs());
  });
  assert(outcomes.every((outcome) => outcome.kind === 'saved'));
  // Carts locked and lines read; then all that is written, with the commit.
  assert.equal(trips, 2);
  const stored = await loadCarts(
    ctx.database,
    begun.map((each) => each.cartId),
  );
  for (const each of stored.values())
    assert.deepEqual([each.lines[0]?.quantity, each.couponCode, each.version], [2, 'A', 4]);
});

test('of a table that has grown since it was last looked at, a change of a few carts reads those', async () => {
  await sql`
    insert into cart.cart (cart_id, buyer_id, currency, version, updated_at)
    select gen_random_uuid(), gen_random_uuid(), 'USD', 1, now()
      from generate_series(1, 3000)`.execute(ctx.database);
  const begun = await Promise.all(Array.from({ length: 3 }, () => begin()));
  const stored = await loadCarts(
    ctx.database,
    begun.map(({ cartId }) => cartId),
  );
  const { text, values } = restatingCarts([...stored.values()]);
  const explained: Statement<{ 'QUERY PLAN': string }> = {
    ...sql<{ 'QUERY PLAN': string }>``,
    text: `explain ${text}`,
    name: '',
    values,
  };
  const { rows } = await ctx.database.run(explained);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  assert.match(plan, /Index Scan using cart_pkey on cart/);
});

test('carts that nobody has touched for a month are deleted, lines and all; others stay', async () => {
  const dayMs = 24 * 60 * 60 * 1000;
  const [forgotten, used] = [await begin(), await begin()];
  well(await add(forgotten.cartId));
  ctx.clock.advance(29 * dayMs);
  well(await add(used.cartId));
  const young = await begin();
  assert.equal(await service.deleteAbandoned(), 0);
  ctx.clock.advance(dayMs + 1);
  assert((await service.deleteAbandoned()) > 0);
  assert.equal(slugOf(await cart.getCart({ params: { cartId: forgotten.cartId } })), 'not-found');
  assert.equal((await read(used.cartId)).lines.length, 1);
  await read(young.cartId);
  const { rows } = await sql`
    select 1
      from cart.line
     where cart_id = ${forgotten.cartId}::uuid`.execute(ctx.database);
  assert.equal(rows.length, 0);
});

test('a lane that has more than it may hold says so, and nothing was begun', async () => {
  const narrow = connectInProcess(createCart(otherContext(), { catalog, promotion }, { batchMax: 1, waitingMax: 3 }));
  const replies = await Promise.all(Array.from({ length: 20 }, () => narrow.createCart({ body: {} })));
  const counts = Map.groupBy(replies, slugOf);
  assert.deepEqual([counts.get('fine')?.length, counts.get('overloaded')?.length], [3, 17]);
});

test('what is stopped finishes what it took, and takes nothing new', async () => {
  const stopping = createCart(otherContext(), { catalog, promotion });
  const client = connectInProcess(stopping);
  const taken = Array.from({ length: 5 }, () => client.createCart({ body: {} }));
  await stopping.stop?.();
  const cartIds = (await Promise.all(taken)).map((reply) => well(reply).cartId);
  const stored: ReadonlyMap<string, StoredCart> = await loadCarts(ctx.database, cartIds);
  assert.equal(stored.size, 5);
  assert.equal(slugOf(await client.createCart({ body: {} })), 'overloaded');
});

test('staff say which ways of delivery there are; what stands twice or is in no currency is refused', async () => {
  const before = well(await cart.listDeliveryMethods({ query: {} })).items;
  const pickUp = { code: 'pick-up', title: 'Pick up in the shop', amountMinor: 0, currency: 'GBP' };
  const items = [...before, pickUp];
  const replaced = await Promise.all(carts.map((one) => one.putDeliveryMethods({ body: { items } })));
  for (const reply of replaced) assert.deepEqual(well(reply).items.toSorted(byCode), items.toSorted(byCode));
  assert.deepEqual(well(await cart.listDeliveryMethods({ query: { currency: 'GBP' } })).items, [pickUp]);
  for (const wrong of [[pickUp, pickUp], [{ ...pickUp, currency: 'XXZ' }]]) {
    assert.equal(slugOf(await cart.putDeliveryMethods({ body: { items: wrong } })), 'bad-request');
  }
  await cart.putDeliveryMethods({ body: { items: before } });
});

function byCode(one: { code: string; currency: string }, other: { code: string; currency: string }): number {
  return `${one.code} ${one.currency}` < `${other.code} ${other.currency}` ? -1 : 1;
}
