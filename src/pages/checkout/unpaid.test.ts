import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultHoarding } from '../../platform/config/hoarding-settings.ts';
import { pagesBench, textOf, well } from '../testing.ts';

const shop = await pagesBench({ unpaidLimits: defaultHoarding });
const address = { email: 'ann@example.org', name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };

test('who orders more at a time than may be unpaid is told how many he may, takes them by one button, and gets the rest after', async () => {
  const visitor = shop.visitor();
  const { variantId, title } = await shop.newVariant(2000, 8);
  await visitor.post('/cart/lines', { variantId, quantity: '6', seen: '2000' });
  const review = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  const refused = await visitor.send(review, '/checkout/pay');
  assert.equal(refused.status, 409);
  assert.match(textOf(refused.html), new RegExp(`may hold 4 of “${title}” now.*Order 4`));
  const fewer = await visitor.send(refused, /^\/cart\/lines\//);
  assert.match(textOf((await visitor.send(fewer, '/checkout/pay')).html), /Thank you/);
  await visitor.post('/cart/lines', { variantId, quantity: '2', seen: '2000' });
  const rest = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  assert.match(textOf((await visitor.send(rest, '/checkout/pay')).html), /Thank you/);
});

test('who has as many unpaid orders with a code as he may goes on without it by one button', async () => {
  const visitor = shop.visitor();
  const { variantId } = await shop.newVariant(2000, 100);
  const rule = {
    name: 'Ten',
    reduction: { kind: 'percentage' as const, basisPoints: 1000 },
    scope: { kind: 'variants' as const, variantIds: [variantId] },
    couponCode: 'TEN',
    redemptionsMax: 4,
  };
  well(await shop.peers.promotion.createPriceRule({ body: rule }, { idempotencyKey: 'ten' }));
  const order = async (card: string) => {
    await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '2000' });
    await visitor.send(await visitor.get('/cart'), '/cart/coupon', { code: 'TEN' });
    const review = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
    return visitor.send(review, '/checkout/pay', { card });
  };
  for (let index = 0; index < 2; index++) assert.match(textOf((await order('test-decline')).html), /declined/);
  const refused = await order('test-ok');
  assert.equal(refused.status, 409);
  assert.match(textOf(refused.html), /only so many orders with the code TEN may be unpaid.*Go on without the code/);
  assert.match(refused.html, /href="\/orders"/);
  const without = await visitor.send(refused, '/cart/coupon');
  assert.match(textOf((await visitor.send(without, '/checkout/pay')).html), /Thank you/);
});
