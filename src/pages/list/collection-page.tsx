import type { Collection } from '../../services/catalog/api.ts';
import type { PagesHost } from '../host.ts';
import { translated } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import { definePageKind, type PageKind } from '../static/page-kind.ts';
import { tags } from '../static/tags.ts';
import { type ListData, ListView } from './list-view.tsx';
import { loadList } from './load-list.ts';

interface CollectionPageData {
  readonly list: ListData;
  readonly collections: readonly Collection[];
}

/** A collection as it is without conditions: its first page, the newest first. */
export function createCollectionPage(host: PagesHost): PageKind {
  const { reads } = host;
  return definePageKind<CollectionPageData>({
    name: 'collection',
    path: '/collections/*',
    maxAgeS: 5,
    staleWhileRevalidateS: 60,
    async load(wanted) {
      const collections = await reads.collections();
      return Promise.all(
        wanted.map(async ({ '*': path = '' }) => {
          const list = await loadList(reads, collections, path, { sort: 'newest', page: 1 });
          return list && { data: { list, collections }, tags: tagsOf(list) };
        }),
      );
    },
    render({ list, collections }, locale) {
      const shell = host.shellWith(locale, collections);
      const { collection } = list;
      const title = (collection && translated(collection, 'title', locale)) ?? '';
      const description = collection && translated(collection, 'description', locale);
      const image = collection?.media?.url ?? list.products[0]?.media?.url;
      return renderDocument(
        shell,
        {
          title,
          path: `/collections/${collection?.path ?? ''}`,
          ...(description !== undefined && { description }),
          ...(image !== undefined && { image }),
        },
        <ListView shell={shell} list={list} />,
      );
    },
    async *all() {
      const collections = await reads.collections();
      yield collections.map(({ path }) => ({ '*': path }));
    },
  });
}

function tagsOf({ collection, trail, children, products }: ListData): string[] {
  return [
    tags.navigation,
    tags.list(collection?.path ?? ''),
    ...[...(collection ? [collection] : []), ...trail, ...children].map(({ path }) => tags.collection(path)),
    ...products.map(({ slug }) => tags.product(slug)),
  ];
}
