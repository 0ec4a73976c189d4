import type { Call, Client, ReplyOf } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import { type ProblemReply, problem } from '../../platform/api/problem.ts';
import { createLane, type Lane } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import { bucketOf } from '../../platform/database/bucket.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { isCurrency } from '../../platform/money/currency.ts';
import { readSubjectToken, subjectToken } from '../../platform/signing/subject-token.ts';
import type { catalogApi, SellableVariant } from '../catalog/api.ts';
import type { promotionApi } from '../promotion/api.ts';
import { type Cart, cartApi, type DeliveryMethod } from './api.ts';
import { type CartChange, type CartOutcome, type CartRequest, entityTag, type StoredCart } from './cart.ts';
import { changeCarts, createReadingLane, type LaneSettings } from './cart-lane.ts';
import { contentOf, priceHints, viewOf } from './cart-view.ts';
import { deleteAbandoned, loadDeliveryMethods, replaceDeliveryMethods } from './store.ts';

export type CartContext = Pick<
  Context,
  'clock' | 'log' | 'metrics' | 'database' | 'jobs' | 'cache' | 'signer' | 'shop'
>;

export interface CartPeers {
  readonly catalog: Client<typeof catalogApi>;
  readonly promotion: Client<typeof promotionApi>;
}

const defaultLanes: LaneSettings = { batchMax: 256, waitingMax: 10_000 };

const dayMs = 24 * 60 * 60 * 1000;
/** Nobody comes back to a cart after a month; until then it may be in someone's bookmarks. */
const abandonedAfterMs = 30 * dayMs;
const abandonedBatchMax = 1000;

