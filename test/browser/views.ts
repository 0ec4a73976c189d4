import assert from 'node:assert/strict';
import type { Collection, Product, ProductInput, ProductSummary } from '../../src/services/catalog/api.ts';
import { purchaseViews } from './purchase-views.ts';
import type { Staff } from './staff.ts';
import { localPath, type ShopFacts, type View } from './view.ts';

/** Finds what the views show, and has the staff announce sales of it. */
export async function prepareShop(url: string, staff: Staff): Promise<ShopFacts> {
  const { products, collections } = await readCatalogue(url);
  const [plain, choice] = [products.find(hasVariants(1)), products.find(hasVariants(2))];
  assert(plain !== undefined && choice !== undefined, 'the demo catalogue has products with and without options');
  const product = await read<Product>(url, `/v1/products/${plain.slug}`);
  const soldOut = await staff.stock(soldOutProduct, 0);
  const held = await staff.stock(heldProduct, 3);
  const sales = await announceSales(staff, product, soldOut);
  await holdUntilTomorrow(staff, held);
  const rooms = await openRooms(url, staff, sales);
  const fullest = collections.toSorted((a, b) => b.productCount - a.productCount)[0];
  return {
    url,
    productSlug: product.slug,
    choiceSlug: choice.slug,
    soldOutSlug: soldOut.slug,
    heldSlug: held.slug,
    collectionPath: fullest?.path ?? '',
    sales,
    rooms,
    wallPath: await staff.wallPath(),
  };
}

const hasVariants = (least: 1 | 2) => (product: ProductSummary) =>
  product.fromPrice !== undefined && (least === 1 ? product.variantCount === 1 : product.variantCount > 1);

const soldOutProduct: ProductInput = {
  slug: 'last-winters-scarf',
  title: 'Last Winter’s Scarf',
  state: 'published',
  variants: [{ sku: 'VIEW-SCARF', prices: [{ currency: 'USD', amountMinor: 4900 }] }],
};

const heldProduct: ProductInput = {
  slug: 'morning-lantern',
  title: 'Morning Lantern',
  state: 'published',
  optionNames: ['Size'],
  variants: ['S', 'L'].map((Size) => ({
    sku: `VIEW-MORNING-${Size}`,
    options: { Size },
    prices: [{ currency: 'USD', amountMinor: 4900 }],
  })),
};

const queuedProduct: ProductInput = {
  slug: 'slow-lantern',
  title: 'Slow Lantern',
  state: 'published',
  variants: [{ sku: 'VIEW-SLOW', prices: [{ currency: 'USD', amountMinor: 4900 }] }],
};

async function announceSales(staff: Staff, product: Product, soldOut: Product): Promise<ShopFacts['sales']> {
  const nowMs = Date.now();
  const hourMs = 3_600_000;
  const announce = async (name: string, of: Product, startsAtMs: number, endsAtMs: number) => {
    const variantId = of.variants[0]?.variantId ?? '';
    return (await staff.openSale({ name, variantId, amountMinor: 1200, startsAtMs, endsAtMs })).saleId;
  };
  return {
    announced: await announce('The tide comes in', product, nowMs + 30 * hourMs, nowMs + 54 * hourMs),
    running: await announce('High water', product, nowMs - hourMs, nowMs + 5 * hourMs),
    'sold-out': await announce('Last winter', soldOut, nowMs - hourMs, nowMs + 5 * hourMs),
    over: await announce('Low water', product, nowMs - 2 * hourMs, nowMs - hourMs),
  };
}

async function holdUntilTomorrow(staff: Staff, { variants }: Product): Promise<void> {
  const startsAtMs = Date.now() + 30 * 3_600_000;
  for (const { variantId } of variants) {
    const sale = { name: 'First light', variantId, amountMinor: 3900, startsAtMs, endsAtMs: startsAtMs + 3_600_000 };
    await staff.openSale({ ...sale, isHeldUntilStart: true });
  }
}

