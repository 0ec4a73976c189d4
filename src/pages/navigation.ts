import type { Client } from '../platform/api/contract.ts';
import { succeeded } from '../platform/api/peer.ts';
import type { Collection, catalogApi } from '../services/catalog/api.ts';
import { frontPath } from './home/front.ts';
import { type Locale, translated } from './locale.ts';
import type { NavigationItem } from './shell/shell.ts';

/** The collection tree as pages need it. */
export async function loadCollections(catalog: Client<typeof catalogApi>): Promise<readonly Collection[]> {
  return succeeded('catalog', await catalog.listCollections({})).body.items;
}

/** Top collections that have something in them; `front` is what the front page shows, and no place of its own. */
export function navigationOf(collections: readonly Collection[], locale: Locale): NavigationItem[] {
  return collections
    .filter(({ path, parentPath, productCount }) => parentPath === undefined && productCount > 0 && path !== frontPath)
    .map((collection) => ({
      path: collection.path,
      title: translated(collection, 'title', locale) ?? collection.path,
    }));
}
