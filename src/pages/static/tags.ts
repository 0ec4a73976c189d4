import { hash } from 'node:crypto';
import type { NewEvent, PublishedEvent } from '../../platform/events/event.ts';
import { switchTopic } from '../../platform/switches/switches.ts';
import { searchesTag } from '../../services/catalog/api.ts';

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
  /** What was found for words, page or answer: out of date as soon as the search is switched. */
  searches: searchesTag,
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

/** `page.rebuilt`: what is stored of these pages is another now, or they are gone; by the tags that their answers carry. */
export const pageRebuiltTopic = 'page.rebuilt';

/** Topics after which something that a cache keeps, a page or an answer of the API, is out of date. */
export const cacheTopics: readonly string[] = [...pageTopics, pageRebuiltTopic, switchTopic];

/**
 * What a page is purged by: its own name, for the shop itself knows which pages a change touches and tells when they are
 * built. The tags of all that it shows could be more than a header holds.
 */
export function pageTags(path: string): string[] {
  return [`page:${hash('sha256', path, 'hex').slice(0, 16)}`, 'pages'];
}

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
    case switchTopic:
      return payload.name === 'search' ? [tags.searches] : [];
    case pageRebuiltTopic:
      return [...texts('tags')];
    default:
      return [];
  }
}

export function pageRebuilt(paths: readonly string[]): NewEvent {
  const own = paths.flatMap((path) => pageTags(path).slice(0, 1));
  return { topic: pageRebuiltTopic, key: 'pages', payload: { version: 1, tags: own } };
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
