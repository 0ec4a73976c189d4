import assert from 'node:assert/strict';
import test from 'node:test';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem, type ProblemReply, problemSlug } from '../../platform/api/problem.ts';
import { createValidation } from '../../platform/api/validation.ts';
import { bucketOf } from '../../platform/database/bucket.ts';
import { bucketOfId, isUuid, madeAtMs, newId, randomBucket } from '../../platform/database/id.ts';
import { createSigner, newSigningKey } from '../../platform/signing/signer.ts';
import { subjectToken } from '../../platform/signing/subject-token.ts';
import { testContext } from '../../platform/testing/context.ts';
import { cartMigrations } from '../cart/migrations.ts';
import { createCart } from '../cart/service.ts';
import { catalogMigrations } from '../catalog/migrations.ts';
import { createCatalog } from '../catalog/service.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { createCheckout } from '../checkout/service.ts';
import type { PriceRuleInput } from '../promotion/api.ts';
import { promotionMigrations } from '../promotion/migrations.ts';
import { createPromotion } from '../promotion/service.ts';
import type { Admission, AdmissionRequest } from './api.ts';
import { type Quote, quoteApi, type SignedQuote } from './api.ts';
import { createQuote } from './service.ts';

// The whole way from a wish to an order, every service real.
const ctx = await testContext([catalogMigrations, promotionMigrations, cartMigrations, checkoutMigrations], {
  shop: { taxIncludedBasisPoints: 2000, quoteTtlMs: 600_000 },
});
const validation = createValidation();
const catalog = connectInProcess(createCatalog(ctx), { validation });
const checkout = connectInProcess(createCheckout(ctx), { validation });
const promotion = connectInProcess(createPromotion(ctx, { checkout }), { validation });
const cart = connectInProcess(createCart(ctx, { catalog, promotion }), { validation });
const quoting = connectInProcess(createQuote(ctx, { catalog, promotion, cart }), { validation });

type Wish = Parameters<typeof quoting.createQuote>[0]['body'];

const anyId = () => newId(randomBucket(), ctx.clock.nowMs());
const ask = (body: Wish) => quoting.createQuote({ body });
const order = (quote: string) => checkout.placeOrder({ body: { quote } });

/** The body of a reply that must be a success. */
function well<R extends { readonly status: number }>(
  reply: R,
): Extract<Exclude<R, ProblemReply>, { body: unknown }>['body'] {
  assert(!isProblem(reply), JSON.stringify(reply));
  assert('body' in reply);
  return reply.body as never;
}
const slugOf = (reply: object) => (isProblem(reply) ? problemSlug(reply) : 'fine');
const tally = (replies: readonly object[]) =>
  Object.fromEntries([...Map.groupBy(replies, slugOf)].map(([slug, some]) => [slug, some.length]));

let productCount = 0;
/** A variant for sale at 10.00, of which there are some. */
async function newVariant(onHand = 0, title = 'Lantern'): Promise<string> {
  const slug = `lantern-${productCount++}`;
  const prices = [{ currency: 'USD', amountMinor: 1000 }];
  const product = { slug, title, state: 'published' as const, variants: [{ sku: slug.toUpperCase(), prices }] };
  const { results } = well(await catalog.putProducts({ body: { products: [product] } }));
  const subjectId = results[0]?.variants[0]?.variantId ?? assert.fail('a variant');
  if (onHand > 0) {
    const grants = [{ grantId: anyId(), subjectId, quantity: onHand }];
    well(await checkout.grantAllotments({ body: { grants } }));
  }
  return subjectId;
}
async function newSale(
  variantId: string,
  over: { startsInMs?: number; lastsMs?: number; limitPerBuyer?: number } = {},
) {
  const { startsInMs = 0, lastsMs = 3_600_000, ...item } = over;
  const startsAtMs = ctx.clock.nowMs() + startsInMs;
  const items = [{ variantId, currency: 'USD', amountMinor: 700, ...item }];
  return well(
    await promotion.createSale({ body: { name: 'Sale', startsAtMs, endsAtMs: startsAtMs + lastsMs, items } }),
  );
}
async function newCoupon(over: Partial<PriceRuleInput> = {}): Promise<string> {
  const couponCode = anyId();
  const reduction = { kind: 'percentage', basisPoints: 1000 } as const;
  const rule = { name: 'Coupon', reduction, scope: { kind: 'everything' } as const, couponCode, ...over };
  well(await promotion.createPriceRule({ body: rule }));
  return couponCode;
}
async function newCart(lines: readonly (readonly [variantId: string, quantity: number])[]) {
  const { cartId, buyer } = well(await cart.createCart({ body: {} }));
  for (const [variantId, quantity] of lines) {
    well(await cart.addLine({ params: { cartId }, body: { variantId, quantity } }));
  }
  return { cartId, buyer };
}
const contact = { email: 'ann@example.org' };
const deliveryAddress = { name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };
/** What a quote from a cart needs beside the cart's lines. */
const delivery = { contact, deliveryAddress, deliveryMethod: 'standard' };
const one = (variantId: string) => [{ variantId, quantity: 1 }];
const lantern = await newVariant(1_000_000);

