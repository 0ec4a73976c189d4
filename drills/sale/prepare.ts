import { setTimeout as delay } from 'node:timers/promises';
import { newId, randomBucket } from '../../src/platform/database/id.ts';
import type { Cart, DeliveryMethod } from '../../src/services/cart/api.ts';
import type { ProductInput, PutResult } from '../../src/services/catalog/api.ts';
import type { PriceRule, PriceRuleInput, Sale, SaleInput } from '../../src/services/promotion/api.ts';
import type { SignedQuote } from '../../src/services/quote/api.ts';
import type { MovementInput } from '../../src/services/stock/api.ts';
import type { Random } from '../random.ts';
import type { Admin } from './admin.ts';
import { DrillFault } from './drill-fault.ts';
import type { OrdinaryGoods, SaleSetup } from './setup.ts';

export interface Prepared {
  readonly setup: SaleSetup;
  /** Ends the sale and hides the goods; what was ordered stays. */
  tidyUp(): Promise<void>;
}

interface Goods {
  readonly product: ProductInput;
  readonly stocks: readonly number[];
}

const expiredQuoteCount = 8;
const previewMs = 1_500;
const onSaleWithinMs = 30_000;
const hotPrice = { listMinor: 9900, saleMinor: 4900 };
const limitPerBuyer = 2;

/** Puts goods of the drill's own on sale, so that nobody's real stock is sold. */
export async function prepareSale(
  admin: Admin,
  wanted: { runId: string; stock: number; cartCount: number; random: Random },
): Promise<Prepared> {
  const { runId, stock, cartCount, random } = wanted;
  const { currency } = await admin.call<Cart>('POST', '/v1/carts', {});
  const hot: Goods = {
    product: productOf(`drill-${runId}-hot`, 'A lantern that everyone wants', [hotPrice.listMinor], currency),
    stocks: [stock],
  };
  const preview: Goods = {
    product: productOf(`drill-${runId}-preview`, 'A lantern whose sale is over', [hotPrice.listMinor], currency),
    stocks: [10],
  };
  const shelves = cartCount > 0 ? ordinaryShelves(runId, cartCount, currency, random) : [];
  const all = [hot, preview, ...shelves];
  const variantIds = await putGoods(admin, all);
  const variantOf = (goods: Goods) => variantIds.get(goods)?.[0] ?? missing(goods.product.slug);

  const item = (goods: Goods) => ({ variantId: variantOf(goods), currency, amountMinor: hotPrice.saleMinor });
  const expiredQuotes = await collectExpiringQuotes(admin, runId, item(preview));
  const sale = await announceSale(admin, `drill ${runId}`, [{ ...item(hot), limitPerBuyer }], 24 * 3_600_000);
  const ordinary =
    cartCount > 0 ? await prepareOrdinary(admin, { runId, cartCount, currency, shelves, variantIds }) : undefined;
  await becomesOnSale(admin, variantOf(hot));
  await expiredQuotes.expired();

  return {
    setup: {
      runId,
      currency,
      hot: { variantId: variantOf(hot), salePriceMinor: hotPrice.saleMinor, limitPerBuyer, stock },
      expiredQuotes: expiredQuotes.quotes,
      ordinary: ordinary?.goods,
    },
    async tidyUp() {
      await admin.call('DELETE', `/v1/admin/sales/${sale.saleId}`);
      if (ordinary !== undefined) {
        await admin.call('POST', '/v1/admin/price-rules', { ...ordinary.rule, endsAtMs: await shopNowMs(admin) });
      }
      const products = all.map(({ product }) => ({ ...product, state: 'archived' as const }));
      await admin.call('PUT', '/v1/admin/products', { products });
    },
  };
}

function productOf(slug: string, title: string, pricesMinor: readonly number[], currency: string): ProductInput {
  const hasSizes = pricesMinor.length > 1;
  return {
    slug,
    title: `Drill: ${title}`,
    state: 'published',
    ...(hasSizes && { optionNames: ['Size'] }),
    variants: pricesMinor.map((amountMinor, index) => ({
      sku: `${slug}-${index}`,
      ...(hasSizes && { options: { Size: `${index + 1}` } }),
      prices: [{ currency, amountMinor }],
    })),
  };
}

/** Twelve products in two sizes. Of some there are too few for everybody, so that carts fall short in one of their lines. */
function ordinaryShelves(runId: string, cartCount: number, currency: string, random: Random): Goods[] {
  return Array.from({ length: 12 }, (_, index) => {
    const priceMinor = 500 + random.integer(20_000);
    const isScarce = index % 4 === 0;
    const each = isScarce ? Math.ceil(cartCount / 20) : cartCount * 12;
    return {
      product: productOf(`drill-${runId}-shelf-${index}`, `shelf ${index}`, [priceMinor, priceMinor + 250], currency),
      stocks: [each, each],
    };
  });
}

