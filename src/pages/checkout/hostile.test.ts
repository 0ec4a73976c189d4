import assert from 'node:assert/strict';
import test from 'node:test';
import { formOf, pagesBench, textOf } from '../testing.ts';

const shop = await pagesBench();
const address = { email: 'ann@example.org', name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };

async function visitorWithCart() {
  const visitor = shop.visitor();
  const { variantId } = await shop.newVariant(2000);
  await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '2000' });
  return visitor;
}

test('what is missing or wrong is said beside its field, and what was typed is kept', async () => {
  const visitor = await visitorWithCart();
  const checkout = await visitor.get('/checkout');
  const cases: [fill: Record<string, string>, fault: RegExp][] = [
    [{}, /5 things are missing/],
    [{ ...address, email: 'ann' }, /not an e-mail address/],
    [{ ...address, email: 'ann@example.org\u0000' }, /not an e-mail address/],
    [{ ...address, name: 'A\u0000B' }, /characters that cannot be used/],
    [{ ...address, name: 'x'.repeat(201) }, /200 characters at most/],
    [{ ...address, name: 'x'.repeat(10_000) }, /200 characters at most/],
    [{ ...address, line1: '   ' }, /Enter the street/],
    [{ ...address, countryCode: 'ZZ' }, /Choose one from the list/],
    [{ ...address, countryCode: 'Germany' }, /Choose one from the list/],
    [{ ...address, deliveryMethod: 'teleport' }, /Choose one from the list/],
    [{ ...address, deliveryMethod: '' }, /Choose how it is delivered/],
  ];
  for (const [fill, fault] of cases) {
    const refused = await visitor.send(checkout, '/checkout', fill);
    assert.equal(refused.status, 422, JSON.stringify(fill).slice(0, 80));
    assert.match(textOf(refused.html), fault);
    assert.equal(refused.html.match(/ autofocus/g)?.length, 1, 'the first fault has the focus');
    assert.match(refused.html, /aria-invalid="true"|deliveryMethod-fault/);
    if (fill.line1 === address.line1) assert.equal(formOf(refused.html, '/checkout').fields.line1, address.line1);
  }
  const escaped = await visitor.send(checkout, '/checkout', { ...address, email: '"><script>alert(1)</script>' });
  assert.doesNotMatch(escaped.html, /<script>alert/);
});

test('names of anywhere are taken as they are, to the paid order', async () => {
  const visitor = await visitorWithCart();
  const names = {
    ...address,
    name: '李小龙 “Bruce” <b>&amp;</b> O’Neill',
    city: 'Łódź',
    region: '江苏省',
    countryCode: 'CN',
  };
  const review = await visitor.send(await visitor.get('/zh/checkout'), '/zh/checkout', names);
  assert(textOf(review.html).includes('中国'), 'the country in the page’s language');
  const order = await visitor.send(review, '/zh/checkout/pay');
  assert(textOf(order.html).includes('Łódź'));
  assert.doesNotMatch(order.html, /<b>/);
});

test('a forged, foreign or cut quote orders nothing, and the cart is kept', async () => {
  const visitor = await visitorWithCart();
  const review = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  const { fields } = formOf(review.html, '/checkout/pay');
  const quote = fields.quote ?? '';
  const [head, payload = '', mac] = quote.split('.');
  const cheaper = Buffer.from(
    Buffer.from(payload, 'base64url').toString().replace('"totalMinor":2500', '"totalMinor":1'),
  );
  for (const forged of [
    '',
    'x',
    quote.slice(0, -2),
    [head, cheaper.toString('base64url'), mac].join('.'),
    shop.ctx.signer.sign('cart', { orderId: 'x' }),
    'x'.repeat(70_000),
  ]) {
    const refused = await visitor.post('/checkout/pay', { ...fields, quote: forged });
    assert.equal(refused.status, 400);
    assert.match(textOf(refused.html), /This review cannot be read/);
  }
  assert.equal(visitor.cookies.get('onrush_cart_count'), '1');
  const another = shop.visitor();
  const foreign = await another.post('/checkout/pay', { quote, card: 'test-ok' });
  assert.equal(foreign.status, 409, 'a quote without its cart orders nothing');
  for (const card of ['', ' ', '<script>', 'x'.repeat(200)]) {
    const refused = await visitor.post('/checkout/pay', { ...fields, card });
    assert.equal(refused.status, 422);
    assert.match(textOf(refused.html), /Choose a card/);
  }
  assert.match(textOf((await visitor.post('/checkout/pay', fields)).html), /Thank you/);
});

