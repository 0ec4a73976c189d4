import assert from 'node:assert/strict';
import test from 'node:test';
import { pagesBench, type Seen, textOf, type Visitor, well } from '../testing.ts';

const shop = await pagesBench();

const address = {
  email: 'ann@example.org',
  name: 'Ann Example',
  line1: 'Street 1',
  city: 'Ulm',
  postalCode: '89073',
  countryCode: 'DE',
};

interface Thing {
  readonly variantId: string;
  readonly amountMinor: number;
}

const putIn = (visitor: Visitor, { variantId, amountMinor }: Thing, quantity = 1, prefix = '') =>
  visitor.post(`${prefix}/cart/lines`, { variantId, quantity: String(quantity), seen: String(amountMinor) });

/** From the cart to the review, as a new guest. */
async function toReview(visitor: Visitor, prefix = ''): Promise<Seen> {
  const checkout = await visitor.get(`${prefix}/checkout`);
  return visitor.send(checkout, `${prefix}/checkout`, address);
}

const pay = (visitor: Visitor, review: Seen, fill: Record<string, string> = {}, prefix = '') =>
  visitor.send(review, `${prefix}/checkout/pay`, fill);

const chargedMinor = (orderId: string) =>
  shop.peers.payment
    .listPayments({ params: { orderId } }, { credential: shop.ctx.signer.code('order-capability', orderId) })
    .then((reply) =>
      well(reply)
        .items.filter(({ state }) => state === 'captured')
        .map(({ amountMinor }) => amountMinor),
    );
const orderIdOf = ({ url }: Seen) => /\/orders\/([\w-]{36})/.exec(url)?.[1] ?? assert.fail(`no order: ${url}`);

for (const [prefix, words] of [
  ['', { thanks: /Thank you/, total: '$103.00', title: /Lantern/ }],
  ['/zh', { thanks: /谢谢/, total: 'US$103.00', title: /（中文）/ }],
] as const) {
  test(`a guest buys with nothing but forms, at ${prefix || '/'}`, async () => {
    const thing = await shop.newVariant(4900);
    const visitor = shop.visitor();
    assert.equal((await visitor.get(`${prefix}/cart`)).status, 200);
    assert.deepEqual([...visitor.cookies.keys()], [], 'no cookie before there is something to keep');

    const cart = await putIn(visitor, thing, 2, prefix);
    assert.deepEqual([cart.status, cart.url], [200, `${prefix}/cart`]);
    assert.match(textOf(cart.html), words.title);
    assert.equal(visitor.cookies.get('onrush_cart_count'), '2');

    const review = await toReview(visitor, prefix);
    assert.deepEqual([review.status, review.url], [200, `${prefix}/checkout/review`]);
    assert(textOf(review.html).includes(words.total), textOf(review.html));

    const order = await pay(visitor, review, {}, prefix);
    assert.equal(order.status, 200);
    assert(order.url.startsWith(`${prefix}/orders/`), order.url);
    assert.match(textOf(order.html), words.thanks);
    assert.match(order.html, /<meta name="robots" content="noindex"/);
    assert.deepEqual(await chargedMinor(orderIdOf(order)), [10_300]);
    const kept = ['onrush_buyer', 'onrush_orders', 'onrush_reviews'];
    assert.deepEqual([...visitor.cookies.keys()].sort(), kept, 'the cart became the order');
  });
}

test('the form sent twice at once, and again later, is one order and one charge', async () => {
  const visitor = shop.visitor();
  await putIn(visitor, await shop.newVariant(2000));
  const review = await toReview(visitor);
  const orders = await Promise.all([pay(visitor, review), pay(visitor, review), pay(visitor, review)]);
  orders.push(await pay(visitor, review), await pay(visitor, review, { card: 'test-decline' }));
  const ids = new Set(orders.map(orderIdOf));
  assert.equal(ids.size, 1);
  const [orderId = ''] = ids;
  assert.deepEqual(await chargedMinor(orderId), [2500]);
});

test('going back after the order finds an empty cart, not the same order to be placed again', async () => {
  const visitor = shop.visitor();
  const thing = await shop.newVariant(2000);
  await putIn(visitor, thing);
  const cookies = new Map(visitor.cookies);
  await pay(visitor, await toReview(visitor));
  // As a browser would that kept the cookie, or another tab of it.
  for (const [name, value] of cookies) visitor.cookies.set(name, value);
  const back = await visitor.get('/checkout/review');
  assert.equal(back.url, '/cart');
  assert.match(textOf(back.html), /nothing in your cart/);
});

