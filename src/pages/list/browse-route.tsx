import { refuse } from '../../platform/api/refusal.ts';
import { minorUnitDigits } from '../../platform/money/currency.ts';
import type { PagesHost } from '../host.ts';
import { translated } from '../locale.ts';
import { loadCollections } from '../navigation.ts';
import { renderDocument } from '../shell/document.tsx';
import type { PageReply, PageRequest, PageRoute } from '../site/page-request.ts';
import { tags } from '../static/tags.ts';
import { type Filter, filterQuery, parseFilter } from './filter.ts';
import { ListView } from './list-view.tsx';
import { loadList } from './load-list.ts';
import { listText } from './messages.ts';

/** Views of a list: narrowed down, in another order, its further pages. Made when asked for, and kept for a moment. */
export function createBrowseRoutes(host: PagesHost): PageRoute[] {
  const kept = host.ctx.cache.namespace<string>('pages-browse', { ttlMs: 5_000, staleMs: 30_000, entriesMax: 500 });

  async function handle(request: PageRequest): Promise<PageReply> {
    const path = request.params['*'];
    const isNarrowable = host.features.isOn('browse-filters');
    const asked = parseFilter(request.query, host.ctx.shop.currency);
    // Further pages are turned as ever; the plain list is what is left of any other view.
    const filter: Filter = isNarrowable ? asked : { sort: 'newest', page: asked.page };
    const key = JSON.stringify([request.locale, path, filter, isNarrowable]);
    const html = await kept.getOrLoad(key, async () => {
      const collections = await loadCollections(host.peers.catalog);
      const list = await loadList(host.reads, collections, path, filter, { withFacets: isNarrowable });
      // Behind the last page there is none.
      if (list === undefined || (list.products.length === 0 && filter.page > 1)) return undefined;
      const shell = host.shellWith(request.locale, collections);
      const title =
        list.collection === undefined
          ? listText(request.locale).everything
          : (translated(list.collection, 'title', request.locale) ?? '');
      // One address for search engines: the collection's own. Its views are the same things in another order.
      const isPrivate = path !== undefined || filter.page > 1 || filter.sort !== 'newest';
      return renderDocument(
        shell,
        {
          title,
          path: path === undefined ? '/browse' : `/browse/${path}`,
          query: filterQuery(filter, minorUnitDigits(host.ctx.shop.currency) ?? 2),
          ...(isPrivate && { isPrivate: true }),
        },
        <ListView shell={shell} list={list} />,
      );
    });
    if (html === undefined) throw refuse('not-found');
    return {
      kind: 'page',
      status: 200,
      html,
      cacheControl: 'public, max-age=5, stale-while-revalidate=30',
      tags: [path === undefined ? tags.products : tags.list(path), tags.navigation],
    };
  }

  return [
    { method: 'GET', path: '/browse', importance: 'deferrable', costUnits: 5, handle },
    { method: 'GET', path: '/browse/*', importance: 'deferrable', costUnits: 5, handle },
  ];
}
