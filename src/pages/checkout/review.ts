import { isProblem, type ProblemReply, problemSlug } from '../../platform/api/problem.ts';
import { Refusal } from '../../platform/api/refusal.ts';
import type { Cart } from '../../services/cart/api.ts';
import type { Quote } from '../../services/quote/api.ts';
import { cartName, givenCart } from '../cart/cart-cookie.ts';
import { loadAvailable, loadCart, loadNames, loadShortage } from '../cart/load-cart.ts';
import type { PagesHost } from '../host.ts';
import { localPath } from '../locale.ts';
import { keepReview } from '../order/order-cookie.ts';
import { answered, whole } from '../site/answered.ts';
import type { PageReply, PageRequest } from '../site/page-request.ts';
import { quoteThroughRoom, toWaitingRoom } from '../waiting-room/quoting.ts';
import { newNonce } from './attempt.ts';
import { deliveryName } from './checkout-page.tsx';
import { priceChanges } from './price-change.ts';
import { refusalOf, refusalPage } from './refusal-page.tsx';
import { type ReviewPage, renderReviewPage } from './review-page.tsx';
import { checkoutPath, reviewPath } from './review-path.ts';

/** What quoting a cart may answer that a buyer can do something about. */
const quoteProblems = [
  'not-found',
  'not-for-sale',
  'sale-not-open',
  'coupon-invalid',
  'delivery-required',
  'delivery-unknown',
  'cart-empty',
  'bad-request',
  'waiting-room',
  'challenge-required',
  'pass-invalid',
  'sold-out',
  'conflict',
] as const;

export type ReviewNotes = Pick<ReviewPage, 'notice' | 'isCardMissing' | 'isAgreementMissing'>;

export interface Review {
  /** A new quote for the cart, to be looked at and paid. */
  show(request: PageRequest, given?: { status: number; notes: ReviewNotes }): Promise<PageReply>;
  /** The same quote once more, with what was missing. */
  again(
    request: PageRequest,
    about: { cart: Cart; quote: Quote; token: string },
    given: { status: number; notes: ReviewNotes },
  ): Promise<PageReply>;
  /** Why nothing was ordered. */
  refused(request: PageRequest, cart: Cart | undefined, reply: ProblemReply): Promise<PageReply>;
}

export function createReview(host: PagesHost): Review {
  const { peers, ctx } = host;

  async function show(
    request: PageRequest,
    given: { status: number; notes: ReviewNotes } = { status: 200, notes: {} },
  ): Promise<PageReply> {
    const { locale, call } = request;
    const to = (path: string): PageReply => ({ kind: 'redirect', to: localPath(locale, path) });
    const named = givenCart(request, ctx.signer);
    const cart = named && (await loadCart(host, named.cartId, call));
    if (named === undefined || cart === undefined || cart.lines.length === 0) return to('/cart');
    const shortage = await loadShortage(host, cart, call);
    if (shortage !== undefined) return refused(request, cart, shortage);
    const wanted = { cartId: cart.cartId, orderIdFrom: 'cart' } as const;
    const reply = answered(await quoteThroughRoom(host, request, wanted), quoteProblems);
    if (!isProblem(reply)) {
      const { quote: token, buyer: _, ...quote } = reply.body;
      return again(request, { cart, quote, token }, given);
    }
    const name = named.isOfCookie ? undefined : cartName(ctx.signer, cart.cartId);
    switch (problemSlug(reply)) {
      case 'not-found':
      case 'cart-empty':
        return to('/cart');
      case 'delivery-required':
      case 'delivery-unknown':
        return to(checkoutPath(name));
      default:
        return toWaitingRoom(request, reply, reviewPath(name)) ?? refused(request, cart, reply);
    }
  }

  async function again(
    request: PageRequest,
    { cart, quote, token }: { cart: Cart; quote: Quote; token: string },
    { status, notes }: { status: number; notes: ReviewNotes },
  ): Promise<PageReply> {
    const { locale, call } = request;
    const variantIds = quote.lines.map((line) => line.variantId);
    const { currency } = quote;
    const [shell, nameOf, available, methods] = await Promise.all([
      host.shell(locale),
      loadNames(host, variantIds, locale, call),
      loadAvailable(host, variantIds, call),
      peers.cart.listDeliveryMethods({ query: { currency } }, call),
    ]);
    const method = whole(methods).body.items.find(({ code }) => code === quote.deliveryMethod);
    const html = renderReviewPage(shell, {
      quote,
      token,
      cartName: cartName(ctx.signer, cart.cartId),
      nonce: newNonce(),
      changes: priceChanges(cart, quote),
      nameOf,
      available,
      deliveryName: method === undefined ? '' : deliveryName(shell, method),
      ...notes,
    });
    return { kind: 'page', status, html, cookies: [keepReview(request, ctx.signer, quote.orderId)] };
  }

  async function refused(request: PageRequest, cart: Cart | undefined, reply: ProblemReply): Promise<PageReply> {
    const { locale, call } = request;
    const { variantId } = reply.problem;
    const variantIds = typeof variantId === 'string' ? [variantId] : [];
    const [shell, nameOf] = await Promise.all([host.shell(locale), loadNames(host, variantIds, locale, call)]);
    const named = givenCart(request, ctx.signer);
    const name = cart && !named?.isOfCookie ? cartName(ctx.signer, cart.cartId) : undefined;
    const refusal = refusalOf(reply, { shell, cart, cartName: name, nameOf });
    if (refusal === undefined) throw new Refusal(reply);
    return refusalPage(shell, reply.status, refusal);
  }

  return { show, again, refused };
}
