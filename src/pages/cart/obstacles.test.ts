import assert from 'node:assert/strict';
import test from 'node:test';
import { pagesBench, textOf, well } from '../testing.ts';

const shop = await pagesBench();
const address = { email: 'ann@example.org', name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };

test('a quantity above what is there is said in the cart, and lowered before an address is asked for', async () => {
  const visitor = shop.visitor();
  const { variantId, title } = await shop.newVariant(2000, 3);
  const fields = { variantId, quantity: '5', seen: '2000' };
  const cart = await visitor.post('/cart/lines', fields);
  assert.match(textOf(cart.html), /Only 3 left: fewer than you want/);
  assert.match(textOf(cart.html), /lower what there is less of/);
  assert.doesNotMatch(cart.html, /href="\/checkout"/);
  for (const path of ['/checkout', '/checkout/review']) {
    const hindered = await visitor.get(path);
    assert.equal(hindered.status, 409, path);
    assert.match(textOf(hindered.html), new RegExp(`only 3 of “${title}”`));
  }
  const lowered = await visitor.send(await visitor.get('/checkout'), /^\/cart\/lines\//);
  assert.match(lowered.url, /^\/checkout/);
  const order = await visitor.send(await visitor.send(lowered, '/checkout', address), '/checkout/pay');
  assert.match(textOf(order.html), /Thank you/);
});

test('a script that puts more in than there are is told so', async () => {
  const { variantId } = await shop.newVariant(2000, 3);
  const answer = await fetch(`${shop.url}/cart/lines`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: `variantId=${variantId}&quantity=5`,
  });
  const body = (await answer.json()) as { hint?: string };
  assert.equal(body.hint, 'Only 3 left: fewer than you want');
});

test('what is sold out is not counted, and has to go before checking out', async () => {
  const visitor = shop.visitor();
  const [gone, there] = [await shop.newVariant(3000, 0), await shop.newVariant(2000)];
  for (const { variantId } of [gone, there]) await visitor.post('/cart/lines', { variantId, quantity: '1' });
  const cart = await visitor.get('/cart');
  assert.match(textOf(cart.html), /Sold out for now/);
  assert.match(textOf(cart.html), /Subtotal \$20\.00/);
  assert.match(textOf(cart.html), /take out what is sold out/);
  const hindered = await visitor.get('/checkout');
  assert.equal(hindered.status, 409);
  const without = await visitor.send(hindered, /^\/cart\/lines\//);
  assert.equal(without.url, '/checkout');
});

test('two lines of one variant are short together', async () => {
  const visitor = shop.visitor();
  const { variantId } = await shop.newVariant(2000, 3);
  await visitor.post('/cart/lines', { variantId, quantity: '2' });
  const cartId = (visitor.cookies.get('onrush_cart') ?? '').split('.')[0] ?? '';
  well(await shop.peers.cart.addLine({ params: { cartId }, body: { variantId, quantity: 2 } }));
  assert.match(textOf((await visitor.get('/cart')).html), /fewer than you want.*fewer than you want.*lower what/);
});

test('where nothing is delivered in the currency, cart and checkout say so', async () => {
  const visitor = shop.visitor();
  const { variantId } = await shop.newVariant(2000);
  await visitor.post('/cart/lines', { variantId, quantity: '1' });
  const items = [{ code: 'post', title: 'Post', amountMinor: 500, currency: 'EUR' }];
  well(await shop.peers.cart.putDeliveryMethods({ body: { items } }));
  assert.match(textOf((await visitor.get('/cart')).html), /no way of delivery for USD yet/);
  for (const answer of [await visitor.get('/checkout'), await visitor.post('/checkout', address)]) {
    assert.equal(answer.status, 409);
    assert.match(textOf(answer.html), /no way of delivery for USD yet.*Your cart is kept/);
  }
  assert.match(textOf((await visitor.get('/zh/checkout')).html), /暂无/);
});
