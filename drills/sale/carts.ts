import type { Cart } from '../../src/services/cart/api.ts';
import type { SignedQuote } from '../../src/services/quote/api.ts';
import { WrongAnswer } from './calls.ts';
import type { OrdinaryGoods } from './setup.ts';
import type { VisitEnd } from './tally.ts';
import type { Visit } from './visit.ts';

/** An ordinary purchase beside the sale, the long way: cart, lines, address, delivery, quote, order, payment. */
export async function buyByCart(visit: Visit, goods: OrdinaryGoods): Promise<VisitEnd> {
  const { random } = visit;
  const cart = (await visit.call('POST', '/v1/carts', { currency: visit.setup.currency }, [201])).body as Cart;
  const path = `/v1/carts/${cart.cartId}`;
  const lineCount = 2 + random.integer(3);
  for (let line = 0; line < lineCount; line += 1) {
    // By chance a variant stands on two lines: its quote must have one.
    const { variantId } = goods.variants[random.integer(goods.variants.length)] ?? {};
    await visit.call('POST', `${path}/lines`, { variantId, quantity: 1 + random.integer(3) }, [201]);
  }
  if (random.chance(0.3)) await changeItsMind(visit, path);
  await visit.call('PUT', `${path}/address`, { contact: { email: visit.email }, deliveryAddress: address }, [200]);
  await visit.call('PUT', `${path}/delivery`, { deliveryMethod: goods.deliveryMethod }, [200]);
  const hasCoupon = random.chance(0.3);
  if (hasCoupon) await visit.call('PUT', `${path}/coupon`, { couponCode: goods.coupon.code }, [200]);
  return orderCart(visit, cart.cartId, hasCoupon);
}

async function changeItsMind(visit: Visit, path: string): Promise<void> {
  const { lines } = (await visit.call('GET', path, undefined, [200])).body as Cart;
  const [first, second] = lines;
  if (first !== undefined) await visit.call('PATCH', `${path}/lines/${first.lineId}`, { quantity: 2 }, [200]);
  if (second !== undefined) await visit.call('DELETE', `${path}/lines/${second.lineId}`, undefined, [200]);
}

async function orderCart(visit: Visit, cartId: string, hasCoupon: boolean): Promise<VisitEnd> {
  const quoted = await visit.quote({ cartId });
  if (quoted.status !== 201) throw new WrongAnswer(`a cart's quote was answered ${quoted.status} ${quoted.slug}`);
  const outcome = await visit.order(quoted.body as SignedQuote);
  if (outcome.kind === 'refused' && outcome.slug === 'coupon-exhausted' && hasCoupon) {
    // As the problem's text advises.
    await visit.call('PUT', `/v1/carts/${cartId}/coupon`, { couponCode: null }, [200]);
    return orderCart(visit, cartId, false);
  }
  if (outcome.kind !== 'placed') return outcome.kind;
  if (visit.random.chance(0.1)) return 'unpaid';
  const paid = await visit.pay(outcome.order, 'test-ok');
  return paid.kind === 'declined' ? 'unpaid' : paid.kind;
}

const address = {
  name: 'A. Buyer',
  line1: '1 Harbour Street',
  city: 'Kingston',
  postalCode: '12401',
  countryCode: 'US',
};
