import type { Call } from '../../platform/api/contract.ts';
import { isProblem, problemSlug } from '../../platform/api/problem.ts';
import type { Cart, CartLine } from '../../services/cart/api.ts';
import type { PagesHost } from '../host.ts';
import type { Locale } from '../locale.ts';
import { chosenVariant } from '../product/variant-view.ts';
import { answered, whole } from '../site/answered.ts';
import type { ChosenThing } from './line-form.ts';
import { type VariantName, variantName } from './variant-name.ts';

/** A cart as a page shows it. */
export interface ShownCart {
  readonly cart: Cart;
  readonly lines: readonly ShownLine[];
  readonly offer: Offer;
}

export interface ShownLine extends CartLine {
  readonly name: VariantName;
  /** Units that are left, as a hint; undefined if nobody counts them. */
  readonly available: number | undefined;
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

export async function showCart(host: PagesHost, cart: Cart, locale: Locale, call: Call): Promise<ShownCart> {
  const variantIds = [...new Set(cart.lines.map((line) => line.variantId))];
  const [names, availableBy, offer, opensAtMsBy] = await Promise.all([
    loadNames(host, variantIds, locale, call),
    loadAvailable(host, variantIds, call),
    loadOffer(host, cart, call),
    loadOpenings(host, cart, call),
  ]);
  const lines = cart.lines.map((line) => ({
    ...line,
    name: names(line.variantId, line.title ?? line.sku ?? ''),
    available: availableBy.get(line.variantId),
    opensAtMs: line.unitPriceMinor === undefined ? opensAtMsBy.get(line.variantId) : undefined,
  }));
  return { cart, lines, offer };
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

async function loadOffer(host: PagesHost, cart: Cart, call: Call): Promise<Offer> {
  const lines = cart.lines.flatMap(({ variantId, quantity, unitPriceMinor }) =>
    unitPriceMinor === undefined ? [] : [{ variantId, quantity }],
  );
  const { couponCode, currency, buyer } = cart;
  if (lines.length === 0) return { discountMinor: 0, coupon: 'none' };
  const body = { lines, currency, buyer };
  if (couponCode !== undefined) {
    const reply = await host.peers.quote.createQuote({ body: { ...body, couponCode } }, call);
    if (!isProblem(reply)) return { discountMinor: discountOf(reply.body.lines), coupon: 'good' };
    if (problemSlug(reply) !== 'coupon-invalid') return { discountMinor: 0, coupon: 'none' };
  }
  const reply = await host.peers.quote.createQuote({ body }, call);
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
