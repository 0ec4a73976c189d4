import type { NewEvent } from '../../platform/events/event.ts';
import type { ProductWrite } from './put-plan.ts';

/** `product.changed`: a product was made, or anything of it is other than before. */
export interface ProductChanged {
  readonly version: 1;
  readonly productId: string;
  readonly slug: string;
  /** Counts the product's changes from 1, its creation. */
  readonly productVersion: number;
  readonly state: 'draft' | 'published' | 'archived';
  readonly variantIds: readonly string[];
  /** Variants that it listed before and no longer does. Their ids stay theirs: another product may list their SKU. */
  readonly retiredVariantIds: readonly string[];
  /** Paths of the collections that it is in by name; it is in those above them as well. */
  readonly collections: readonly string[];
  /** Paths of those that it was in by name before and no longer is: their lists change as well. */
  readonly leftCollections: readonly string[];
}

/** `collection.changed`: a collection was made, or its title, description, picture or a translation is another. */
export interface CollectionChanged {
  readonly version: 1;
  readonly collectionId: string;
  readonly path: string;
  readonly title: string;
}

export function productChanged(write: ProductWrite): NewEvent {
  const { productId, version, product, variants, retiredVariantIds, leftCollections } = write;
  const payload: ProductChanged = {
    version: 1,
    productId,
    slug: product.slug,
    productVersion: version,
    state: product.state,
    variantIds: variants.map(({ variantId }) => variantId),
    retiredVariantIds,
    collections: product.collections,
    leftCollections,
  };
  return { topic: 'product.changed', key: productId, payload: { ...payload } };
}

export function collectionChanged(collection: Omit<CollectionChanged, 'version'>): NewEvent {
  const { collectionId, path, title } = collection;
  const payload: CollectionChanged = { version: 1, collectionId, path, title };
  return { topic: 'collection.changed', key: collectionId, payload: { ...payload } };
}
