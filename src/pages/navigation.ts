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

/**
 * The top collections; `front` is what the front page shows, and no place of its own. Whether something is in them is not
 * asked: the first product of a collection would else change every page there is.
 */
export function navigationOf(collections: readonly Collection[], locale: Locale): NavigationItem[] {
  return collections
    .filter(({ path, parentPath }) => parentPath === undefined && path !== frontPath)
    .map((collection) => ({
      path: collection.path,
      title: translated(collection, 'title', locale) ?? collection.path,
    }));
}

/** The collection at this path with those above it, from the top down; empty where there is none. */
export function trailTo(path: string | undefined, byPath: ReadonlyMap<string, Collection>): Collection[] {
  const trail: Collection[] = [];
  for (let at = path === undefined ? undefined : byPath.get(path); at !== undefined; ) {
    trail.unshift(at);
    at = at.parentPath === undefined ? undefined : byPath.get(at.parentPath);
  }
  return trail;
}