test('buy now of what is nothing, or not for sale, says so', async () => {
  const visitor = shop.visitor();
  assert.equal((await visitor.post('/checkout/buy-now', { variantId: 'x' })).status, 400);
  const gone = await shop.newVariant(2000);
  await shop.putProduct({ ...gone, state: 'archived' });
  const refused = await visitor.post('/checkout/buy-now', { variantId: gone.variantId, quantity: '1' });
  assert.equal(refused.status, 409);
  assert.match(textOf(refused.html), /has been taken off sale/);
  assert.equal(visitor.cookies.size, 0);
});

test('a buyer who has as many as the sale allows is told so, and the sale’s price is honoured', async () => {
  const thing = await shop.newVariant(9000);
  const nowMs = shop.ctx.clock.nowMs();
  const item = { variantId: thing.variantId, currency: 'USD', amountMinor: 4500, limitPerBuyer: 1 };
  const sale = { name: 'Drop', startsAtMs: nowMs, endsAtMs: nowMs + 3_600_000, items: [item] };
  await shop.peers.promotion.createSale({ body: sale }, { idempotencyKey: 'drop' });
  const visitor = await visitorWithCart();
  const buy = { variantId: thing.variantId, quantity: '2', seen: '4500' };
  const review = await visitor.send(await visitor.post('/checkout/buy-now', buy), '/checkout', address);
  assert.match(textOf(review.html), /\$95\.00/);
  const refused = await visitor.send(review, '/checkout/pay');
  assert.equal(refused.status, 409);
  assert.match(textOf(refused.html), /as many as one buyer may have/);
  const one = await visitor.send(refused, /^\/cart\/lines\//);
  assert.match(textOf((await visitor.send(one, '/checkout/pay')).html), /\$50\.00/);
  const again = await visitor.send(
    await visitor.post('/checkout/buy-now', { ...buy, quantity: '1' }),
    '/checkout',
    address,
  );
  assert.match(textOf((await visitor.send(again, '/checkout/pay')).html), /you have ordered 1/);
});

test('what waits for its sale is said to, in the cart and at checkout', async () => {
  const { variantId } = await shop.newVariant(undefined);
  const nowMs = shop.ctx.clock.nowMs();
  const sale = { name: 'Soon', startsAtMs: nowMs + 60_000, endsAtMs: nowMs + 120_000 };
  const items = [{ variantId, currency: 'USD', amountMinor: 4500 }];
  await shop.peers.promotion.createSale({ body: { ...sale, items } }, { idempotencyKey: 'soon' });
  const visitor = shop.visitor();
  const cart = await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '4500' });
  assert.match(textOf(cart.html), /Its sale begins/);
  const early = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  assert.equal(early.status, 409);
  assert.match(textOf(early.html), /has not opened yet/);
  shop.ctx.clock.advance(61_000);
  const review = await visitor.get('/checkout/review');
  assert.match(textOf((await visitor.send(review, '/checkout/pay')).html), /Thank you/);
});