/** What was signed, without what was added to it. */
function signed({ quote, buyer: _, ...rest }: SignedQuote): Quote {
  assert.deepEqual(ctx.signer.verify('quote', quote), rest);
  return rest;
}

// --- What stands before a quote ---------------------------------------------------------------------------------------

test('a quote that was let in carries its pass and ends with it; who must wait is told where, and gets no quote', async () => {
  const nowMs = ctx.clock.nowMs();
  const roomId = anyId();
  const variantId = await newVariant(5);
  const sale = await newSale(variantId);
  const asked: AdmissionRequest[] = [];
  const admission: Admission = {
    async admit(request) {
      asked.push(request);
      if (request.sales.length === 0) return { kind: 'free' };
      if (request.pass === undefined) return { kind: 'wait', roomId, ticket: 't', buyer: 'b', retryAfterS: 7 };
      return { kind: 'admitted', pass: { roomId, place: 3 }, expiresAtMs: nowMs + 1000 };
    },
  };
  const guarded = connectInProcess(createQuote(ctx, { catalog, promotion, cart }, admission), { validation });
  const lines = one(variantId);
  const waits = await guarded.createQuote({ body: { lines } });
  assert(isProblem(waits));
  assert.deepEqual([problemSlug(waits), waits.status, waits.headers], ['waiting-room', 503, { 'retry-after': '7' }]);
  assert.deepEqual([waits.problem.roomId, waits.problem.ticket, waits.problem.buyer], [roomId, 't', 'b']);
  const quote = signed(well(await guarded.createQuote({ body: { lines, pass: 'p', ticket: 't' } })));
  assert.deepEqual([quote.pass, quote.expiresAtMs], [{ roomId, place: 3 }, nowMs + 1000]);
  const { call: _, ...last } = asked.at(-1) ?? assert.fail('asked');
  assert.deepEqual(last, { sales: [[sale.saleId]], buyerId: undefined, pass: 'p', ticket: 't' });
  assert.equal(signed(well(await guarded.createQuote({ body: { lines: one(lantern) } }))).pass, undefined);
});

// --- What a quote is ------------------------------------------------------------------------------------------------

test('buy-now: what is signed is what is shown, and becomes the order', async () => {
  const nowMs = ctx.clock.nowMs();
  const reply = well(await ask({ lines: [{ variantId: lantern, quantity: 3 }], deliveryMethod: 'standard', contact }));
  const { orderId, buyerId, ...quote } = signed(reply);
  assert.deepEqual(quote, {
    currency: 'USD',
    lines: [
      {
        variantId: lantern,
        sku: 'LANTERN-0',
        title: 'Lantern',
        quantity: 3,
        unitPriceMinor: 1000,
        discountMinor: 0,
        totalMinor: 3000,
      },
    ],
    deliveryMethod: 'standard',
    deliveryMinor: 500,
    taxMinor: 583,
    totalMinor: 3500,
    contact,
    expiresAtMs: nowMs + 600_000,
  });
  assert(isUuid(orderId) && isUuid(buyerId));
  assert.equal(bucketOfId(orderId), bucketOf(buyerId), 'an order is found by its own id and by its buyer');
  assert.equal(madeAtMs(orderId), nowMs);
  const placed = well(await order(reply.quote));
  assert.deepEqual([placed.orderId, placed.totalMinor, placed.lines], [orderId, 3500, quote.lines]);
});

