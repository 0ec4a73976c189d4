import type { PublishedEvent } from '../../platform/events/event.ts';

/** Names of what pages show. A page carries those that it was made from; an event touches those that it changed. */
export const tags = {
  product: (slug: string) => `product:${slug}`,
  variant: (variantId: string) => `variant:${variantId}`,
  /** The list of a collection's products: carried for each collection that a page lists. */
  list: (collectionPath: string) => `list:${collectionPath}`,
  collection: (path: string) => `collection:${path}`,
  sale: (saleId: string) => `sale:${saleId}`,
  /** The names in the header and footer of every page. */
  navigation: 'navigation',
  /** Any list that every product may enter: home, feeds, sitemap. */
  products: 'products',
  sales: 'sales',
  collections: 'collections',
  /** The waiting rooms, as every page of a sale tells of them. */
  rooms: 'rooms',
} as const;

/** Topics that change pages. */
export const pageTopics = [
  'product.changed',
  'collection.changed',
  'sale.changed',
  'stock.moved',
  'waiting-room.changed',
] as const;

export function tagsTouchedBy({ topic, payload }: Pick<PublishedEvent, 'topic' | 'payload'>): string[] {
  const texts = (field: string) => (payload[field] ?? []) as readonly string[];
  const text = (field: string) => String(payload[field]);
  switch (topic) {
    case 'product.changed':
      return [
        tags.product(text('slug')),
        tags.products,
        ...texts('variantIds').map(tags.variant),
        ...texts('retiredVariantIds').map(tags.variant),
        ...withParents([...texts('collections'), ...texts('leftCollections')]).map(tags.list),
      ];
    case 'collection.changed': {
      const path = text('path');
      const isInNavigation = !path.includes('/');
      return [
        tags.collection(path),
        tags.collections,
        ...withParents([path]).map(tags.list),
        ...(isInNavigation ? [tags.navigation] : []),
      ];
    }
    case 'sale.changed':
      return [tags.sale(text('saleId')), tags.sales, ...texts('variantIds').map(tags.variant)];
    case 'waiting-room.changed':
      return [tags.rooms];
    case 'stock.moved':
      return [tags.variant(text('variantId'))];
    default:
      return [];
  }
}

/** Collections and those above them: a product in `desk/paper` is listed in `desk` as well. */
function withParents(paths: readonly string[]): string[] {
  const all = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/');
    for (let length = 1; length <= parts.length; length++) all.add(parts.slice(0, length).join('/'));
  }
  return [...all];
}