test('a link to checkout with another’s cart opens nothing: what is filled in there would be his to read', async () => {
  const [sender, victim] = [await visitorWithCart(), await visitorWithCart()];
  const { variantId } = await shop.newVariant(2000);
  const theirs = await sender.post('/checkout/buy-now', { variantId, quantity: '1' });
  assert.match(theirs.url, /^\/checkout\?cart=/);
  const token = sender.cookies.get('onrush_cart') ?? '';
  const own = shop.ctx.signer.code('cart-name', token.split('.')[0] ?? '');
  for (const path of [
    theirs.url,
    `/checkout?cart=${token}`,
    `/checkout/review?cart=${token}`,
    `/checkout/review?cart=${own}`,
  ]) {
    assert.equal((await victim.get(path)).url, '/cart', path);
  }
  assert.equal((await victim.post('/checkout', { ...address, deliveryMethod: 'standard', cart: token })).url, '/cart');
  assert.equal((await victim.post(`/cart/lines?cart=${token}`, { variantId, quantity: '1' })).url, '/cart');
  assert.match(textOf((await sender.get('/cart')).html), /Subtotal \$20\.00/, 'his cart is as it was');
});

test('no address and no form of checkout holds the id of a cart, which would open it', async () => {
  const visitor = await visitorWithCart();
  const { variantId } = await shop.newVariant(2000);
  const pages = [await visitor.post('/checkout/buy-now', { variantId, quantity: '1' }), await visitor.get('/checkout')];
  for (const page of [...pages]) pages.push(await visitor.send(page, '/checkout', address));
  const cartIds = [...visitor.cookies]
    .filter(([name]) => /^onrush_(cart|buy_.*)$/.test(name))
    .map(([, token]) => token.split('.')[0] ?? '');
  assert.equal(cartIds.length, 2);
  for (const { url, html } of pages) {
    for (const cartId of cartIds) {
      assert(!url.includes(cartId), url);
      assert(!html.includes(cartId));
    }
  }
  // A cookie under another cart's name, as a page of a neighbouring site may set it, is passed over.
  const [name = '', value = ''] = [...visitor.cookies].find(([each]) => each.startsWith('onrush_buy_')) ?? [];
  visitor.cookies.set('onrush_buy_another', value);
  assert.equal((await visitor.get('/checkout?cart=another')).url, '/cart');
  visitor.cookies.delete(name);
  assert.equal((await visitor.get(pages[0]?.url ?? '')).url, '/cart');
});

test('a limit per buyer holds over windows that bought now before any of them had ordered', async () => {
  const thing = await shop.newVariant(9000);
  const nowMs = shop.ctx.clock.nowMs();
  const item = { variantId: thing.variantId, currency: 'USD', amountMinor: 4500, limitPerBuyer: 1 };
  const sale = { name: 'One each', startsAtMs: nowMs, endsAtMs: nowMs + 3_600_000, items: [item] };
  await shop.peers.promotion.createSale({ body: sale }, { idempotencyKey: 'one each' });
  const visitor = shop.visitor();
  const reviews = [];
  for (let tab = 0; tab < 3; tab++) {
    const buy = { variantId: thing.variantId, quantity: '1', seen: '4500' };
    reviews.push(await visitor.send(await visitor.post('/checkout/buy-now', buy), '/checkout', address));
  }
  const inCart = await visitor.post('/cart/lines', { variantId: thing.variantId, quantity: '1', seen: '4500' });
  assert.equal(inCart.status, 200);
  reviews.push(await visitor.send(await visitor.get('/checkout'), '/checkout', address));
  const answers = await Promise.all(reviews.map((review) => visitor.send(review, '/checkout/pay')));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
});

test('tabs that buy at once do not undo each other, and what was left does not pile up', async () => {
  const visitor = shop.visitor();
  const { variantId } = await shop.newVariant(2000);
  const tabs = await Promise.all(
    [1, 2, 3].map((quantity) => visitor.post('/checkout/buy-now', { variantId, quantity: String(quantity) })),
  );
  for (const [index, total] of ['$25.00', '$45.00', '$65.00'].entries()) {
    const review = await visitor.send(tabs[index] ?? assert.fail('a tab'), '/checkout', address);
    assert(textOf(review.html).includes(total));
  }
  for (let n = 0; n < 10; n++) await visitor.post('/checkout/buy-now', { variantId, quantity: '1' });
  const kept = [...visitor.cookies.keys()].filter((name) => name.startsWith('onrush_buy_'));
  assert(kept.length <= 6, String(kept));
});