test('a price that changed between page and quote is shown, and ordered only when it is agreed to', async () => {
  const visitor = shop.visitor();
  const thing = await shop.newVariant(2000, 10);
  await putIn(visitor, thing);
  await shop.putProduct({ ...thing, amountMinor: 2600 });
  const cart = await visitor.get('/cart');
  assert.match(textOf(cart.html), /gone up from \$20\.00 to \$26\.00/);
  const review = await toReview(visitor);
  assert.match(textOf(review.html), /you saw \$20\.00, it is now \$26\.00/);
  const refused = await pay(visitor, review);
  assert.equal(refused.status, 422);
  assert.match(textOf(refused.html), /Agree to the changed prices first/);
  assert.equal(visitor.cookies.get('onrush_cart_count'), '1', 'the cart is kept');
  const order = await pay(visitor, refused, { agree: 'yes' });
  assert.match(textOf(order.html), /Thank you/);
  assert.deepEqual(await chargedMinor(orderIdOf(order)), [3100]);
});

test('a declined card leaves the order to be paid by another one', async () => {
  const visitor = shop.visitor();
  await putIn(visitor, await shop.newVariant(2000));
  const declined = await pay(visitor, await toReview(visitor), { card: 'test-decline' });
  assert.match(textOf(declined.html), /declined and nothing was charged/);
  assert.match(textOf(declined.html), /not enough money/);
  const action = `/orders/${orderIdOf(declined)}/pay`;
  const again = await visitor.send(declined, action, { card: 'test-decline' });
  assert.match(textOf(again.html), /declined and nothing was charged/);
  const paid = await visitor.send(again, action, { card: 'test-ok' });
  assert.match(textOf(paid.html), /Thank you/);
  assert.deepEqual(await chargedMinor(orderIdOf(paid)), [2500]);
});