/** Carts of guests: whoever has a cart's id may read and change it. */
export function createCart(
  ctx: CartContext,
  { catalog, promotion }: CartPeers,
  lanes: LaneSettings = defaultLanes,
): Service<typeof cartApi> & { deleteAbandoned(): Promise<number> } {
  const changing = createChangingLane(ctx, lanes);
  const reading = createReadingLane(ctx.database, lanes);
  const deliveryMethods = ctx.cache.namespace<readonly DeliveryMethod[]>('delivery-methods', {
    ttlMs: 60_000,
    staleMs: 600_000,
    entriesMax: 1,
  });

  async function allDeliveryMethods(): Promise<readonly DeliveryMethod[]> {
    return (
      deliveryMethods.peek('all') ??
      (await deliveryMethods.getOrLoad('all', () => loadDeliveryMethods(ctx.database))) ??
      []
    );
  }

  async function variantsOf(variantIds: string[], call: Call): Promise<SellableVariant[]> {
    return succeeded('catalog', await catalog.getVariants({ body: { variantIds } }, call)).body.items;
  }

  async function offersFor(variantIds: string[], currency: string, call: Call) {
    return succeeded('promotion', await promotion.getOffers({ body: { variantIds, currency } }, call)).body;
  }

  /** The cart as buyers see it, with what its variants are called and cost now. */
  async function show(cart: StoredCart, call: Call): Promise<Cart> {
    const buyer = subjectToken(ctx.signer, 'buyer', cart.buyerId);
    const variantIds = [...new Set(cart.lines.map((line) => line.variantId))];
    if (variantIds.length === 0) return viewOf(cart, buyer, new Map());
    const [variants, offers] = await Promise.all([
      variantsOf(variantIds, call),
      offersFor(variantIds, cart.currency, call),
    ]);
    return viewOf(cart, buyer, priceHints(cart.currency, variants, offers));
  }

  const submit = (cartId: string, change: CartChange, call: Call) =>
    changing.submit({ kind: 'change', cartId, ifMatch: call.ifMatch, change });

  async function change(cartId: string, wanted: CartChange, call: Call): Promise<ReplyOf<ChangeRoute>> {
    const outcome = await submit(cartId, wanted, call);
    if (!isSaved(outcome)) return refusal(outcome, wanted);
    return { status: 200, body: await show(outcome.cart, call), headers: { etag: entityTag(outcome.cart) } };
  }

  ctx.jobs.define({
    name: 'cart-delete-abandoned',
    everyMs: 60 * 60 * 1000,
    run: async () => {
      await deleteAllAbandoned();
    },
  });

  async function deleteAllAbandoned(): Promise<number> {
    let deletedCount = 0;
    for (;;) {
      const count = await deleteAbandoned(ctx.database, ctx.clock.nowMs() - abandonedAfterMs, abandonedBatchMax);
      deletedCount += count;
      if (count < abandonedBatchMax) return deletedCount;
    }
  }

  return {
    contract: cartApi,
    importance: 'core',
    deleteAbandoned: deleteAllAbandoned,
    async stop() {
      await Promise.all([changing.close(), reading.close()]);
    },
    handlers: {
      async createCart({ body }, call) {
        const currency = body.currency ?? ctx.shop.currency;
        if (currency !== ctx.shop.currency && !isCurrency(currency)) {
          return badField('/currency', 'is not an ISO 4217 currency');
        }
        const nowMs = ctx.clock.nowMs();
        const buyerId =
          body.buyer === undefined ? newId(randomBucket(), nowMs) : readSubjectToken(ctx.signer, 'buyer', body.buyer);
        if (buyerId === undefined) return badField('/buyer', 'is not a buyer of this shop; leave it out to become one');
        const cart = emptyCart(buyerId, currency, nowMs);
        await changing.submit({ kind: 'begin', cart });
        const headers = { etag: entityTag(cart), location: `/v1/carts/${cart.cartId}` };
        return { status: 201, body: await show(cart, call), headers };
      },

      async getCart({ params: { cartId } }, call) {
        const cart = await reading.submit(cartId);
        if (cart === undefined) return noCart();
        return { status: 200, body: await show(cart, call), headers: { etag: entityTag(cart) } };
      },

      async addLine({ params: { cartId }, body: { variantId, quantity = 1, seenUnitPriceMinor, joinsLine } }, call) {
        const [variant] = await variantsOf([variantId], call);
        if (!variant?.isPublished) return notForSale(variantId);
        const line = {
          lineId: newId(bucketOf(cartId), ctx.clock.nowMs()),
          variantId,
          quantity,
          ...(seenUnitPriceMinor !== undefined && { seenUnitPriceMinor }),
        };
        const soldIn = variant.prices.map((price) => price.currency);
        let wanted: CartChange = { kind: 'add-line', line, soldIn, joinsLine: joinsLine === true };
        let outcome = await submit(cartId, wanted, call);
        // No list price in the cart's currency, which only now is known. It may still be sold in a sale, now or soon.
        if (outcome.kind === 'not-priced') {
          const { saleItems, announced } = await offersFor([variantId], outcome.currency, call);
          if (saleItems.length + announced.length === 0) return notForSale(variantId);
          wanted = { ...wanted, soldIn: [outcome.currency] };
          outcome = await submit(cartId, wanted, call);
        }
        if (!isSaved(outcome)) return refusal(outcome, wanted);
        return { status: 201, body: await show(outcome.cart, call), headers: { etag: entityTag(outcome.cart) } };
      },

      changeLine: ({ params: { cartId, lineId }, body }, call) =>
        change(cartId, { kind: 'set-quantity', lineId, ...body }, call),

      removeLine: ({ params: { cartId, lineId } }, call) => change(cartId, { kind: 'remove-line', lineId }, call),

      removeLines: ({ params: { cartId } }, call) => change(cartId, { kind: 'remove-lines' }, call),

      setAddress: ({ params: { cartId }, body }, call) => change(cartId, { kind: 'set-address', ...body }, call),

      async setDelivery({ params: { cartId }, body: { deliveryMethod } }, call) {
        const methods = await allDeliveryMethods();
        const offeredIn = methods.filter(({ code }) => code === deliveryMethod).map(({ currency }) => currency);
        return change(cartId, { kind: 'set-delivery', deliveryMethod, offeredIn }, call);
      },

      setCoupon: ({ params: { cartId }, body }, call) =>
        change(cartId, { kind: 'set-coupon', couponCode: body.couponCode ?? undefined }, call),

      async putDeliveryMethods({ body: { items } }) {
        const isDouble = new Set(items.map(({ code, currency }) => `${code} ${currency}`)).size < items.length;
        const unknown = items.findIndex(({ currency }) => !isCurrency(currency));
        if (isDouble || unknown >= 0) {
          const detail = isDouble
            ? 'A way of delivery stands twice in one currency.'
            : 'That is no currency of ISO 4217.';
          return problem('bad-request', {
            detail,
            errors: [{ pointer: isDouble ? '/items' : `/items/${unknown}/currency`, detail }],
          });
        }
        await ctx.database.transaction((tx) => replaceDeliveryMethods(tx, items));
        await deliveryMethods.invalidate(['all']);
        return { status: 200, body: { items: [...(await allDeliveryMethods())] } };
      },

      async listDeliveryMethods({ query }) {
        const methods = await allDeliveryMethods();
        const { currency } = query;
        const items = methods.filter((method) => currency === undefined || method.currency === currency);
        return { status: 200, body: { items } };
      },

      async getCartForQuote({ params: { cartId } }) {
        const cart = await reading.submit(cartId);
        if (cart === undefined) return noCart();
        return { status: 200, body: contentOf(cart) };
      },
    },
  };
}

