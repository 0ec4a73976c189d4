import { readFile } from 'node:fs/promises';
import type { Client } from '../../../platform/api/contract.ts';
import { succeeded } from '../../../platform/api/peer.ts';
import type { stockApi } from '../../stock/api.ts';
import type { catalogApi, ProductInput } from '../api.ts';

/** Tern & Tarn, who sell what is of use on the path up and at the desk afterwards. */
const collections = [
  { path: 'outdoors', title: 'Outdoors' },
  { path: 'outdoors/bags', title: 'Bags' },
  { path: 'outdoors/layers', title: 'Layers' },
  { path: 'outdoors/camp-kitchen', title: 'Camp kitchen' },
  { path: 'outdoors/light', title: 'Lamps for the dark' },
  { path: 'desk', title: 'Desk' },
  { path: 'desk/writing', title: 'Writing' },
  { path: 'desk/paper', title: 'Paper' },
  { path: 'desk/order', title: 'Good order' },
  { path: 'desk/lamps', title: 'Desk lamps' },
  { path: 'coffee', title: 'Coffee' },
  { path: 'light', title: 'All lights' },
  { path: 'drops', title: 'Drops: few, and only once' },
];

export interface DemoPeers {
  readonly catalog: Client<typeof catalogApi>;
  readonly stock: Client<typeof stockApi>;
}

export interface LoadedDemo {
  readonly productCount: number;
  readonly variantCount: number;
}

/**
 * Fills an empty shop, and leaves any other alone (undefined). Products are published last, once they have their stock: a
 * process that dies half-way leaves drafts, by which the next one knows that it has to begin again.
 */
export async function loadDemoCatalogue({ catalog, stock }: DemoPeers): Promise<LoadedDemo | undefined> {
  const products = await readDemoProducts();
  if (!(await isEmptyOrHalfLoaded(catalog, products))) return undefined;

  succeeded('catalog', await catalog.putCollections({ body: { collections } }));
  const variantIds = await put(
    catalog,
    products.map((product) => ({ ...product, state: 'draft' })),
  );
  const levels = products.flatMap(({ variants }) =>
    variants.flatMap(({ sku, onHand = 0 }) => {
      const variantId = variantIds.get(sku);
      return variantId === undefined ? [] : [{ variantId, onHand }];
    }),
  );
  succeeded('stock', await stock.countStock({ body: { levels } }));
  await put(catalog, products);
  return { productCount: products.length, variantCount: variantIds.size };
}

export async function readDemoProducts(): Promise<ProductInput[]> {
  const text = await readFile(new URL('./products.jsonl', import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ProductInput);
}

async function isEmptyOrHalfLoaded(catalog: DemoPeers['catalog'], demo: readonly ProductInput[]): Promise<boolean> {
  const { body } = succeeded('catalog', await catalog.exportProducts({ query: { limit: demo.length + 1 } }));
  const demoSlugs = new Set(demo.map(({ slug }) => slug));
  return body.items.every(({ product }) => product.state === 'draft' && demoSlugs.has(product.slug));
}

/** Puts products; returns the variants' ids by SKU. */
async function put(catalog: DemoPeers['catalog'], products: ProductInput[]): Promise<Map<string, string>> {
  const { body } = succeeded('catalog', await catalog.putProducts({ body: { products } }));
  return new Map(body.results.flatMap(({ variants }) => variants.map(({ sku, variantId }) => [sku, variantId])));
}
