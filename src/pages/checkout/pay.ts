import type { Call } from '../../platform/api/contract.ts';
import { isProblem, type ProblemReply, problem, problemSlug } from '../../platform/api/problem.ts';
import { subjectToken } from '../../platform/signing/subject-token.ts';
import type { Cart } from '../../services/cart/api.ts';
import type { Order } from '../../services/checkout/api.ts';
import type { Quote } from '../../services/quote/api.ts';
import { cartName, dropBuyNow, dropCart, type GivenCart, givenCart, keepBuyer } from '../cart/cart-cookie.ts';
import { loadCart } from '../cart/load-cart.ts';
import { challengePage, solutionOf, withSolution } from '../challenge/challenge-page.tsx';
import type { PagesHost } from '../host.ts';
import { keepOrder } from '../order/order-cookie.ts';
import { orderPath } from '../order/order-path.ts';
import { answered } from '../site/answered.ts';
import { asHolder } from '../site/as-holder.ts';
import type { PageReply, PageRequest } from '../site/page-request.ts';
import { dropRoom } from '../waiting-room/room-cookies.ts';
import { paymentKey } from './attempt.ts';
import { parseCard } from './cards.tsx';
import { checkoutText } from './messages.ts';
import { isQuoteOf, priceChanges } from './price-change.ts';
import { refusalPage } from './refusal-page.tsx';
import type { Review } from './review.ts';

/** As in the contract of orders. */
const quoteLengthMax = 65_536;

const placeProblems = [
  'quote-invalid',
  'quote-expired',
  'sold-out',
  'limit-reached',
  'coupon-exhausted',
  'pass-used',
  'too-many-unpaid',
  'challenge-required',
  'overloaded',
  'unavailable',
] as const;

/**
 * Orders and pays what was reviewed. However often the form is sent, and from however many windows, the cart becomes one
 * order, because its quotes carry one order's id; and each attempt to pay charges once, because its key follows from what
 * the form holds.
 */