type ChangeRoute = (typeof cartApi)['routes']['changeLine'];

function createChangingLane(ctx: CartContext, lanes: LaneSettings): Lane<CartRequest, CartOutcome> {
  const batchSize = ctx.metrics.histogram('onrush_cart_batch_size', 'Cart changes made in one transaction.', {
    buckets: [1, 2, 5, 10, 20, 50, 100, 200],
  });
  const lane = createLane<CartRequest, CartOutcome>({
    ...lanes,
    name: 'the lane of cart changes',
    run: (requests) => changeCarts(ctx.database, requests, ctx.clock.nowMs()),
    onBatch: (size) => batchSize.observe(size),
  });
  ctx.metrics.gauge('onrush_cart_lane_waiting', 'Cart changes waiting for the next batch.', () => lane.waitingCount);
  return lane;
}

function emptyCart(buyerId: string, currency: string, nowMs: number): StoredCart {
  return {
    cartId: newId(bucketOf(buyerId), nowMs),
    buyerId,
    currency,
    lines: [],
    contact: undefined,
    deliveryAddress: undefined,
    deliveryMethod: undefined,
    couponCode: undefined,
    version: 1,
    updatedAtMs: nowMs,
  };
}

type Saved = Extract<CartOutcome, { kind: 'saved' }>;

function isSaved(outcome: CartOutcome): outcome is Saved {
  return outcome.kind === 'saved';
}

/** Where outcomes of the lane meet HTTP. */
function refusal(outcome: Exclude<CartOutcome, Saved>, change: CartChange): ProblemReply {
  switch (outcome.kind) {
    case 'no-cart':
      return noCart();
    case 'no-line':
      return problem('not-found', { detail: 'The cart has no such line.' });
    case 'version-differs':
      return problem('precondition-failed', { version: outcome.version });
    case 'full':
      return problem('cart-full');
    case 'not-priced':
      return notForSale(change.kind === 'add-line' ? change.line.variantId : undefined);
    case 'delivery-unknown':
      return problem('delivery-unknown', {
        detail: `There is no such way of delivery in ${outcome.currency}.`,
        deliveryMethod: change.kind === 'set-delivery' ? change.deliveryMethod : undefined,
      });
  }
}

function noCart(): ProblemReply {
  return problem('not-found', { detail: 'There is no such cart.' });
}

function notForSale(variantId: string | undefined): ProblemReply {
  return problem('not-for-sale', { variantId });
}

function badField(pointer: string, detail: string): ProblemReply {
  return problem('bad-request', { detail: `${pointer.slice(1)} ${detail}.`, errors: [{ pointer, detail }] });
}
