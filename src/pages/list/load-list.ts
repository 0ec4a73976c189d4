import type { Collection } from '../../services/catalog/api.ts';
import { trailTo } from '../navigation.ts';
import type { Reads } from '../reads.ts';
import { type Filter, pageSize } from './filter.ts';
import type { ListData } from './list-view.tsx';

/** Undefined where there is no such collection. */
export async function loadList(
  reads: Reads,
  collections: readonly Collection[],
  path: string | undefined,
  filter: Filter,
  options: { readonly withFacets: boolean } = { withFacets: true },
): Promise<ListData | undefined> {
  const collection = collections.find((each) => each.path === path);
  if (path !== undefined && collection === undefined) return undefined;
  const { page, ...conditions } = filter;
  const [facets, { items, totalCount }] = await Promise.all([
    options.withFacets ? reads.facets(path) : undefined,
    reads.cards({
      ...conditions,
      ...(path !== undefined && { collection: path }),
      limit: pageSize,
      offset: (page - 1) * pageSize,
    }),
  ]);
  return {
    collection,
    trail: trailTo(collection?.parentPath, new Map(collections.map((each) => [each.path, each]))),
    children: collections.filter(
      ({ parentPath, productCount }) => parentPath === path && productCount > 0 && path !== undefined,
    ),
    facets,
    filter,
    products: items,
    totalCount,
  };
}