/** Returns the variants of each of the goods. */
async function putGoods(admin: Admin, all: readonly Goods[]): Promise<Map<Goods, string[]>> {
  const { results } = await admin.call<{ results: PutResult[] }>('PUT', '/v1/admin/products', {
    products: all.map(({ product }) => product),
  });
  const variantIds = new Map<Goods, string[]>();
  all.forEach((goods, index) => {
    const result = results[index];
    if (result?.outcome !== 'created') {
      throw new DrillFault(
        `The shop did not take the drill's goods: ${result?.outcome} ${result?.reason ?? ''}`.trim(),
      );
    }
    const idBySku = new Map(result.variants.map(({ sku, variantId }) => [sku, variantId]));
    variantIds.set(
      goods,
      goods.product.variants.map(({ sku }) => idBySku.get(sku) ?? missing(sku)),
    );
  });
  const movements = all.flatMap((goods) =>
    goods.stocks.map(
      (quantity, index): MovementInput => ({
        movementId: newId(randomBucket(), Date.now()),
        variantId: variantIds.get(goods)?.[index] ?? missing(goods.product.slug),
        quantity,
        reason: 'received',
        note: 'drill',
      }),
    ),
  );
  const moved = await admin.call<{ results: { outcome: string }[] }>('POST', '/v1/admin/stock/movements', {
    movements,
  });
  const refused = moved.results.find(({ outcome }) => outcome !== 'applied');
  if (refused !== undefined) throw new DrillFault(`The shop did not take the drill's stock: ${refused.outcome}.`);
  return variantIds;
}

async function announceSale(admin: Admin, name: string, items: SaleInput['items'], lastsMs: number): Promise<Sale> {
  const nowMs = await shopNowMs(admin);
  return admin.call<Sale>('POST', '/v1/admin/sales', { name, startsAtMs: nowMs, endsAtMs: nowMs + lastsMs, items });
}

/** Every process of a shop hears of a sale in its own time; who comes before that pays the list price, and rightly. */
async function becomesOnSale(admin: Admin, variantId: string): Promise<void> {
  const endAtMs = performance.now() + onSaleWithinMs;
  for (;;) {
    const quoted = await admin.call<SignedQuote>('POST', '/v1/quotes', { lines: [{ variantId, quantity: 1 }] });
    if (quoted.lines[0]?.unitPriceMinor === hotPrice.saleMinor) return;
    if (performance.now() > endAtMs) throw new DrillFault("The shop does not take up the drill's sale.");
    await delay(50);
  }
}

/** A quote ends with the sale whose price it has: so those of a short sale soon are expired ones. */
async function collectExpiringQuotes(admin: Admin, runId: string, item: SaleInput['items'][number]) {
  const sale = await announceSale(admin, `drill ${runId}, preview`, [item], previewMs);
  const quotes: string[] = [];
  for (let index = 0; index < expiredQuoteCount; index += 1) {
    const quoted = await admin.call<SignedQuote>('POST', '/v1/quotes', {
      lines: [{ variantId: item.variantId, quantity: 1 }],
    });
    // Taken too late for the sale's price, or from a shop that quotes beyond its sales: it will not expire in time.
    if (quoted.expiresAtMs <= sale.endsAtMs) quotes.push(quoted.quote);
  }
  if (quotes.length === 0) throw new DrillFault('The shop gives quotes that outlive the sale whose price they have.');
  const expired = async () => {
    while ((await shopNowMs(admin)) <= sale.endsAtMs) await delay(50);
  };
  return { quotes, expired };
}

async function prepareOrdinary(
  admin: Admin,
  given: {
    runId: string;
    cartCount: number;
    currency: string;
    shelves: readonly Goods[];
    variantIds: ReadonlyMap<Goods, string[]>;
  },
): Promise<{ goods: OrdinaryGoods; rule: PriceRule }> {
  const { runId, cartCount, currency, shelves, variantIds } = given;
  const variants = shelves.flatMap((goods) =>
    goods.product.variants.map(({ prices }, index) => ({
      variantId: variantIds.get(goods)?.[index] ?? missing(goods.product.slug),
      priceMinor: prices[0]?.amountMinor ?? 0,
      stock: goods.stocks[index] ?? 0,
    })),
  );
  // Fewer than want it, so that it runs out.
  const redemptionsMax = Math.max(1, Math.ceil(cartCount / 10));
  const code = `DRILL-${runId.toUpperCase()}`;
  const rule = await admin.call<PriceRule>('POST', '/v1/admin/price-rules', {
    name: `drill ${runId}`,
    reduction: { kind: 'percentage', basisPoints: 1500 },
    scope: { kind: 'variants', variantIds: variants.map(({ variantId }) => variantId) },
    couponCode: code,
    redemptionsMax,
    limitPerBuyer: 1,
  } satisfies PriceRuleInput);
  const { items } = await admin.call<{ items: DeliveryMethod[] }>('GET', `/v1/delivery-methods?currency=${currency}`);
  const deliveryMethod = items[0]?.code;
  if (deliveryMethod === undefined) {
    throw new DrillFault(`The shop has no way of delivery in ${currency}, so no cart can be ordered. Give it one.`);
  }
  const quoted = await admin.call<SignedQuote>('POST', '/v1/quotes', {
    lines: variants.slice(0, 1).map(({ variantId }) => ({ variantId, quantity: 1 })),
    couponCode: code,
  });
  const couponId = quoted.coupon?.couponId ?? missing(code);
  return { rule, goods: { variants, coupon: { code, couponId, redemptionsMax }, deliveryMethod } };
}

/** By the shop's clock, which need not be ours. */
async function shopNowMs(admin: Admin): Promise<number> {
  const { nowMs } = await admin.call<{ nowMs: number }>('GET', '/v1/sales');
  return nowMs;
}

function missing(what: string): never {
  throw new DrillFault(`The shop took ${what}, but does not say what became of it.`);
}
