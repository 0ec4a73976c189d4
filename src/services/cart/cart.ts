import { isDeepStrictEqual } from 'node:util';
import { matchesIfMatch } from '../../platform/api/conditional.ts';
import { derivedId } from '../../platform/database/derived-id.ts';
import type { Address, Contact } from '../quote/api.ts';

export interface NewLine {
  readonly lineId: string;
  readonly variantId: string;
  readonly quantity: number;
  /** What the buyer was shown; absent where nobody told. */
  readonly seenUnitPriceMinor?: number;
}

export interface StoredLine extends NewLine {
  /** Larger than that of every line that was in the cart when this one was added. */
  readonly position: number;
}

/** A cart as it is stored. Never changed in place: a change makes another one. */
export interface StoredCart {
  readonly cartId: string;
  readonly buyerId: string;
  readonly currency: string;
  /** In the order in which they were added. */
  readonly lines: readonly StoredLine[];
  readonly contact: Contact | undefined;
  readonly deliveryAddress: Address | undefined;
  readonly deliveryMethod: string | undefined;
  readonly couponCode: string | undefined;
  readonly version: number;
  readonly updatedAtMs: number;
}

export type CartChange =
  /** `soldIn`: the currencies in which the variant is known to have a price. */
  | {
      readonly kind: 'add-line';
      readonly line: NewLine;
      readonly soldIn: readonly string[];
      /** Raise a line of the same variant, if there is one. */
      readonly joinsLine?: boolean;
    }
  | {
      readonly kind: 'set-quantity';
      readonly lineId: string;
      readonly quantity: number;
      readonly seenUnitPriceMinor?: number;
    }
  | { readonly kind: 'remove-line'; readonly lineId: string }
  | { readonly kind: 'remove-lines' }
  | { readonly kind: 'set-address'; readonly contact: Contact; readonly deliveryAddress: Address }
  /** `offeredIn`: the currencies in which this way of delivery has a price. */
  | { readonly kind: 'set-delivery'; readonly deliveryMethod: string; readonly offeredIn: readonly string[] }
  | { readonly kind: 'set-coupon'; readonly couponCode: string | undefined };

export type CartRequest =
  | { readonly kind: 'begin'; readonly cart: StoredCart }
  | {
      readonly kind: 'change';
      readonly cartId: string;
      readonly ifMatch: string | undefined;
      readonly change: CartChange;
    };

export type CartOutcome =
  | { readonly kind: 'saved'; readonly cart: StoredCart }
  | { readonly kind: 'no-cart' }
  | { readonly kind: 'no-line' }
  | { readonly kind: 'version-differs'; readonly version: number }
  | { readonly kind: 'full' }
  | { readonly kind: 'not-priced'; readonly currency: string }
  | { readonly kind: 'delivery-unknown'; readonly currency: string };

export const lineCountMax = 100;
/** As in the schema of quantities. */
const quantityMax = 10_000;

/**
 * Makes the requests, one after another, of the carts that are there, and tells what became of each and how the carts then
 * are. Several requests may be for one cart: the later sees what the earlier did.
 */
export function makeChanges(
  carts: ReadonlyMap<string, StoredCart>,
  requests: readonly CartRequest[],
  nowMs: number,
): { readonly outcomes: readonly CartOutcome[]; readonly carts: ReadonlyMap<string, StoredCart> } {
  const now = new Map(carts);
  const outcomes = requests.map((request): CartOutcome => {
    if (request.kind === 'begin') {
      now.set(request.cart.cartId, request.cart);
      return { kind: 'saved', cart: request.cart };
    }
    const cart = now.get(request.cartId);
    if (cart === undefined) return { kind: 'no-cart' };
    if (!matchesIfMatch(request.ifMatch, entityTag(cart))) return { kind: 'version-differs', version: cart.version };
    const outcome = decideChange(cart, request.change);
    if (outcome.kind !== 'saved' || outcome.cart === cart) return outcome;
    const changed = { ...outcome.cart, version: cart.version + 1, updatedAtMs: nowMs };
    now.set(cart.cartId, changed);
    return { kind: 'saved', cart: changed };
  });
  return { outcomes, carts: now };
}

export function entityTag(cart: StoredCart): string {
  return String(cart.version);
}

/**
 * The order that just these lines become, however often they are quoted and in however many windows. A line that was put
 * in anew has another id, so that the same things bought again are another order.
 */
export function orderIdOf({ cartId, lines }: Pick<StoredCart, 'cartId' | 'lines'>): string {
  const wanted = lines.map(({ lineId, quantity }) => `${lineId}*${quantity}`).sort();
  return derivedId(cartId, `order/${wanted.join()}`);
}

/** The cart with the change made. What changes nothing gives the same cart: a retried request is no new version. */
function decideChange(cart: StoredCart, change: CartChange): CartOutcome {
  switch (change.kind) {
    case 'add-line': {
      if (!change.soldIn.includes(cart.currency)) return { kind: 'not-priced', currency: cart.currency };
      const same = change.joinsLine ? cart.lines.find((each) => each.variantId === change.line.variantId) : undefined;
      if (same !== undefined) return saved(withLine(cart, same, joined(same, change.line)));
      if (cart.lines.length >= lineCountMax) return { kind: 'full' };
      const position = (cart.lines.at(-1)?.position ?? 0) + 1;
      return saved({ ...cart, lines: [...cart.lines, { ...change.line, position }] });
    }
    case 'set-quantity': {
      const line = cart.lines.find(({ lineId }) => lineId === change.lineId);
      if (line === undefined) return { kind: 'no-line' };
      return saved(withLine(cart, line, { ...line, ...quantityAndPrice(change, change.quantity) }));
    }
    case 'remove-line': {
      const lines = cart.lines.filter(({ lineId }) => lineId !== change.lineId);
      // A line that is not there is what was asked for.
      return saved(lines.length === cart.lines.length ? cart : { ...cart, lines });
    }
    case 'remove-lines':
      return saved(cart.lines.length === 0 ? cart : { ...cart, lines: [] });
    case 'set-address': {
      const { contact, deliveryAddress } = change;
      const isSame =
        isDeepStrictEqual(contact, cart.contact) && isDeepStrictEqual(deliveryAddress, cart.deliveryAddress);
      return saved(isSame ? cart : { ...cart, contact, deliveryAddress });
    }
    case 'set-delivery': {
      const { deliveryMethod, offeredIn } = change;
      if (!offeredIn.includes(cart.currency)) return { kind: 'delivery-unknown', currency: cart.currency };
      return saved(deliveryMethod === cart.deliveryMethod ? cart : { ...cart, deliveryMethod });
    }
    case 'set-coupon':
      return saved(change.couponCode === cart.couponCode ? cart : { ...cart, couponCode: change.couponCode });
  }
}

/** A cart holds each price that its buyer saw last: who adds more of a variant has just been shown what it costs. */
function joined(line: StoredLine, added: NewLine): StoredLine {
  return { ...line, ...quantityAndPrice(added, Math.min(line.quantity + added.quantity, quantityMax)) };
}

function quantityAndPrice({ seenUnitPriceMinor }: Pick<NewLine, 'seenUnitPriceMinor'>, quantity: number) {
  return seenUnitPriceMinor === undefined ? { quantity } : { quantity, seenUnitPriceMinor };
}

function withLine(cart: StoredCart, line: StoredLine, changed: StoredLine): StoredCart {
  if (isDeepStrictEqual(line, changed)) return cart;
  return { ...cart, lines: cart.lines.map((each) => (each === line ? changed : each)) };
}

function saved(cart: StoredCart): CartOutcome {
  return { kind: 'saved', cart };
}
