import { readdir, readFile } from 'node:fs/promises';
import type { Client } from '../../../platform/api/contract.ts';
import { succeeded } from '../../../platform/api/peer.ts';
import type { promotionApi } from '../../promotion/api.ts';
import type { stockApi } from '../../stock/api.ts';
import type { CollectionInput, catalogApi, Media, ProductInput } from '../api.ts';
import { demoCollections } from './collections.ts';
import { illustrate, illustrateCollection } from './illustrations/illustrate.ts';
import { nightTernSale } from './sale.ts';

export interface DemoPeers {
  readonly catalog: Client<typeof catalogApi>;
  readonly stock: Client<typeof stockApi>;
  /** Without it there is no sale. */
  readonly promotion?: Pick<Client<typeof promotionApi>, 'createSale'>;
  /** Without it products and collections have no pictures. */
  readonly publishPicture?: PublishPicture;
  /** When the sale opens is reckoned from it. */
  readonly clock: { nowMs(): number };
}

/** Takes an SVG; the same one again must give the same picture. `alt` says what it shows, in English. */
export type PublishPicture = (name: string, svg: string, alt: string) => Promise<Media>;

export interface LoadedDemo {
  readonly productCount: number;
  readonly variantCount: number;
}

/**
 * Fills an empty shop, and leaves any other alone (undefined). Products are published last, once they have their pictures,
 * their stock and their sale: a process that dies half-way leaves drafts, by which the next one knows that it has to begin
 * again. All that it does before can be done twice.
 */
export async function loadDemoCatalogue(peers: DemoPeers): Promise<LoadedDemo | undefined> {
  const { catalog, stock, promotion, publishPicture, clock } = peers;
  const written = await readDemoProducts();
  if (!(await isEmptyOrHalfLoaded(catalog, written))) return undefined;

  const products = publishPicture ? await withPictures(written, publishPicture) : written;
  const collections = publishPicture ? await withCovers(demoCollections, publishPicture) : [...demoCollections];
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
  if (promotion) {
    const body = nightTernSale(variantIds, clock.nowMs());
    succeeded('promotion', await promotion.createSale({ body }));
  }
  await put(catalog, products);
  return { productCount: products.length, variantCount: variantIds.size };
}

/** The products as they were written, collection after collection: one file for each, `desk/paper` in `desk-paper.jsonl`. */
export async function readDemoProducts(): Promise<ProductInput[]> {
  const folder = new URL('./products/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jsonl')).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ProductInput);
}

async function isEmptyOrHalfLoaded(catalog: DemoPeers['catalog'], demo: readonly ProductInput[]): Promise<boolean> {
  const { body } = succeeded('catalog', await catalog.exportProducts({ query: { limit: demo.length + 1 } }));
  const demoSlugs = new Set(demo.map(({ slug }) => slug));
  return body.items.every(({ product }) => product.state === 'draft' && demoSlugs.has(product.slug));
}

async function withPictures(products: readonly ProductInput[], publish: PublishPicture): Promise<ProductInput[]> {
  const pictured: ProductInput[] = [];
  // One after the other: a start is no place to fill the picture service's queue.
  for (const product of products) {
    const { slug, title } = product;
    pictured.push({ ...product, media: [await publish(slug, illustrate(slug), `Illustration: ${title}`)] });
  }
  return pictured;
}

async function withCovers(collections: readonly CollectionInput[], publish: PublishPicture) {
  const covered: CollectionInput[] = [];
  for (const collection of collections) {
    const { path, title } = collection;
    const media = await publish(path.replace('/', '-'), illustrateCollection(path), `Illustration: ${title}`);
    covered.push({ ...collection, media });
  }
  return covered;
}

/** Puts products; returns the variants' ids by SKU. */
async function put(catalog: DemoPeers['catalog'], products: ProductInput[]): Promise<Map<string, string>> {
  const { body } = succeeded('catalog', await catalog.putProducts({ body: { products } }));
  return new Map(body.results.flatMap(({ variants }) => variants.map(({ sku, variantId }) => [sku, variantId])));
}
