import type { Call } from '../../platform/api/contract.ts';
import { isProblem, type ProblemReply, problem, problemSlug } from '../../platform/api/problem.ts';
import type { Cart, CartLine } from '../../services/cart/api.ts';
import type { PagesHost } from '../host.ts';
import type { Locale } from '../locale.ts';
import { chosenVariant } from '../product/variant-view.ts';
import { answered, whole } from '../site/answered.ts';
import type { PageRequest } from '../site/page-request.ts';
import { mustQueue, quoteThroughRoom } from '../waiting-room/quoting.ts';
import type { ChosenThing } from './line-form.ts';
import { type VariantName, variantName } from './variant-name.ts';

/** A cart as a page shows it. */
export interface ShownCart {
  readonly cart: Cart;
  readonly lines: readonly ShownLine[];
  readonly offer: Offer;
  /** Of what can be ordered: what is sold out counts for nothing. */
  readonly subtotalMinor: number;
  /** Whether there is a way of delivery in its currency. */
  readonly isDeliverable: boolean;
}

/** Why a cart cannot be checked out as it is; the first that is to be said. */
export type CartObstacle = 'not-for-sale' | 'sold-out' | 'too-many' | 'no-delivery';

export interface ShownLine extends CartLine {
  readonly name: VariantName;
  /** Units that are left, as a hint; undefined if nobody counts them. */
  readonly available: number | undefined;
  /** The cart has more of it, over all its lines, than there are. */
  readonly isShort: boolean;
  /** When the sale begins that it is waiting for; undefined if it waits for none. */
  readonly opensAtMs: number | undefined;
}

/** What rules and the coupon take off; the review's quote decides. */
export interface Offer {
  readonly discountMinor: number;
  readonly coupon: 'none' | 'good' | 'bad';
}

/** The cart, undefined if there is none (any more). */
export async function loadCart(host: PagesHost, cartId: string, call: Call): Promise<Cart | undefined> {
  const reply = answered(await host.peers.cart.getCart({ params: { cartId } }, call), ['not-found']);
  return isProblem(reply) ? undefined : reply.body;
}

export async function showCart(host: PagesHost, cart: Cart, request: PageRequest): Promise<ShownCart> {
  const { locale, call } = request;
  const variantIds = [...new Set(cart.lines.map((line) => line.variantId))];
  const [names, availableBy, opensAtMsBy, methods] = await Promise.all([
    loadNames(host, variantIds, locale, call),
    loadAvailable(host, variantIds, call),
    loadOpenings(host, cart, call),
    host.peers.cart.listDeliveryMethods({ query: { currency: cart.currency } }, call),
  ]);
  const short = shortVariants(cart.lines, availableBy);
  const lines = cart.lines.map((line) => ({
    ...line,
    name: names(line.variantId, line.title ?? line.sku ?? ''),
    available: availableBy.get(line.variantId),
    isShort: short.has(line.variantId),
    opensAtMs: line.unitPriceMinor === undefined ? opensAtMsBy.get(line.variantId) : undefined,
  }));
  const orderable = lines.filter((line) => !isSoldOut(line));
  const offer = await loadOffer(host, cart, orderable, request);
  const isDeliverable = whole(methods).body.items.length > 0;
  return { cart, lines, offer, subtotalMinor: subtotalOf(cart, orderable), isDeliverable };
}

/** A hint, as all that is said of stock before the order: where nobody counts, nothing is sold out. */
export function isSoldOut({ available }: Pick<ShownLine, 'available'>): boolean {
  return available !== undefined && available <= 0;
}

/** What the buyer has to set right before checking out is of use. */
export function obstacleOf({
  lines,
  isDeliverable,
}: Pick<ShownCart, 'lines' | 'isDeliverable'>): CartObstacle | undefined {
  if (lines.some((line) => line.unitPriceMinor === undefined)) return 'not-for-sale';
  if (lines.some(isSoldOut)) return 'sold-out';
  if (lines.some((line) => line.isShort)) return 'too-many';
  return isDeliverable ? undefined : 'no-delivery';
}

/** Variants of which there are fewer than wanted over all lines, with the units that are left. */
export function shortVariants(
  lines: readonly Pick<CartLine, 'variantId' | 'quantity'>[],
  availableBy: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const wanted = new Map<string, number>();
  for (const { variantId, quantity } of lines) wanted.set(variantId, (wanted.get(variantId) ?? 0) + quantity);
  return new Map([...availableBy].filter(([variantId, available]) => available < (wanted.get(variantId) ?? 0)));
}

/**
 * Said before an address is typed and a card taken out, in the words of an order that came too late. A hint: when it says
 * that there are enough, the order still decides.
 */
