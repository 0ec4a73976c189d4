import { isUuid } from '../../platform/database/id.ts';
import type { Signer } from '../../platform/signing/signer.ts';
import { readSubjectToken, subjectToken } from '../../platform/signing/subject-token.ts';
import type { Cart } from '../../services/cart/api.ts';
import type { Cookie, PageRequest } from '../site/page-request.ts';

/** A visitor's cart, by a token that only this shop can have made. A cart's id opens it, so it is kept from scripts. */
const cartCookie = 'onrush_cart';
/** How many units are in it, for the badge of pages that are the same for everyone. */
const countCookie = 'onrush_cart_count';

/** Who this browser puts things into carts as: limits per buyer count for him, whichever cart he comes with. */
export const buyerCookie = 'onrush_buyer';

/**
 * Begins the names of the cookies of buy-now carts: one for each, so that tabs that buy at once do not undo each other. The
 * rest is the cart's name, the value its token.
 */
const buyNowCookie = 'onrush_buy_';
/** Longer than a quote and its payment take. */
const buyNowKeptS = 2 * 3600;
const buyNowCountMax = 6;

/** As long as a cart is kept that nobody touches (services/cart). */
const keptS = 30 * 24 * 3600;

/** Which cart a request is about, and whether it is the one that the visitor's cookie names. */
export interface GivenCart {
  readonly cartId: string;
  readonly isOfCookie: boolean;
}

/**
 * The cart named by the form or the address (buy now has carts of its own, beside the visitor's), else by the cookie. A name
 * means something only to the browser that has the cart's cookie: else somebody could send round a link to checkout with a
 * cart of his, and read there who has filled in what. And a name is not the cart's id, which opens the cart to whoever has
 * it (services/cart/api.ts): an address is shared, logged and left in a history.
 */
export function givenCart(request: PageRequest, signer: Signer): GivenCart | undefined {
  const ofCookie = readCart(request.cookies.get(cartCookie), signer);
  const name = request.form.get('cart') ?? request.query.get('cart');
  if (name === null) return ofCookie === undefined ? undefined : { cartId: ofCookie, isOfCookie: true };
  if (ofCookie !== undefined && signer.checkCode('cart-name', ofCookie, name))
    return { cartId: ofCookie, isOfCookie: true };
  const named = readCart(request.cookies.get(buyNowCookie + name), signer);
  // A cookie under another cart's name is none of ours.
  if (named === undefined || !signer.checkCode('cart-name', named, name)) return undefined;
  return { cartId: named, isOfCookie: false };
}

/** The cart that is the visitor's own, whatever the form names. */
export function visitorsCart(request: PageRequest, signer: Signer): string | undefined {
  return readCart(request.cookies.get(cartCookie), signer);
}

/** What a cart is called in forms and addresses: tells nothing, and opens nothing without its cookie. */
export function cartName(signer: Signer, cartId: string): string {
  return signer.code('cart-name', cartId);
}

function cartToken(signer: Signer, cartId: string): string {
  return subjectToken(signer, 'cart', cartId);
}

export function keepCart(signer: Signer, cart: Pick<Cart, 'cartId' | 'lines' | 'buyer'>): Cookie[] {
  return [
    keepBuyer(cart.buyer),
    { name: cartCookie, value: cartToken(signer, cart.cartId), maxAgeS: keptS },
    { name: countCookie, value: String(unitCount(cart)), maxAgeS: keptS, isReadable: true },
  ];
}

export const dropCart: readonly Cookie[] = [
  { name: cartCookie, value: '', maxAgeS: 0 },
  { name: countCookie, value: '', maxAgeS: 0, isReadable: true },
];

/** Lets this browser check out a buy-now cart; of those that it has begun and left, the oldest go. */
export function keepBuyNow(request: PageRequest, signer: Signer, cartId: string): Cookie[] {
  // A token begins with an id and an id with its instant, so the order of tokens is that of time.
  const known = [...request.cookies]
    .filter(([name]) => name.startsWith(buyNowCookie))
    .sort(([, one], [, other]) => (one < other ? -1 : 1));
  const old = known.slice(0, Math.max(0, known.length + 1 - buyNowCountMax));
  const name = buyNowCookie + cartName(signer, cartId);
  const kept = { name, value: cartToken(signer, cartId), maxAgeS: buyNowKeptS };
  return [kept, ...old.map(([oldName]) => ({ name: oldName, value: '', maxAgeS: 0 }))];
}

export function dropBuyNow(signer: Signer, cartId: string): Cookie[] {
  return [{ name: buyNowCookie + cartName(signer, cartId), value: '', maxAgeS: 0 }];
}

/** Whose cart it is: the next one that this browser begins, in whichever window, is the same buyer's. */
export function keepBuyer(buyer: string): Cookie {
  return { name: buyerCookie, value: buyer, maxAgeS: keptS };
}

/** What a new cart begins with: the buyer that this browser is known as, else a new one. */
export function knownBuyer(request: PageRequest, signer: Signer): { readonly buyer?: string } {
  const buyer = request.cookies.get(buyerCookie);
  return buyer === undefined || readSubjectToken(signer, 'buyer', buyer) === undefined ? {} : { buyer };
}

/** Whether the visitor sent a cart's cookie at all, good or not: one that is no good is taken back. */
export function hasCartCookie(request: PageRequest): boolean {
  return request.cookies.has(cartCookie) || request.cookies.has(countCookie);
}

/** Whether the cookie has the form of ours: so has that of a shop that has since been set up anew, with other keys. */
export function looksLikeCart(request: PageRequest): boolean {
  return /^[\da-f-]{36}\.[\w-]{22}$/.test(request.cookies.get(cartCookie) ?? '');
}

export function unitCount({ lines }: Pick<Cart, 'lines'>): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}

function readCart(token: string | undefined, signer: Signer): string | undefined {
  if (token === undefined) return undefined;
  const cartId = readSubjectToken(signer, 'cart', token);
  return cartId !== undefined && isUuid(cartId) ? cartId : undefined;
}
