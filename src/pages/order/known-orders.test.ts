import assert from 'node:assert/strict';
import test from 'node:test';
import { pagesBench, textOf, type Visitor } from '../testing.ts';

const shop = await pagesBench();
const address = { email: 'ann@example.org', name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };

async function toReview(visitor: Visitor, title: string) {
  const { variantId } = await shop.newVariant(2000, 100, title);
  await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '2000' });
  return visitor.send(await visitor.get('/checkout'), '/checkout', address);
}

const hrefTo = (html: string) => /href="([^"]*\/orders\/[^"]*)"/.exec(html)?.[1] ?? assert.fail('a link to an order');

test('whose answer to paying was lost finds the order in the empty cart and among the orders of this browser', async () => {
  const visitor = shop.visitor();
  const review = await toReview(visitor, 'Lost lantern');
  assert.match(textOf((await visitor.get('/orders')).html), /Nothing was ordered here/, 'a review is no order');
  const before = new Map(visitor.cookies);
  const order = await visitor.send(review, '/checkout/pay');
  visitor.cookies.clear();
  for (const [name, value] of before) visitor.cookies.set(name, value);
  const cart = await visitor.get('/cart');
  assert.match(textOf(cart.html), /You have ordered here: your last order/);
  assert.equal(hrefTo(cart.html), order.url);
  const list = await visitor.get('/orders');
  assert.match(textOf(list.html), /Lost lantern.* paid/);
  assert.match(textOf((await visitor.get(hrefTo(list.html))).html), /Thank you/);
  assert.match(textOf((await visitor.get('/zh/orders')).html), /已支付/);
});

test('the newest order stands first, and looking at reviews takes none away', async () => {
  const visitor = shop.visitor();
  for (const title of ['First', 'Second']) {
    await visitor.send(await toReview(visitor, title), '/checkout/pay');
    shop.ctx.clock.advance(1000);
  }
  for (let n = 0; n < 6; n++) await toReview(visitor, `Looked at ${n}`);
  const text = textOf((await visitor.get('/orders')).html);
  assert(text.indexOf('Second') < text.indexOf('First') && text.includes('Second'), text);
  assert(!text.includes('Looked at'));
});

test('a cookie that this shop did not sign lists nothing', async () => {
  const visitor = shop.visitor();
  const order = await visitor.send(await toReview(visitor, 'Mine'), '/checkout/pay');
  const orderId = /orders\/([\da-f-]+)/.exec(order.url)?.[1] ?? '';
  const [list = ''] = (visitor.cookies.get('onrush_orders') ?? '').split('.');
  assert.equal(list, orderId);
  for (const forged of [`${orderId}.`, `${orderId}.AAAAAAAAAAAAAAAAAAAAAA`, orderId, 'x', '', '_._']) {
    const other = shop.visitor();
    other.cookies.set('onrush_orders', forged);
    other.cookies.set('onrush_reviews', forged);
    assert.match(textOf((await other.get('/orders')).html), /Nothing was ordered here/);
    assert.equal((await other.get('/cart')).status, 200);
  }
});

test('an order’s page shows its link, to be kept', async () => {
  const visitor = shop.visitor();
  const order = await visitor.send(await toReview(visitor, 'Kept'), '/checkout/pay');
  assert(order.html.includes(`value="${shop.url}${order.url}"`));
});
