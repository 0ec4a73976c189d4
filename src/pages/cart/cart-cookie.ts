import { isUuid } from '../../platform/database/id.ts';
import type { Signer } from '../../platform/signing/signer.ts';
import { readSubjectToken, subjectToken } from '../../platform/signing/subject-token.ts';
import type { Cart } from '../../services/cart/api.ts';
import type { Cookie, PageRequest } from '../site/page-request.ts';

/** A visitor's cart, by a token that only this shop can have made. A cart's id opens it, so it is kept from scripts. */
const cartCookie = 'onrush_cart';
/** How many units are in it, for the badge of pages that are the same for everyone. */
const countCookie = 'onrush_cart_count';

/** As long as a cart is kept that nobody touches (services/cart). */
const keptS = 30 * 24 * 3600;

/** Which cart a request is about, and whether it is the one that the visitor's cookie names. */
export interface GivenCart {
  readonly cartId: string;
  readonly isOfCookie: boolean;
}

/**
 * The cart named by the form or the address (buy now has a cart of its own, beside the visitor's), else by the cookie.
 * What this shop did not sign counts for nothing.
 */
export function givenCart(request: PageRequest, signer: Signer): GivenCart | undefined {
  const ofCookie = readCart(request.cookies.get(cartCookie), signer);
  const named = readCart(request.form.get('cart') ?? request.query.get('cart') ?? undefined, signer);
  const cartId = named ?? ofCookie;
  return cartId === undefined ? undefined : { cartId, isOfCookie: cartId === ofCookie };
}

export function cartToken(signer: Signer, cartId: string): string {
  return subjectToken(signer, 'cart', cartId);
}

export function keepCart(signer: Signer, cart: Pick<Cart, 'cartId' | 'lines'>): Cookie[] {
  return [
    { name: cartCookie, value: cartToken(signer, cart.cartId), maxAgeS: keptS },
    { name: countCookie, value: String(unitCount(cart)), maxAgeS: keptS, isReadable: true },
  ];
}

export const dropCart: readonly Cookie[] = [
  { name: cartCookie, value: '', maxAgeS: 0 },
  { name: countCookie, value: '', maxAgeS: 0, isReadable: true },
];

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
