import type { Collection, Product } from '../../services/catalog/api.ts';
import { frontPath } from '../home/front.ts';
import type { PagesHost } from '../host.ts';
import { localPath, translated } from '../locale.ts';
import { trailTo } from '../navigation.ts';
import { nextChangeMs } from '../sale-book.ts';
import { renderDocument } from '../shell/document.tsx';
import { definePageKind, type PageKind } from '../static/page-kind.ts';
import { stockTag } from '../static/stock-tags.ts';
import { tags } from '../static/tags.ts';
import type { ProductPageData } from './product-data.ts';
import { ProductView } from './product-view.tsx';
import { breadcrumbData, productData } from './structured-data.ts';
import { variantViews } from './variant-view.ts';

const relatedCount = 4;
const slugsAtOnce = 500;

/** A product with its variants, prices and what goes with it. */
export function createProductPage(host: PagesHost): PageKind {
  const { reads } = host;
  const { currency } = host.ctx.shop;

  async function load(wanted: readonly { slug?: string }[]) {
    const slugs = wanted.map(({ slug = '' }) => slug).filter((slug) => slug !== '');
    const [products, related, collections, sales] = await Promise.all([
      reads.products(slugs),
      reads.related(slugs, relatedCount),
      reads.collections(),
      reads.sales(),
    ]);
    const stock = await reads.stock([...products.values()].flatMap(({ variants }) => variants.map(variantIdOf)));
    const byPath = new Map(collections.map((collection) => [collection.path, collection]));
    return wanted.map(({ slug = '' }) => {
      const product = products.get(slug);
      if (product === undefined) return undefined;
      const data: ProductPageData = {
        product,
        variants: variantViews(product, currency, stock, sales),
        collections,
        trail: trailOf(product, byPath),
        related: related.get(slug) ?? [],
      };
      const rebuildAtMs = nextChangeMs(sales, product.variants.map(variantIdOf));
      return { data, tags: tagsOf(data), ...(rebuildAtMs !== undefined && { rebuildAtMs }) };
    });
  }

  return definePageKind<ProductPageData>({
    name: 'product',
    path: '/products/:slug',
    maxAgeS: 5,
    staleWhileRevalidateS: 60,
    load,
    render(data, locale) {
      const shell = host.shellWith(locale, data.collections);
      const { product } = data;
      const path = `/products/${product.slug}`;
      const title = translated(product, 'title', locale) ?? product.title;
      const description = translated(product, 'description', locale) ?? '';
      const url = `${shell.publicUrl}${localPath(locale, path)}`;
      const image = product.media[0]?.url;
      return renderDocument(
        shell,
        {
          title,
          description: excerpt(description),
          path,
          ...(image !== undefined && { image }),
          structuredData: [
            productData({ ...data, title, description, url, currency, publicUrl: shell.publicUrl }),
            breadcrumbData(data.trail, locale, shell.publicUrl),
          ],
        },
        <ProductView shell={shell} data={data} title={title} description={description} />,
      );
    },
    async *all() {
      let afterSlug: string | undefined;
      for (;;) {
        const slugs = await reads.slugs(afterSlug, slugsAtOnce);
        if (slugs.length === 0) return;
        yield slugs.map(({ slug }) => ({ slug }));
        afterSlug = slugs.at(-1)?.slug;
      }
    },
  });
}

const variantIdOf = ({ variantId }: { variantId: string }) => variantId;

function tagsOf({ product, variants, related, trail }: ProductPageData): string[] {
  return [
    tags.navigation,
    tags.product(product.slug),
    ...product.variants.map(({ variantId }) => tags.variant(variantId)),
    ...variants.map(({ variantId, available }) => stockTag(variantId, available)),
    ...trail.map(({ path }) => tags.collection(path)),
    ...related.map(({ slug }) => tags.product(slug)),
  ];
}

/** The deepest collection that the product is in, with those above it. */
function trailOf(product: Product, byPath: ReadonlyMap<string, Collection>): Collection[] {
  const places = product.collections.filter((path) => path !== frontPath);
  const [deepest] = places.toSorted((a, b) => b.split('/').length - a.split('/').length);
  return trailTo(deepest, byPath);
}

/** What search engines show of a page: whole words, about two lines. */
export function excerpt(text: string, lengthMax = 158): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= lengthMax) return line;
  const cut = line.slice(0, lengthMax);
  const lastBreak = Math.max(cut.lastIndexOf(' '), cut.lastIndexOf('，'), cut.lastIndexOf('。'));
  return `${cut.slice(0, lastBreak > lengthMax / 2 ? lastBreak : lengthMax).replace(/[\s,;:，、]+$/, '')}…`;
}