test('from a cart: its lines merged, its buyer, address, delivery and coupon; what the request says goes before', async () => {
  const other = await newVariant(10);
  const { cartId, buyer } = await newCart([
    [lantern, 2],
    [other, 1],
    [lantern, 3],
  ]);
  well(await cart.setAddress({ params: { cartId }, body: { contact, deliveryAddress } }));
  well(await cart.setDelivery({ params: { cartId }, body: { deliveryMethod: 'express' } }));
  const couponCode = await newCoupon();
  well(await cart.setCoupon({ params: { cartId }, body: { couponCode } }));
  const quote = well(await ask({ cartId }));
  assert.deepEqual(
    quote.lines.map(({ variantId, quantity, discountMinor }) => ({ variantId, quantity, discountMinor })),
    [
      { variantId: lantern, quantity: 5, discountMinor: 500 },
      { variantId: other, quantity: 1, discountMinor: 100 },
    ],
  );
  assert.deepEqual(
    [quote.buyer, quote.contact, quote.deliveryAddress, quote.deliveryMethod, quote.coupon?.discountMinor],
    [buyer, contact, deliveryAddress, 'express', 600],
  );
  assert.equal(quote.totalMinor, 5400 + 1500);
  const otherwise = { ...contact, email: 'bob@example.org' };
  const changed = well(await ask({ cartId, contact: otherwise, deliveryMethod: 'standard' }));
  assert.deepEqual([changed.contact, changed.totalMinor], [otherwise, 5400 + 500]);
  well(await order(quote.quote));
});

test('each quote is an order of its own, and one quote is one order', async () => {
  const wish = { lines: one(lantern) };
  const [first, second] = [well(await ask(wish)), well(await ask(wish))];
  assert.notEqual(first.orderId, second.orderId);
  const replies = await Promise.all(Array.from({ length: 10 }, () => order(first.quote)));
  assert.deepEqual(new Set(replies.map((reply) => well(reply).orderId)), new Set([first.orderId]));
});

const refusals: readonly (readonly [string, string, () => Promise<Wish> | Wish])[] = [
  ['neither cart nor lines', 'bad-request', () => ({})],
  ['both cart and lines', 'bad-request', async () => ({ ...(await emptyCart()), lines: one(lantern) })],
  ['a cart that is not there', 'not-found', () => ({ cartId: anyId() })],
  ['an empty cart', 'cart-empty', () => emptyCart()],
  ['an unknown variant', 'not-for-sale', () => ({ lines: [...one(lantern), ...one(anyId())] })],
  ['a currency without a price', 'not-for-sale', () => ({ lines: one(lantern), currency: 'EUR' })],
  ['an unknown coupon', 'coupon-invalid', () => ({ lines: one(lantern), couponCode: "' or true --" })],
  ['an unknown delivery', 'delivery-unknown', () => ({ lines: one(lantern), deliveryMethod: 'teleport' })],
  [
    'too many of one variant',
    'bad-request',
    () => ({ lines: Array.from({ length: 100 }, () => ({ variantId: lantern, quantity: 10_000 })) }),
  ],
];
async function emptyCart(): Promise<{ cartId: string }> {
  return { cartId: (await newCart([])).cartId };
}
for (const [name, slug, wish] of refusals) {
  test(`refused: ${name}`, async () => assert.equal(slugOf(await ask(await wish())), slug));
}

test('what is not for sale is named', async () => {
  const [draft, reply] = [anyId(), await ask({ lines: [...one(lantern), ...one(anyId())] })];
  assert(isProblem(reply) && reply.problem.variantId !== draft && isUuid(String(reply.problem.variantId)));
});

test('what only lacks a price in the currency says so; what is no currency is a bad request', async () => {
  const reply = await ask({ lines: one(lantern), currency: 'EUR' });
  assert(isProblem(reply));
  const { detail, currency, variantId } = reply.problem;
  assert.deepEqual([detail, currency, variantId], ['SKU “LANTERN-0” has no price in EUR.', 'EUR', lantern]);
  const unknown = await ask({ lines: one(anyId()) });
  assert(isProblem(unknown) && !('currency' in unknown.problem));
  const wrong = await ask({ lines: one(lantern), currency: 'XXX' });
  assert.deepEqual(
    [slugOf(wrong), isProblem(wrong) && wrong.problem.errors?.[0]?.pointer],
    ['bad-request', '/currency'],
  );
});

