import assert from 'node:assert/strict';
import test from 'node:test';
import { pagesBench, type Seen, textOf, type Visitor, well } from '../testing.ts';

// One order in a transaction, and two waiting: whoever comes then is told to come again.
const shop = await pagesBench({ checkoutLanes: { batchMax: 1, waitingMax: 2 } });
const address = { email: 'ann@example.org', name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };

async function readyToPay(variantId: string): Promise<{ visitor: Visitor; review: Seen }> {
  const visitor = shop.visitor();
  await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '2000' });
  return { visitor, review: await visitor.send(await visitor.get('/checkout'), '/checkout', address) };
}

test('when the shop is busy, its buyers try again by one button and order once each', async () => {
  const { variantId } = await shop.newVariant(2000, 100);
  const buyers = await Promise.all(Array.from({ length: 12 }, () => readyToPay(variantId)));
  let busyCount = 0;
  const orders = await Promise.all(
    buyers.map(async ({ visitor, review }) => {
      let answer = await visitor.send(review, '/checkout/pay');
      while (answer.status === 503) {
        if (!answer.html.includes('action="/checkout/pay"')) {
          // Other lanes are full as well, and the page says to load it again: the same form finds its order.
          answer = await visitor.send(review, '/checkout/pay');
          continue;
        }
        busyCount++;
        assert.match(textOf(answer.html), /you cannot order or pay twice/);
        assert(Number(answer.headers.get('retry-after')) > 0);
        answer = await visitor.send(answer, '/checkout/pay');
      }
      return { visitor, order: answer };
    }),
  );
  assert(busyCount > 0, 'the lane was full at times');
  // Payments whose order could not be settled at once are carried on, as they would be after any fault; a full lane puts
  // them off as well.
  for (let round = 0; round < 10; round++) {
    shop.ctx.clock.advance(20_000);
    await shop.paymentService.recover();
  }
  for (const { visitor, order } of orders) assert.match(textOf((await visitor.get(order.url)).html), /Thank you/);
  const { items } = well(await shop.peers.checkout.getAllotments({ body: { subjectIds: [variantId] } }));
  assert.deepEqual([items[0]?.sold, items[0]?.reserved], [12, 0]);
  assert.equal(shop.provider.charges().filter(({ state }) => state === 'captured').length, 12);
});
