import assert from 'node:assert/strict';
import test from 'node:test';
import { newId } from '../../platform/database/id.ts';
import { createSigner, newSigningKey } from '../../platform/signing/signer.ts';
import { subjectToken } from '../../platform/signing/subject-token.ts';
import { formOf, pagesBench, textOf } from '../testing.ts';

const shop = await pagesBench();
const json = { accept: 'application/json' };

test('the same variant twice is one line; a quantity of nothing takes it out', async () => {
  const visitor = shop.visitor();
  const thing = await shop.newVariant(1250);
  const fields = { variantId: thing.variantId, quantity: '2', seen: '1250' };
  await visitor.post('/cart/lines', fields);
  const cart = await visitor.post('/cart/lines', fields);
  assert.match(textOf(cart.html), /\$50\.00/);
  const action = /^\/cart\/lines\/[\w-]{36}$/;
  assert.equal(formOf(cart.html, action).fields.quantity, '4');
  const fewer = await visitor.send(cart, action, { quantity: '3' });
  assert.match(textOf(fewer.html), /\$37\.50/);
  assert.equal(visitor.cookies.get('onrush_cart_count'), '3');
  const empty = await visitor.send(fewer, action, { quantity: '0' });
  assert.match(textOf(empty.html), /nothing in your cart yet/);
  assert.equal(visitor.cookies.get('onrush_cart_count'), '0');
});

test('the buy box’s script is answered in JSON, problems as problem documents', async () => {
  const visitor = shop.visitor();
  const thing = await shop.newVariant(1250);
  const added = await visitor.post('/zh/cart/lines', { variantId: thing.variantId, quantity: '2' }, json);
  assert.equal(added.status, 200);
  const { line, ...rest } = JSON.parse(added.html);
  assert.deepEqual(rest, { count: 2, subtotal: 'US$25.00' });
  assert.equal(line.title, `${thing.title}（中文）`);
  assert.equal(visitor.cookies.get('onrush_cart_count'), '2');
  const refused = await visitor.post('/cart/lines', { variantId: 'nothing' }, json);
  assert.equal(refused.status, 400);
  assert.equal(refused.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.match(JSON.parse(refused.html).detail, /not a product of this shop/);
});

test('a product and the values chosen of its options name a variant as well as its id', async () => {
  const { slug } = await shop.newVariant(1250);
  const cart = await shop.visitor().post('/cart/lines', { slug, quantity: '1', back: '//evil.example/' });
  assert.deepEqual([cart.status, cart.url], [200, '/cart']);
  const back = await shop.visitor().post('/cart/lines', { slug, quantity: '1', back: `/account?from=${slug}` });
  assert.equal(back.url, `/account?from=${slug}`);
  const gone = await shop.visitor().post('/cart/lines', { slug: 'no-such-thing', quantity: '1' });
  assert.equal(gone.status, 409);
});

test('what nobody sends by a form of ours is refused in words, and the cart is as it was', async () => {
  const visitor = shop.visitor();
  const { variantId } = await shop.newVariant(1250);
  const cart = await visitor.post('/cart/lines', { variantId, quantity: '1' });
  const { action } = formOf(cart.html, /^\/cart\/lines\/./);
  const hostile: [path: string, fields: Record<string, string>, status: number][] = [
    ...['0', '-1', '1e9', '1000000000', '10001', 'abc', '1.5', '', ' ', '１２', '\u0000', 'x'.repeat(10_000)].map(
      (quantity): [string, Record<string, string>, number] => ['/cart/lines', { variantId, quantity }, 400],
    ),
    ['/cart/lines', {}, 400],
    ['/cart/lines', { variantId: "'; drop table cart.cart" }, 400],
    ['/cart/lines', { variantId: variantId.toUpperCase() }, 400],
    ['/cart/lines', { variantId, seen: '-5' }, 400],
    ['/cart/lines', { slug: '../etc', quantity: '1' }, 400],
    ['/cart/lines', { variantId: newId(3, 0), quantity: '1' }, 409],
    [action, { quantity: '-1' }, 400],
    [action, { quantity: '1e3' }, 400],
    [action, {}, 400],
    [`/cart/lines/${newId(3, 0)}`, { quantity: '1' }, 404],
    ['/cart/lines/nothing', { quantity: '1' }, 404],
    ['/cart/coupon', { code: 'x'.repeat(10_000) }, 400],
    ['/cart/coupon', { code: 'A\u0000B' }, 400],
    ['/cart/coupon', { code: '<script>alert(1)</script>' }, 409],
  ];
  for (const [path, fields, status] of hostile) {
    const refused = await visitor.post(path, fields);
    assert.equal(refused.status, status, `${path} ${JSON.stringify(fields).slice(0, 100)}`);
    assert.doesNotMatch(refused.html, /<script>/);
    assert.match(refused.html, /role="alert"|field__error/);
    assert.match(textOf(refused.html), /\$12\.50/, 'the cart is shown');
  }
  assert.equal(visitor.cookies.get('onrush_cart_count'), '1');
});

test('a form of another site, of another type or of a size beyond reason does not get in', async () => {
  const visitor = shop.visitor();
  const { variantId } = await shop.newVariant(1250);
  const form = `variantId=${variantId}`;
  for (const [headers, body, status] of [
    [{ 'sec-fetch-site': 'cross-site' }, form, 403],
    [{ 'sec-fetch-site': 'same-site' }, form, 403],
    [{ origin: 'https://evil.example' }, form, 403],
    [{ origin: 'null' }, form, 403],
    [{ 'content-type': 'application/json' }, JSON.stringify({ variantId }), 415],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 415],
    [{}, `quote=${'x'.repeat(100_000)}`, 413],
  ] as const) {
    const refused = await visitor.post('/cart/lines', body, headers);
    assert.equal(refused.status, status, JSON.stringify(headers));
    assert.match(refused.headers.get('content-type') ?? '', /text\/html/);
  }
  assert.equal(visitor.cookies.size, 0);
});