test('a cart is quoted only when it is said where it goes and how, there or in the request', async () => {
  const { cartId } = await newCart([[lantern, 1]]);
  const missing = async (body: Wish) => {
    const reply = await ask({ cartId, ...body });
    return isProblem(reply) ? [problemSlug(reply), reply.problem.missing] : reply.body.totalMinor;
  };
  const required = (...fields: string[]) => ['delivery-required', fields];
  assert.deepEqual(await missing({}), required('contact', 'deliveryAddress', 'deliveryMethod'));
  assert.deepEqual(await missing({ contact, deliveryAddress }), required('deliveryMethod'));
  assert.deepEqual(await missing({ deliveryMethod: 'standard' }), required('contact', 'deliveryAddress'));
  assert.equal(await missing(delivery), 1500);
  well(await cart.setDelivery({ params: { cartId }, body: { deliveryMethod: 'standard' } }));
  assert.deepEqual(await missing({ contact }), required('deliveryAddress'));
  assert.equal(await missing({ contact, deliveryAddress }), 1500);
  well(await cart.setAddress({ params: { cartId }, body: { contact, deliveryAddress } }));
  assert.equal(await missing({}), 1500);
  assert.equal(well(await ask({ lines: one(lantern) })).deliveryMinor, 0);
});

test('hostile requests are refused by the contract', () => {
  const check = validation.body(quoteApi.routes.createQuote.body);
  const line = { variantId: lantern, quantity: 1 };
  for (const quantity of [0, -1, 1.5, 10_001, 2 ** 53, Number.NaN, '1', null, [1]]) {
    assert(check({ lines: [{ ...line, quantity }] }), String(quantity));
  }
  for (const body of [
    { lines: [] },
    { lines: Array.from({ length: 101 }, () => line) },
    { lines: [{ ...line, unitPriceMinor: 1 }] },
    { lines: [line], totalMinor: 1 },
    { lines: [line], buyer: 'x'.repeat(201) },
    { lines: [line], currency: 'usd' },
    { lines: [line], contact: { email: 'nobody' } },
    { lines: [line], couponCode: '' },
    { lines: [{ ...line, variantId: "'; select 1" }] },
    { lines: { length: 1, 0: line } },
  ]) {
    assert(check(body), JSON.stringify(body));
  }
  assert.equal(check({ lines: [line] }), undefined);
});

// --- Who ------------------------------------------------------------------------------------------------------------

test('the buyer is who the token says, else the cart’s, else someone new', async () => {
  const { cartId, buyer } = await newCart([[lantern, 1]]);
  assert.equal(well(await ask({ cartId, ...delivery })).buyer, buyer);
  const someone = well(await ask({ lines: one(lantern) }));
  assert.notEqual(someone.buyer, well(await ask({ lines: one(lantern) })).buyer);
  const same = well(await ask({ lines: one(lantern), buyer: someone.buyer }));
  assert.deepEqual([same.buyer, same.buyerId], [someone.buyer, someone.buyerId]);
  // A cart that was shared is bought by who buys it.
  assert.equal(well(await ask({ cartId, ...delivery, buyer: someone.buyer })).buyerId, someone.buyerId);
});

test('a forged, foreign or outlived buyer token is refused', async () => {
  const { buyer, buyerId } = well(await ask({ lines: one(lantern) }));
  const forgeries = [
    buyerId,
    `${anyId()}.${buyer.split('.')[1]}`,
    `${buyer}x`,
    buyer.toUpperCase(),
    subjectToken(createSigner([newSigningKey()]), 'buyer', buyerId),
    subjectToken(ctx.signer, 'order-capability', buyerId),
  ];
  for (const forged of forgeries) {
    const reply = await ask({ lines: one(lantern), buyer: forged });
    assert.deepEqual(
      [slugOf(reply), isProblem(reply) && reply.problem.errors?.[0]?.pointer],
      ['bad-request', '/buyer'],
    );
  }
});