export function createPaying(host: PagesHost, review: Review) {
  const { peers, ctx } = host;

  async function pay(request: PageRequest): Promise<PageReply> {
    const { form, call } = request;
    const token = form.get('quote') ?? '';
    const quote = token.length <= quoteLengthMax ? (ctx.signer.verify('quote', token) as Quote | undefined) : undefined;
    if (quote === undefined) return review.refused(request, undefined, problem('quote-invalid'));
    const given = givenCart(request, ctx.signer);
    const cart = given && (await loadCart(host, given.cartId, call));
    const card = parseCard(form);
    if (cart === undefined || !isQuoteOf(cart, quote)) {
      // The cart is emptied when its order is placed: this is the same form once more, or a review of what it was before.
      const order = await findOrder(quote.orderId, call);
      return order === undefined ? changed(request) : payOrder(request, { quote, order }, card, given, cart);
    }
    if (card === undefined) {
      return review.again(request, { cart, quote, token }, { status: 422, notes: { isCardMissing: true } });
    }
    if (priceChanges(cart, quote).length > 0 && form.get('agree') !== 'yes') {
      return review.again(request, { cart, quote, token }, { status: 422, notes: { isAgreementMissing: true } });
    }
    const placed = answered(
      await peers.checkout.placeOrder({ body: { quote: token } }, withSolution(call, solutionOf(request))),
      placeProblems,
    );
    if (isProblem(placed)) return notPlaced(request, cart, quote, placed);
    return payOrder(request, { quote, order: placed.body }, card, given, cart);
  }

  /** Charges the order and shows it: whatever became of the attempt, the order's page tells it and has the way on. */
  async function payOrder(
    request: PageRequest,
    { order, quote }: { readonly order: Order; readonly quote: Quote },
    card: string | undefined,
    given: GivenCart | undefined,
    cart: Cart | undefined,
  ): Promise<PageReply> {
    const { form, call } = request;
    // Another window may have ordered the cart at another price. This form agreed to its own: the order's page asks again.
    const isAgreed = order.totalMinor === quote.totalMinor;
    const [isEmptied] = await Promise.all([
      // What was put into it since, by an old form's order, is none of this order's.
      cart !== undefined && isQuoteOf(cart, quote) && emptyCart(cart, call),
      card !== undefined && isAgreed && order.state === 'placed' && charge(host, order, { form, card }, call),
    ]);
    const isSpent = cart === undefined || cart.lines.length === 0 || isEmptied;
    const spent =
      given === undefined || !isSpent ? [] : given.isOfCookie ? dropCart : dropBuyNow(ctx.signer, given.cartId);
    const known = [
      keepBuyer(subjectToken(ctx.signer, 'buyer', quote.buyerId)),
      keepOrder(request, ctx.signer, order.orderId),
    ];
    const passed = quote.pass === undefined ? [] : dropRoom(quote.pass.roomId);
    return { kind: 'redirect', to: orderPath(request, order), cookies: [...spent, ...known, ...passed] };
  }

  /**
   * Else the back button would show what has just been ordered, ready to be ordered again. Only as it was ordered: what
   * another window has put in meanwhile stays. Whether it is empty now.
   */
  async function emptyCart({ cartId, version }: Cart, call: Call): Promise<boolean> {
    const seen = { ...call, ifMatch: `"${version}"` };
    const reply = await peers.cart.removeLines({ params: { cartId } }, seen).catch((error: unknown) => {
      ctx.log.warn({ cartId, err: error }, 'a cart was not emptied after its order');
    });
    return reply !== undefined && !isProblem(reply);
  }

  async function findOrder(orderId: string, call: Call): Promise<Order | undefined> {
    const credential = ctx.signer.code('order-capability', orderId);
    const reply = answered(await peers.checkout.getOrder({ params: { orderId } }, asHolder(call, credential)), [
      'not-found',
    ]);
    return isProblem(reply) ? undefined : reply.body;
  }

  async function changed({ locale }: PageRequest): Promise<PageReply> {
    const text = checkoutText(locale);
    return refusalPage(await host.shell(locale), 409, { title: text.changedTitle, says: text.changed, ways: [] });
  }

  async function notPlaced(
    request: PageRequest,
    cart: Cart,
    { orderId }: Quote,
    reply: ProblemReply,
  ): Promise<PageReply> {
    const { locale, form } = request;
    const text = checkoutText(locale);
    switch (problemSlug(reply)) {
      case 'quote-expired':
        return review.show(request, { status: 409, notes: { notice: { kind: 'warn', says: text.requoted } } });
      case 'overloaded':
      case 'unavailable': {
        const way = { label: text.retry, path: '/checkout/pay', fields: sameForm(form, cart) };
        const refusal = { title: text.busyTitle, says: text.busy, ways: [way] };
        const retryAfterS = Number(reply.headers?.['retry-after'] ?? 2);
        return refusalPage(await host.shell(locale), reply.status, refusal, retryAfterS);
      }
      case 'challenge-required': {
        const resend = { method: 'post' as const, path: '/checkout/pay', fields: sameForm(form, cart) };
        return challengePage(host, request, { purpose: 'order', subject: orderId, reply, resend });
      }
      default:
        return review.refused(request, cart, reply);
    }
  }

  /** The same form again: whether the order was placed meanwhile or not, it is one order and one charge. */
  function sameForm(form: URLSearchParams, cart: Cart): Record<string, string> {
    const fields = ['quote', 'nonce', 'card', 'agree'].map((name) => [name, form.get(name) ?? '']);
    return { ...Object.fromEntries(fields), cart: cartName(ctx.signer, cart.cartId) };
  }

  return { pay };
}

/**
 * One attempt to pay an order. Every answer is found again in the order's payments, which its page shows; a double click
 * that comes while the first is being answered waits there too.
 */
export async function charge(
  { peers }: Pick<PagesHost, 'peers'>,
  { orderId, key }: Pick<Order, 'orderId' | 'key'>,
  { form, card }: { form: URLSearchParams; card: string },
  call: Call,
): Promise<void> {
  const holder = asHolder(call, key, paymentKey(form, card));
  answered(await peers.payment.createPayment({ params: { orderId }, body: { card } }, holder), [
    'order-not-payable',
    'payment-declined',
    'idempotency-key-reused',
    'idempotency-key-in-flight',
    'too-many-requests',
  ]);
}
