import assert from 'node:assert/strict';
import test from 'node:test';
import { pagesBench, type Seen, textOf, type Visitor, well } from '../testing.ts';

const shop = await pagesBench();
const address = { email: 'ann@example.org', name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };

type Thing = Awaited<ReturnType<typeof shop.newVariant>>;

async function putIn(visitor: Visitor, { variantId }: Thing, seen = 2000): Promise<Seen> {
  return visitor.post('/cart/lines', { variantId, quantity: '1', seen: String(seen) });
}

async function toReview(visitor: Visitor): Promise<Seen> {
  return visitor.send(await visitor.get('/checkout'), '/checkout', address);
}

const pay = (visitor: Visitor, review: Seen) => visitor.send(review, '/checkout/pay');

const orderIdOf = ({ url }: Seen) => /^\/orders\/([\da-f-]+)\?key=/.exec(url)?.[1] ?? assert.fail(url);

async function takenOf({ variantId }: Thing) {
  const { items } = well(await shop.peers.checkout.getAllotments({ body: { subjectIds: [variantId] } }));
  return { sold: items[0]?.sold, reserved: items[0]?.reserved };
}

async function captured(orderId: string) {
  const credential = shop.ctx.signer.code('order-capability', orderId);
  const { items } = well(await shop.peers.payment.listPayments({ params: { orderId } }, { credential }));
  return items.filter(({ state }) => state === 'captured');
}

test('one cart reviewed in five tabs and paid in all of them at once is one order, paid once', async () => {
  for (let round = 0; round < 5; round++) {
    const thing = await shop.newVariant(2000);
    const visitor = shop.visitor();
    await putIn(visitor, thing);
    const first = await toReview(visitor);
    const others = await Promise.all([1, 2, 3, 4].map(() => visitor.get('/checkout/review')));
    const answers = await Promise.all([first, ...others].map((review) => pay(visitor, review)));
    const orderIds = new Set(answers.map(orderIdOf));
    assert.equal(orderIds.size, 1);
    assert.deepEqual(await takenOf(thing), { sold: 1, reserved: 0 });
    assert.equal((await captured([...orderIds][0] ?? '')).length, 1);
  }
});

test('two tabs that saw two prices, paid at once, are one order, and what is paid is what that order says', async () => {
  const thing = await shop.newVariant(2000);
  const visitor = shop.visitor();
  await putIn(visitor, thing);
  const dear = await toReview(visitor);
  await shop.putProduct({ ...thing, amountMinor: 1500 });
  const cheap = await visitor.get('/checkout/review');
  const answers = await Promise.all([pay(visitor, dear), visitor.send(cheap, '/checkout/pay', { agree: 'yes' })]);
  const [orderId, ...more] = new Set(answers.map(orderIdOf));
  assert(orderId !== undefined);
  assert.deepEqual(more, []);
  assert.deepEqual(await takenOf(thing), { sold: 1, reserved: 0 });
  const key = new URL(answers[0].url, shop.url).searchParams.get('key') ?? '';
  const order = well(await shop.peers.checkout.getOrder({ params: { orderId } }, { credential: key }));
  assert.deepEqual(
    (await captured(orderId)).map(({ amountMinor }) => amountMinor),
    [order.totalMinor],
  );
});

test('an old review sent again leaves the cart that was filled since as it is', async () => {
  const thing = await shop.newVariant(2000);
  const visitor = shop.visitor();
  await putIn(visitor, thing);
  const token = visitor.cookies.get('onrush_cart') ?? '';
  const review = await toReview(visitor);
  const order = await pay(visitor, review);
  // The answer that takes the cart's cookie away was lost: the same cart is filled again with the same thing.
  visitor.cookies.set('onrush_cart', token);
  await putIn(visitor, thing);
  assert.equal((await pay(visitor, review)).url, order.url);
  assert.match(textOf((await visitor.get('/cart')).html), /Subtotal \$20\.00/);
  assert.deepEqual(await takenOf(thing), { sold: 1, reserved: 0 });
  const next = await pay(visitor, await toReview(visitor));
  assert.notEqual(orderIdOf(next), orderIdOf(order));
  assert.deepEqual(await takenOf(thing), { sold: 2, reserved: 0 });
});

test('a review that ran out after it was ordered shows its order, and is not paid a second time', async () => {
  const thing = await shop.newVariant(2000);
  const visitor = shop.visitor();
  await putIn(visitor, thing);
  const review = await toReview(visitor);
  const other = await visitor.get('/checkout/review');
  const order = await pay(visitor, review);
  shop.ctx.clock.advance(20 * 60_000);
  for (const old of [review, other]) assert.equal((await pay(visitor, old)).url, order.url);
  assert.equal((await captured(orderIdOf(order))).length, 1);
});

test('what another tab puts in while the cart is paid stays in it', async () => {
  const [thing, more] = [await shop.newVariant(2000), await shop.newVariant(2000)];
  const visitor = shop.visitor();
  await putIn(visitor, thing);
  const review = await toReview(visitor);
  const [answer] = await Promise.all([pay(visitor, review), putIn(visitor, more)]);
  // Whichever came first: ordered as it was reviewed and the other thing kept, or not ordered because the cart has changed.
  const cart = textOf((await visitor.get('/cart')).html);
  assert.match(cart, new RegExp(more.title));
  if (answer.status === 409) assert.match(cart, new RegExp(thing.title));
  else assert.deepEqual(await takenOf(thing), { sold: 1, reserved: 0 });
});