test('a quote with any one bit changed is no quote', async () => {
  const { quote } = well(await ask({ lines: one(lantern) }));
  const bytes = Buffer.from(quote);
  // Every seventh bit visits every bit of a byte and every part of the token; then the whole signature.
  const signatureAt = quote.lastIndexOf('.') * 8;
  for (let bit = 0; bit < bytes.length * 8; bit += bit < signatureAt ? 7 : 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(slugOf(await order(changed.toString('latin1'))), 'quote-invalid', changed.toString('latin1'));
  }
  for (const other of ['', '.', '..', quote.split('.').slice(0, 2).join('.'), `${quote}.`]) {
    assert.equal(slugOf(await order(other)), 'quote-invalid', other);
  }
});

// --- When -----------------------------------------------------------------------------------------------------------

test('a sale’s price is given from its first millisecond until before its last, and no order has another one then', async () => {
  const variantId = await newVariant(100);
  const { startsAtMs, endsAtMs } = await newSale(variantId, { startsInMs: 1000, lastsMs: 1000 });
  const priceAfter = async (byMs: number) => {
    ctx.clock.advance(byMs);
    return well(await ask({ lines: one(variantId) }));
  };
  const before = await priceAfter(999);
  assert.deepEqual([before.totalMinor, before.expiresAtMs], [1000, startsAtMs]);
  const first = await priceAfter(1);
  assert.deepEqual([first.totalMinor, first.expiresAtMs], [700, endsAtMs]);
  assert.equal(slugOf(await order(before.quote)), 'quote-expired', 'it has neither the sale’s limit nor its pass');
  const last = await priceAfter(999);
  assert.deepEqual([last.totalMinor, last.expiresAtMs], [700, endsAtMs]);
  assert.equal(slugOf(await order(first.quote)), 'fine');
  const after = await priceAfter(1);
  assert.equal(after.totalMinor, 1000);
  assert.equal(slugOf(await order(last.quote)), 'quote-expired');
  // A clock that steps back finds the sale where it was; the quote is good again for its last moment, and no longer.
  assert.equal((await priceAfter(-1)).totalMinor, 700);
  assert.equal(slugOf(await order(last.quote)), 'fine');
  assert.equal((await priceAfter(-1000)).totalMinor, 1000);
  ctx.clock.advance(2000);
});

test('a quote holds as long as the shop says, and not a millisecond longer', async () => {
  const quotes = [well(await ask({ lines: one(lantern) })), well(await ask({ lines: one(lantern) }))];
  ctx.clock.advance(599_999);
  assert.equal(slugOf(await order(quotes[0]?.quote ?? '')), 'fine');
  ctx.clock.advance(1);
  assert.equal(slugOf(await order(quotes[1]?.quote ?? '')), 'quote-expired');
});

test('a quote holds no longer than the rule or coupon that made its price', async () => {
  const endsAtMs = ctx.clock.nowMs() + 5000;
  const couponCode = await newCoupon({ endsAtMs });
  assert.equal(well(await ask({ lines: one(lantern), couponCode })).expiresAtMs, endsAtMs);
  ctx.clock.advance(5000);
  assert.equal(slugOf(await ask({ lines: one(lantern), couponCode })), 'coupon-invalid');
});

test('what is sold only in a sale says when, until it has begun', async () => {
  const slug = `drop-${productCount++}`;
  const product = { slug, title: 'Drop', state: 'published' as const, variants: [{ sku: slug, prices: [] }] };
  const { results } = well(await catalog.putProducts({ body: { products: [product] } }));
  const variantId = results[0]?.variants[0]?.variantId ?? '';
  assert.equal(slugOf(await ask({ lines: one(variantId) })), 'not-for-sale');
  const { startsAtMs, endsAtMs } = await newSale(variantId, { startsInMs: 1000 });
  const early = await ask({ lines: one(variantId) });
  assert(isProblem(early));
  const { variantId: named, startsAtMs: starts, endsAtMs: ends } = early.problem;
  assert.deepEqual([problemSlug(early), named, starts, ends], ['sale-not-open', variantId, startsAtMs, endsAtMs]);
  ctx.clock.advance(1000);
  assert.equal(well(await ask({ lines: one(variantId) })).totalMinor, 700);
});