test('a bank that is slow is waited for, and the page comes again by itself', async () => {
  const visitor = shop.visitor();
  await putIn(visitor, await shop.newVariant(2000));
  const waiting = await pay(visitor, await toReview(visitor), { card: 'test-timeout' });
  assert.match(textOf(waiting.html), /Waiting for your bank/);
  assert.match(waiting.html, /<noscript><meta http-equiv="refresh" content="4"/);
  assert.doesNotMatch(waiting.html, /orders\/[\w-]+\/pay"/, 'nothing to pay twice by');
});

test('what is sold out in between is said, and the rest can be ordered', async () => {
  const [scarce, plenty] = [await shop.newVariant(2000, 2, 'Scarce'), await shop.newVariant(3000)];
  const [first, second] = [shop.visitor(), shop.visitor()];
  for (const visitor of [first, second]) await putIn(visitor, scarce, 2);
  await putIn(second, plenty);
  const late = await toReview(second);
  await pay(first, await toReview(first));
  const refused = await pay(second, late);
  assert.equal(refused.status, 409);
  assert.match(textOf(refused.html), /“Scarce” is gone. Nothing was ordered/);
  assert.equal(second.cookies.get('onrush_cart_count'), '3', 'the cart is kept');
  const review = await second.send(refused, /^\/cart\/lines\//);
  assert.equal(review.url, '/checkout/review');
  const order = await pay(second, review);
  assert.deepEqual(await chargedMinor(orderIdOf(order)), [3500]);
});

test('when fewer are left than are wanted, they can be taken', async () => {
  const scarce = await shop.newVariant(2000, 3, 'Scarce');
  const [first, second] = [shop.visitor(), shop.visitor()];
  for (const visitor of [first, second]) await putIn(visitor, scarce, 2);
  const late = await toReview(second);
  await pay(first, await toReview(first));
  const refused = await pay(second, late);
  assert.match(textOf(refused.html), /Only 1 left/);
  const order = await pay(second, await second.send(refused, /^\/cart\/lines\//, {}));
  assert.deepEqual(await chargedMinor(orderIdOf(order)), [2500]);
});

test('a quote that has run out is made anew and looked at again', async () => {
  const visitor = shop.visitor();
  await putIn(visitor, await shop.newVariant(2000));
  const review = await toReview(visitor);
  shop.ctx.clock.advance(16 * 60_000);
  const anew = await pay(visitor, review);
  assert.equal(anew.status, 409);
  assert.match(textOf(anew.html), /have run out/);
  assert.match(textOf((await pay(visitor, anew)).html), /Thank you/);
});

test('a cart that was changed in another tab is not ordered as it was', async () => {
  const visitor = shop.visitor();
  const thing = await shop.newVariant(2000);
  await putIn(visitor, thing);
  const review = await toReview(visitor);
  await putIn(visitor, thing);
  const refused = await pay(visitor, review);
  assert.equal(refused.status, 409);
  assert.match(textOf(refused.html), /Your cart has changed since/);
});

test('buy now takes a cart of its own to checkout, and leaves the other as it was', async () => {
  const visitor = shop.visitor();
  const [kept, wanted] = [await shop.newVariant(1000), await shop.newVariant(5000)];
  await putIn(visitor, kept, 3);
  const body = { variantId: wanted.variantId, quantity: '1', seen: '5000' };
  const checkout = await visitor.post('/checkout/buy-now', body);
  assert.match(checkout.url, /^\/checkout\?cart=/);
  const review = await visitor.send(checkout, '/checkout', address);
  assert.match(review.url, /^\/checkout\/review\?cart=/);
  const order = await pay(visitor, review);
  assert.deepEqual(await chargedMinor(orderIdOf(order)), [5500]);
  assert.equal(visitor.cookies.get('onrush_cart_count'), '3');
  assert.match(textOf((await visitor.get('/cart')).html), /\$30\.00/);
  assert.equal((await visitor.get(review.url)).url, '/cart', 'its cart is empty now');
});

test('a coupon is told to be good or bad at once, and takes off what it says', async () => {
  const visitor = shop.visitor();
  const thing = await shop.newVariant(2000);
  const rule = {
    name: 'Ten',
    reduction: { kind: 'percentage' as const, basisPoints: 1000 },
    scope: { kind: 'variants' as const, variantIds: [thing.variantId] },
    couponCode: 'TEN',
    redemptionsMax: 1,
  };
  well(await shop.peers.promotion.createPriceRule({ body: rule }, { idempotencyKey: 'ten' }));
  const cart = await putIn(visitor, thing);
  const bad = await visitor.send(cart, '/cart/coupon', { code: 'NOPE' });
  assert.equal(bad.status, 409);
  assert.match(textOf(bad.html), /The code NOPE takes nothing off/);
  const good = await visitor.send(bad, '/cart/coupon', { code: 'TEN' });
  assert.match(textOf(good.html), /Code TEN is applied/);
  const review = await toReview(visitor);
  assert(textOf(review.html).includes('−$2.00'));

  const other = shop.visitor();
  await other.send(await putIn(other, thing), '/cart/coupon', { code: 'TEN' });
  const late = await toReview(other);
  await pay(visitor, review);
  const refused = await pay(other, late);
  assert.equal(refused.status, 409);
  assert.match(textOf(refused.html), /The code TEN has been used/);
  const order = await pay(other, await other.send(refused, '/cart/coupon'));
  assert.deepEqual(await chargedMinor(orderIdOf(order)), [2500]);
});

test('an order is cancelled by who holds its key, and opened by nobody else', async () => {
  const visitor = shop.visitor();
  await putIn(visitor, await shop.newVariant(2000));
  const order = await pay(visitor, await toReview(visitor), { card: 'test-decline' });
  const orderId = orderIdOf(order);
  for (const path of [`/orders/${orderId}`, `/orders/${orderId}?key=forged`, `/orders/nothing?key=a`]) {
    const refused = await shop.visitor().get(path);
    assert.equal(refused.status, 404, path);
    assert.match(textOf(refused.html), /No order opens with this link/);
  }
  const forged = await shop.visitor().post(`/orders/${orderId}/cancel`, { key: 'forged' });
  assert.equal(forged.status, 404);
  const cancelled = await visitor.send(order, `/orders/${orderId}/cancel`);
  assert.match(textOf(cancelled.html), /was cancelled/);
});

test('an order that is not paid in time says so', async () => {
  const visitor = shop.visitor();
  await putIn(visitor, await shop.newVariant(2000));
  const order = await pay(visitor, await toReview(visitor), { card: 'test-decline' });
  shop.ctx.clock.advance(16 * 60_000);
  await shop.checkoutService.expireOverdue();
  assert.match(textOf((await visitor.get(order.url)).html), /Time ran out/);
});

test('a limit per buyer holds for the next cart of the same browser', async () => {
  const thing = await shop.newVariant(4900);
  const nowMs = shop.ctx.clock.nowMs();
  const item = { variantId: thing.variantId, currency: 'USD', amountMinor: 3900, limitPerBuyer: 1 };
  const sale = { name: 'One each', startsAtMs: nowMs - 1, endsAtMs: nowMs + 60_000, items: [item] };
  well(await shop.peers.promotion.createSale({ body: sale }));
  const buyNow = async (visitor: Visitor) => {
    const fields = { variantId: thing.variantId, quantity: '1', seen: '3900' };
    const checkout = await visitor.post('/checkout/buy-now', fields);
    return pay(visitor, await visitor.send(checkout, /\/checkout$/, address));
  };
  const visitor = shop.visitor();
  assert.match(textOf((await buyNow(visitor)).html), /Thank you/);
  const second = await buyNow(visitor);
  assert.equal(second.status, 409);
  assert(!second.url.startsWith('/orders/'), second.url);
  // Nobody else is held to what this one has bought.
  assert.match(textOf((await buyNow(shop.visitor())).html), /Thank you/);
});