test('a forged cookie is ignored and replaced', async () => {
  const { variantId } = await shop.newVariant(1250);
  const { ctx } = shop;
  const foreign = subjectToken(ctx.signer, 'buyer', newId(1, 1));
  for (const forged of ['x', newId(1, 1), `${newId(1, 1)}.AAAAAAAAAAAAAAAAAAAAAA`, foreign, 'a'.repeat(3000), '%00']) {
    const visitor = shop.visitor();
    visitor.cookies.set('onrush_cart', forged);
    assert.equal((await visitor.get('/cart')).status, 200);
    assert.equal(visitor.cookies.has('onrush_cart'), false);
    visitor.cookies.set('onrush_cart', forged);
    assert.equal((await visitor.get('/checkout')).url, '/cart');
    visitor.cookies.set('onrush_cart', forged);
    const cart = await visitor.post('/cart/lines', { variantId, quantity: '1' });
    assert.match(textOf(cart.html), /\$12\.50/);
    assert.notEqual(visitor.cookies.get('onrush_cart'), forged);
  }
});

test('a cookie of a cart that is no more is told once, and buying goes on', async () => {
  const { variantId } = await shop.newVariant(1250);
  const visitor = shop.visitor();
  const yesterdays = subjectToken(shop.ctx.signer, 'cart', newId(1, 1));
  const ofAnotherShop = subjectToken(createSigner([newSigningKey()]), 'cart', newId(1, 1));
  for (const cookie of [yesterdays, ofAnotherShop]) {
    visitor.cookies.set('onrush_cart', cookie);
    const told = await visitor.get('/cart');
    assert.equal(told.status, 200);
    assert.match(textOf(told.html), /The cart you had here is gone/);
    assert.equal(visitor.cookies.size, 0);
    assert.doesNotMatch(textOf((await visitor.get('/cart')).html), /is gone/);
  }
  visitor.cookies.set('onrush_cart', yesterdays);
  assert.match(textOf((await visitor.post('/cart/lines', { variantId, quantity: '1' })).html), /\$12\.50/);
});

test('what is not for sale any more is shown as such, is not counted, and has to go', async () => {
  const visitor = shop.visitor();
  const [gone, kept] = [await shop.newVariant(1000), await shop.newVariant(2000)];
  for (const { variantId } of [gone, kept]) await visitor.post('/cart/lines', { variantId, quantity: '1' });
  await shop.putProduct({ ...gone, state: 'archived' });
  const cart = await visitor.get('/cart');
  assert.match(textOf(cart.html), /Not for sale right now/);
  assert.match(textOf(cart.html), /Subtotal \$20\.00/);
  assert.doesNotMatch(cart.html, /href="\/checkout"/);
  const without = await visitor.send(cart, /^\/cart\/lines\//);
  assert.match(without.html, /href="\/checkout"/);
});

test('a cart of a hundred things works to the paid order, and says that it is full', async () => {
  const visitor = shop.visitor();
  const things = [];
  for (let n = 0; n < 101; n++)
    things.push(await shop.newVariant(100, 5, `Thing ${n} ${'with a long name '.repeat(8)}`));
  const last = things.pop();
  for (const { variantId } of things)
    await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '100' }, json);
  const full = await visitor.post('/cart/lines', { variantId: last?.variantId ?? '', quantity: '1' });
  assert.equal(full.status, 409);
  assert.match(textOf(full.html), /Your cart is full/);
  const address = { email: 'a@example.org', name: 'A', line1: 'B', city: 'C', countryCode: 'FR' };
  const review = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  const order = await visitor.send(review, '/checkout/pay');
  assert.match(textOf(order.html), /Thank you/);
  assert.match(textOf(order.html), /\$105\.00/);
});