test('what is held until its sale is sold to nobody before, at no price and in no currency', async () => {
  const variantId = await newVariant(5);
  const startsAtMs = ctx.clock.nowMs() + 1000;
  const endsAtMs = startsAtMs + 1000;
  const items = [{ variantId, currency: 'EUR', amountMinor: 900 }];
  const plan = { name: 'Drop', startsAtMs, endsAtMs, isHeldUntilStart: true, items };
  const { saleId } = well(await promotion.createSale({ body: plan }));
  const { cartId } = await newCart([[variantId, 1]]);
  for (const wish of [{ lines: one(variantId) }, { lines: one(variantId), currency: 'EUR' }, { cartId, ...delivery }]) {
    const early = await ask(wish);
    assert(isProblem(early));
    const { variantId: named, startsAtMs: starts, endsAtMs: ends } = early.problem;
    assert.deepEqual([problemSlug(early), named, starts, ends], ['sale-not-open', variantId, startsAtMs, endsAtMs]);
  }
  const shown = async () => well(await cart.getCart({ params: { cartId } })).lines[0]?.unitPriceMinor;
  assert.equal(await shown(), undefined);

  well(await promotion.endSale({ params: { saleId } }));
  assert.equal(well(await ask({ lines: one(variantId) })).totalMinor, 1000, 'called off, it is sold as ever');
  assert.equal(await shown(), 1000);
  well(await promotion.createSale({ body: { ...plan, saleId } }));
  assert.equal(slugOf(await ask({ lines: one(variantId) })), 'sale-not-open');
  ctx.clock.advance(1000);
  assert.equal(well(await ask({ lines: one(variantId), currency: 'EUR' })).totalMinor, 900);
  assert.equal(well(await ask({ lines: one(variantId) })).totalMinor, 1000);
  ctx.clock.advance(1000);
  assert.equal(well(await ask({ lines: one(variantId) })).totalMinor, 1000);
});

// --- The races where others oversell ----------------------------------------------------------------------------------

test('two lines that share a variant cannot together take more than there is', async () => {
  const variantId = await newVariant(3);
  const { cartId } = await newCart([
    [variantId, 2],
    [variantId, 2],
  ]);
  const quote = well(await ask({ cartId, ...delivery }));
  assert.deepEqual(
    quote.lines.map((line) => line.quantity),
    [4],
  );
  assert.equal(slugOf(await order(quote.quote)), 'sold-out');
});

test('a coupon with five redemptions is redeemed by five of fifty who order at once', async () => {
  const couponCode = await newCoupon({ redemptionsMax: 5 });
  const quotes = await Promise.all(Array.from({ length: 50 }, () => ask({ lines: one(lantern), couponCode })));
  const replies = await Promise.all(quotes.map((reply) => order(well(reply).quote)));
  assert.deepEqual(tally(replies), { fine: 5, 'coupon-exhausted': 45 });
  // Raised by two, two more.
  const { items } = well(await promotion.listPriceRules({}));
  const rule = items.find((each) => each.couponCode === couponCode) ?? assert.fail('the rule');
  well(await promotion.createPriceRule({ body: { ...rule, redemptionsMax: 7 } }));
  const more = await Promise.all(
    Array.from({ length: 20 }, async () => order(well(await ask({ lines: one(lantern), couponCode })).quote)),
  );
  assert.deepEqual(tally(more), { fine: 2, 'coupon-exhausted': 18 });
});

test('a coupon once per buyer is redeemed once by each, however many orders they send at once', async () => {
  const couponCode = await newCoupon({ limitPerBuyer: 1 });
  const buyers = await Promise.all(Array.from({ length: 5 }, async () => (await newCart([])).buyer));
  const replies = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const buyer = buyers[n % 5] ?? '';
      return order(well(await ask({ lines: one(lantern), couponCode, buyer })).quote);
    }),
  );
  assert.deepEqual(tally(replies), { fine: 5, 'limit-reached': 45 });
});

