import type { PagesHost } from '../host.ts';
import { translated } from '../locale.ts';
import { loadSales } from '../sale/sale-data.ts';
import { nextChangeMs } from '../sale-book.ts';
import { renderDocument } from '../shell/document.tsx';
import { definePageKind, type PageKind } from '../static/page-kind.ts';
import { tags } from '../static/tags.ts';
import { frontPath } from './front.ts';
import { type HomeData, HomeView } from './home-view.tsx';
import { homeText } from './messages.ts';

const newestCount = 8;
const featuredCount = 8;

/** The front page. */
export function createHomePage(host: PagesHost): PageKind {
  const { reads } = host;

  async function loadHome() {
    const [collections, book, { items: newest }, { items: featured }] = await Promise.all([
      reads.collections(),
      reads.sales(),
      reads.cards({ limit: newestCount }),
      reads.cards({ collection: frontPath, limit: featuredCount }),
    ]);
    const current = book.sales
      .filter(({ endsAtMs }) => endsAtMs > book.nowMs)
      .toSorted((a, b) => a.startsAtMs - b.startsAtMs)
      .slice(0, 1);
    const [sale] = await loadSales(reads, book, current, host.ctx.shop.currency);
    const front = collections.find(({ path }) => path === frontPath);
    const data: HomeData = { collections, front, featured, newest, sale, nowMs: book.nowMs };
    const variantIds = current.flatMap(({ items }) => items.map(({ variantId }) => variantId));
    const rebuildAtMs = nextChangeMs(book, variantIds);
    return {
      data,
      tags: [tags.navigation, tags.products, tags.collections, tags.sales, ...variantIds.map(tags.variant)],
      ...(rebuildAtMs !== undefined && { rebuildAtMs }),
    };
  }

  return definePageKind<HomeData>({
    name: 'home',
    path: '/',
    maxAgeS: 5,
    staleWhileRevalidateS: 60,
    async load(wanted) {
      const loaded = await loadHome();
      return wanted.map(() => loaded);
    },
    render(data, locale) {
      const shell = host.shellWith(locale, data.collections);
      const { front } = data;
      const description =
        (front && translated(front, 'description', locale)) ?? homeText(locale).description(shell.shopName);
      return renderDocument(
        shell,
        {
          title: shell.shopName,
          description,
          path: '/',
          ...(front?.media && { image: front.media.url }),
          structuredData: [
            {
              '@context': 'https://schema.org',
              '@type': 'WebSite',
              name: shell.shopName,
              url: shell.publicUrl,
              potentialAction: {
                '@type': 'SearchAction',
                target: `${shell.publicUrl}/search?q={search_term_string}`,
                'query-input': 'required name=search_term_string',
              },
            },
          ],
        },
        <HomeView shell={shell} data={data} />,
      );
    },
    async *all() {
      yield [{}];
    },
  });
}