export async function loadShortage(
  host: PagesHost,
  { lines }: Pick<Cart, 'lines'>,
  call: Call,
): Promise<ProblemReply | undefined> {
  const priced = lines.filter((line) => line.unitPriceMinor !== undefined);
  const variantIds = [...new Set(priced.map((line) => line.variantId))];
  if (variantIds.length === 0) return undefined;
  const [first] = shortVariants(priced, await loadAvailable(host, variantIds, call));
  return first && problem('sold-out', { variantId: first[0], available: first[1] });
}

/** Of enormous prices and quantities the cart's own subtotal is as much as an amount can be, and so is this. */
function subtotalOf(cart: Cart, orderable: readonly CartLine[]): number {
  const sum = orderable.reduce((total, { unitPriceMinor = 0, quantity }) => total + unitPriceMinor * quantity, 0);
  return Math.min(sum, cart.subtotalMinor);
}

/** What these variants are called, as a function: a variant that the catalogue has no more keeps the name it had. */
export async function loadNames(
  host: PagesHost,
  variantIds: readonly string[],
  locale: Locale,
  call: Call,
): Promise<(variantId: string, otherwise: string) => VariantName> {
  const found = variantIds.length === 0 ? [] : await loadVariants(host, variantIds, call);
  // Nobody is kept from buying because a picture's size is not known: it is shown as it is.
  const items = await host.mediaSizes.fill(found).catch(() => found);
  const variantBy = new Map(items.map((variant) => [variant.variantId, variant]));
  return (variantId, otherwise) => variantName(variantBy.get(variantId), otherwise, locale);
}

export async function loadVariants(host: PagesHost, variantIds: readonly string[], call: Call) {
  return whole(await host.peers.catalog.getVariants({ body: { variantIds: [...variantIds] } }, call)).body.items;
}

/** The published variant that a form means; undefined if there is none. */
export async function loadChosen(host: PagesHost, thing: ChosenThing, call: Call): Promise<string | undefined> {
  if (thing.kind === 'variant') {
    const [variant] = await loadVariants(host, [thing.variantId], call);
    return variant?.isPublished ? variant.variantId : undefined;
  }
  const { slug, chosen } = thing;
  const reply = answered(await host.peers.catalog.getProduct({ params: { slug } }, call), ['not-found']);
  if (isProblem(reply)) return undefined;
  const { variants, optionNames } = reply.body;
  return chosenVariant(variants, optionNames, chosen)?.variantId;
}

/** As in the contract of stock. */
const askedAtOnceMax = 50;

/** How many are left of each; variants that nobody counts are left out, and all of them if stock does not answer: it is a hint. */
export async function loadAvailable(host: PagesHost, variantIds: readonly string[], call: Call) {
  const replies = await Promise.all(
    chunks(variantIds, askedAtOnceMax).map((ids) =>
      host.peers.stock.getAvailability({ query: { variantIds: ids.join(',') } }, call),
    ),
  );
  const items = replies.flatMap((reply) => (isProblem(reply) ? [] : reply.body.items));
  return new Map(items.map(({ variantId, available }) => [variantId, available]));
}

async function loadOffer(
  host: PagesHost,
  cart: Cart,
  orderable: readonly CartLine[],
  request: PageRequest,
): Promise<Offer> {
  const lines = orderable.flatMap(({ variantId, quantity, unitPriceMinor }) =>
    unitPriceMinor === undefined ? [] : [{ variantId, quantity }],
  );
  const { couponCode, currency, buyer } = cart;
  if (lines.length === 0) return { discountMinor: 0, coupon: 'none' };
  const variantIds = lines.map(({ variantId }) => variantId);
  if (await mustQueue(host, request, { variantIds, currency })) return { discountMinor: 0, coupon: 'none' };
  const body = { lines, currency, buyer };
  if (couponCode !== undefined) {
    const reply = await quoteThroughRoom(host, request, { ...body, couponCode });
    if (!isProblem(reply)) return { discountMinor: discountOf(reply.body.lines), coupon: 'good' };
    if (problemSlug(reply) !== 'coupon-invalid') return { discountMinor: 0, coupon: 'none' };
  }
  const reply = await quoteThroughRoom(host, request, body);
  const discountMinor = isProblem(reply) ? 0 : discountOf(reply.body.lines);
  return { discountMinor, coupon: couponCode === undefined ? 'none' : 'bad' };
}

/** When the sales begin of what has no price until then. */
async function loadOpenings(host: PagesHost, { lines, currency }: Cart, call: Call): Promise<Map<string, number>> {
  const variantIds = lines.filter((line) => line.unitPriceMinor === undefined).map((line) => line.variantId);
  if (variantIds.length === 0) return new Map();
  const reply = await host.peers.promotion.getOffers({ body: { variantIds, currency } }, call);
  return new Map(whole(reply).body.announced.map(({ variantId, startsAtMs }) => [variantId, startsAtMs]));
}

function discountOf(lines: readonly { readonly discountMinor: number }[]): number {
  return lines.reduce((sum, line) => sum + line.discountMinor, 0);
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, n) => values.slice(n * size, (n + 1) * size));
}