test('a sale’s limit per buyer holds over orders, lines and sales made anew', async () => {
  const variantId = await newVariant(1000);
  const sale = await newSale(variantId, { limitPerBuyer: 3 });
  const { cartId, buyer } = await newCart([
    [variantId, 2],
    [variantId, 2],
  ]);
  assert.equal(slugOf(await order(well(await ask({ cartId, ...delivery })).quote)), 'limit-reached');
  const buy = async () => order(well(await ask({ lines: one(variantId), buyer })).quote);
  const replies = await Promise.all(Array.from({ length: 20 }, buy));
  assert.deepEqual(tally(replies), { fine: 3, 'limit-reached': 17 });
  const { saleId, name, startsAtMs, endsAtMs } = sale;
  const items = [{ variantId, currency: 'USD', amountMinor: 600, limitPerBuyer: 4 }];
  well(await promotion.createSale({ body: { saleId, name, startsAtMs, endsAtMs, items } }));
  assert.deepEqual(tally([await buy(), await buy()]), { fine: 1, 'limit-reached': 1 });
});

// --- Cost -----------------------------------------------------------------------------------------------------------

test('buy-now in a sale costs no statement', async () => {
  const variantId = await newVariant();
  await newSale(variantId);
  const body = { lines: one(variantId), deliveryMethod: 'standard' };
  well(await ask(body));
  const { run, transaction } = ctx.database;
  let statementCount = 0;
  const counting = {
    run: ((statement) => {
      statementCount++;
      return run(statement);
    }) satisfies typeof run,
    transaction: ((work, options) => {
      statementCount++;
      return transaction(work, options);
    }) satisfies typeof transaction,
  };
  Object.assign(ctx.database, counting);
  try {
    for (let n = 0; n < 50; n++) well(await ask(body));
  } finally {
    Object.assign(ctx.database, { run, transaction });
  }
  assert.equal(statementCount, 0);
});

test('a hundred lines with the longest titles make an order: titles are cut, nothing else', async () => {
  const title = '"\u{1F3EE}'.repeat(125);
  const products = Array.from({ length: 100 }, (_, n) => ({
    slug: `long-${n}`,
    title,
    state: 'published' as const,
    variants: [{ sku: `${'€'.repeat(90)}${n}`, prices: [{ currency: 'USD', amountMinor: 100 + n }] }],
  }));
  const { results } = well(await catalog.putProducts({ body: { products } }));
  const variantIds = results.map((result) => result.variants[0]?.variantId ?? '');
  const grants = variantIds.map((subjectId) => ({ grantId: anyId(), subjectId, quantity: 1 }));
  well(await checkout.grantAllotments({ body: { grants } }));
  const longest = {
    contact: { email: 'a@example.org', phone: '\u{1F3EE}'.repeat(40) },
    deliveryAddress: { ...deliveryAddress, name: '€'.repeat(200), line1: '€'.repeat(300), line2: '€'.repeat(300) },
  };
  const quote = well(await ask({ lines: variantIds.flatMap(one), ...longest }));
  signed(quote);
  assert(quote.quote.length <= 65_536);
  assert.equal(quote.totalMinor, (100 + 199) * 50);
  for (const line of quote.lines) assert(title.startsWith(line.title) && line.title.isWellFormed());
  assert.deepEqual(well(await order(quote.quote)).lines, quote.lines);
});

test('quotes that ask for the cart’s order are for one order while its lines are the same, and others are for their own', async () => {
  const { cartId, buyer } = await newCart([[lantern, 1]]);
  const asked = { cartId, orderIdFrom: 'cart' as const, ...delivery };
  const first = well(await ask(asked));
  const otherwise = well(await ask({ ...asked, deliveryMethod: 'express' }));
  assert.equal(otherwise.orderId, first.orderId);
  assert.notEqual(otherwise.totalMinor, first.totalMinor);
  assert.equal(bucketOfId(first.orderId), bucketOf(first.buyerId), 'found by its buyer');
  assert.notEqual(well(await ask({ cartId, ...delivery })).orderId, first.orderId);
  well(await cart.addLine({ params: { cartId }, body: { variantId: lantern, quantity: 1 } }));
  assert.notEqual(well(await ask(asked)).orderId, first.orderId);
  const someone = well(await ask({ lines: [{ variantId: lantern, quantity: 1 }] }));
  assert.equal(well(await ask({ ...asked, buyer })).buyerId, first.buyerId);
  for (const body of [
    { ...asked, buyer: someone.buyer },
    { lines: [{ variantId: lantern, quantity: 1 }], orderIdFrom: 'cart' as const },
  ]) {
    const refused = await ask(body);
    assert(isProblem(refused) && problemSlug(refused) === 'bad-request');
  }
});
