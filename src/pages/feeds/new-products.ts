import type { Product, ProductSummary } from '../../services/catalog/api.ts';
import type { PagesHost } from '../host.ts';
import { languageTags, localPath, translated } from '../locale.ts';
import { shellText } from '../shell/messages.ts';
import { definePageKind, type PageKind } from '../static/page-kind.ts';
import { tags } from '../static/tags.ts';
import { xml } from './xml.ts';

const itemCount = 30;

interface Item {
  readonly card: ProductSummary;
  readonly product: Product;
}

/** RSS 2.0 (https://www.rssboard.org/rss-specification) of what came into the shop last. */
export function createNewProductsFeed(host: PagesHost): PageKind {
  return definePageKind<readonly Item[]>({
    name: 'new-products',
    path: '/new.rss',
    contentType: 'application/rss+xml; charset=utf-8',
    maxAgeS: 300,
    staleWhileRevalidateS: 3600,
    async load(wanted) {
      const { items } = await host.reads.cards({ limit: itemCount });
      const products = await host.reads.products(items.map(({ slug }) => slug));
      const data = items.flatMap((card) => {
        const product = products.get(card.slug);
        return product === undefined ? [] : [{ card, product }];
      });
      const loaded = { data, tags: [tags.products] };
      return wanted.map(() => loaded);
    },
    render(items, locale) {
      const { publicUrl, shopName } = host.shellWith(locale, []);
      const self = `${publicUrl}${localPath(locale, '/new.rss')}`;
      const entries = items.map(({ card, product }) => {
        const link = `${publicUrl}${localPath(locale, `/products/${product.slug}`)}`;
        return `<item><title>${xml(translated(product, 'title', locale) ?? '')}</title><link>${xml(link)}</link><guid>${xml(link)}</guid><pubDate>${new Date(card.createdAtMs).toUTCString()}</pubDate><description>${xml(translated(product, 'description', locale) ?? '')}</description></item>`;
      });
      return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>${xml(`${shopName}: ${shellText(locale).newProducts}`)}</title>
<link>${xml(publicUrl + localPath(locale, '/'))}</link>
<description>${xml(shellText(locale).proof)}</description>
<language>${languageTags[locale]}</language>
<atom:link href="${xml(self)}" rel="self" type="application/rss+xml"/>
${entries.join('\n')}
</channel></rss>
`;
    },
    async *all() {
      yield [{}];
    },
  });
}