/** Rooms before sales that nothing else is bought in: one whose lot is not drawn, one that lets hardly anybody in, one for nothing. */
async function openRooms(url: string, staff: Staff, sales: ShopFacts['sales']): Promise<ShopFacts['rooms']> {
  const nowMs = Date.now();
  const queued = await staff.stock(queuedProduct, 1000);
  const variantId = queued.variants[0]?.variantId ?? '';
  const sale = { name: 'The slow tide', variantId, amountMinor: 1200, startsAtMs: nowMs, endsAtMs: nowMs + 18_000_000 };
  const { saleId } = await staff.openSale(sale);
  const waiting = await staff.putRoom({ name: sale.name, saleId, switchedBy: 'hand', isOn: true, pacePerSMax: 0.1 });
  // Who comes after them has some ahead of him for as long as anybody looks.
  for (let ahead = 0; ahead < 40; ahead++) {
    const taken = await fetch(`${url}/v1/waiting-rooms/${waiting}/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    assert.equal(taken.status, 201);
  }
  const announced = { switchedBy: 'schedule', queueFromMs: nowMs - 1000 } as const;
  return {
    before: await staff.putRoom({ ...announced, name: 'The tide comes in', saleId: sales.announced }),
    waiting,
    over: await staff.putRoom({ name: 'Last winter', saleId: sales['sold-out'], switchedBy: 'hand', isOn: true }),
  };
}

async function readCatalogue(url: string) {
  type Items<Item> = { readonly items: readonly Item[] };
  return {
    products: (await read<Items<ProductSummary>>(url, '/v1/products?limit=100')).items,
    collections: (await read<Items<Collection>>(url, '/v1/collections')).items,
  };
}

async function read<Body>(url: string, path: string): Promise<Body> {
  const response = await fetch(`${url}${path}`);
  assert.equal(response.status, 200, path);
  return (await response.json()) as Body;
}

/** Opens a page that is a plain address. */
const at = (name: string, path: (facts: ShopFacts) => string, status = 200): View => ({
  name,
  ...(status !== 200 && { status }),
  async show(page, locale, facts) {
    const response = await page.goto(`${facts.url}${localPath(locale, path(facts))}`);
    const found = response?.status();
    assert.equal(found, status, `${path(facts)} is answered with ${found}, not ${status}`);
  },
});

/** Out of the line: as far as the question, or the answer. */
function leavingLine(state: 'leaving' | 'left'): View {
  return {
    name: `waiting-room-${state}`,
    async show(page, locale, { url, rooms }) {
      await page.goto(`${url}${localPath(locale, `/waiting-room/${rooms.waiting}`)}`);
      await page.locator('main a[href*="/leave"]').click();
      if (state === 'left') await page.locator('form[action$="/leave"] button').click();
      await page.locator(`body[data-view="${state}"]`).waitFor();
    },
  };
}

/** Every kind of page that the storefront has, in each of its states. */
export const views: readonly View[] = [
  at('home', () => '/'),
  at('product', ({ productSlug }) => `/products/${productSlug}`),
  at('product-choice', ({ choiceSlug }) => `/products/${choiceSlug}`),
  at('product-sold-out', ({ soldOutSlug }) => `/products/${soldOutSlug}`),
  at('product-held', ({ heldSlug }) => `/products/${heldSlug}`),
  at('collection', ({ collectionPath }) => `/collections/${collectionPath}`),
  at('browse', () => '/browse?sort=price&page=2'),
  at('search', () => '/search?q=rucksak'),
  at('search-nothing', () => '/search?q=zeppelinfluegel'),
  at('sales', () => '/sales'),
  ...(['announced', 'running', 'sold-out', 'over'] as const).map((phase) =>
    at(`sale-${phase}`, ({ sales }) => `/sales/${sales[phase]}`),
  ),
  ...(['before', 'waiting', 'over'] as const).map((state) =>
    at(`waiting-room-${state}`, ({ rooms }) => `/waiting-room/${rooms[state]}`),
  ),
  ...(['leaving', 'left'] as const).map((state) => leavingLine(state)),
  // Back from the trial of cookies without any.
  at('waiting-room-cookieless', ({ rooms }) => `/waiting-room/${rooms.waiting}?tried=1`),
  at('cart-empty', () => '/cart'),
  ...purchaseViews,
  // Dark until it is told otherwise, whatever the visitor likes.
  at('wall', ({ wallPath }) => wallPath),
  at('wall-light', ({ wallPath }) => `${wallPath}&theme=light`),
  at('wall-closed', () => '/wall', 401),
  at('orders', () => '/orders'),
  at('account', () => '/account'),
  at('not-found', () => '/products/nothing-of-the-kind', 404),
  at('offline', () => '/offline'),
];
