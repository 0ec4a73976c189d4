import type { PagesHost } from '../host.ts';
import { loadCollections } from '../navigation.ts';
import { renderDocument } from '../shell/document.tsx';
import { definePageKind, type PageKind } from '../static/page-kind.ts';
import { tags } from '../static/tags.ts';

/** The front page. */
export function createHomePage(host: PagesHost): PageKind {
  return definePageKind({
    name: 'home',
    path: '/',
    maxAgeS: 5,
    staleWhileRevalidateS: 60,
    async load(wanted) {
      const collections = await loadCollections(host.peers.catalog);
      const loaded = { data: { collections }, tags: [tags.navigation, tags.products, tags.sales] };
      return wanted.map(() => loaded);
    },
    render({ collections }, locale) {
      const shell = host.shellWith(locale, collections);
      return renderDocument(shell, { title: shell.shopName, path: '/' }, <h1>{shell.shopName}</h1>);
    },
    async *all() {
      yield [{}];
    },
  });
}
