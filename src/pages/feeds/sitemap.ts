import type { PagesHost } from '../host.ts';
import { languageTags, locales, localPath } from '../locale.ts';
import { definePageKind, type PageKind } from '../static/page-kind.ts';
import { xml } from './xml.ts';

/** https://www.sitemaps.org/protocol.html: at most 50,000 addresses a file; each page is one in each language. */
const productsPerPart = 20_000;
const slugsAtOnce = 5_000;
/** Search engines come by the hour. Rebuilt by time: an import would touch it thousands of times. */
const rebuildEveryMs = 10 * 60_000;

const header = '<?xml version="1.0" encoding="UTF-8"?>\n';
const schema = 'http://www.sitemaps.org/schemas/sitemap/0.9';

interface Entry {
  readonly path: string;
  readonly updatedAtMs?: number;
}

/** `/sitemap.xml`: where the parts are. */
export function createSitemapIndex(host: PagesHost): PageKind {
  return definePageKind<{ readonly partCount: number; readonly nowMs: number }>({
    name: 'sitemap-index',
    path: '/sitemap.xml',
    contentType: 'application/xml; charset=utf-8',
    isUnlocalised: true,
    maxAgeS: 300,
    staleWhileRevalidateS: 3600,
    async load(wanted) {
      const nowMs = host.ctx.clock.nowMs();
      const { productCount } = await host.reads.facets(undefined);
      const partCount = Math.max(1, Math.ceil(productCount / productsPerPart));
      const loaded = { data: { partCount, nowMs }, tags: [], rebuildAtMs: nowMs + rebuildEveryMs };
      return wanted.map(() => loaded);
    },
    render({ partCount }) {
      const url = host.ctx.publicUrl();
      const parts = Array.from({ length: partCount }, (_, index) => `${url}/sitemaps/${index + 1}.xml`);
      const lines = parts.map((each) => `<sitemap><loc>${xml(each)}</loc></sitemap>`);
      return `${header}<sitemapindex xmlns="${schema}">\n${lines.join('\n')}\n</sitemapindex>\n`;
    },
    async *all() {
      yield [{}];
    },
  });
}

/** `/sitemaps/1.xml` and on: the addresses of the pages in every language. */
export function createSitemapPart(host: PagesHost): PageKind {
  const { reads } = host;

  async function entriesOf(part: number): Promise<Entry[]> {
    const entries: Entry[] = [];
    if (part === 1) {
      const collections = (await reads.collections()).filter(({ productCount }) => productCount > 0);
      entries.push({ path: '/' }, { path: '/browse' }, { path: '/sales' });
      entries.push(...collections.map(({ path }) => ({ path: `/collections/${path}` })));
    }
    let afterSlug: string | undefined;
    for (let index = 0; index < part * productsPerPart; index += slugsAtOnce) {
      const slugs = await reads.slugs(afterSlug, slugsAtOnce);
      if (index >= (part - 1) * productsPerPart) {
        for (const { slug, updatedAtMs } of slugs) entries.push({ path: `/products/${slug}`, updatedAtMs });
      }
      if (slugs.length < slugsAtOnce) break;
      afterSlug = slugs.at(-1)?.slug;
    }
    return entries;
  }

  return definePageKind<readonly Entry[]>({
    name: 'sitemap',
    path: '/sitemaps/:part',
    contentType: 'application/xml; charset=utf-8',
    isUnlocalised: true,
    maxAgeS: 300,
    staleWhileRevalidateS: 3600,
    async load(wanted) {
      return Promise.all(
        wanted.map(async ({ part = '' }) => {
          const number = Number(/^([1-9]\d{0,3})\.xml$/.exec(part)?.[1] ?? 0);
          const entries = number === 0 ? [] : await entriesOf(number);
          if (entries.length === 0) return undefined;
          return { data: entries, tags: [], rebuildAtMs: host.ctx.clock.nowMs() + rebuildEveryMs };
        }),
      );
    },
    render(entries) {
      const url = host.ctx.publicUrl();
      const lines = entries.flatMap((entry) =>
        locales.map((locale) => urlEntry(url, entry, localPath(locale, entry.path))),
      );
      return `${header}<urlset xmlns="${schema}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n${lines.join('\n')}\n</urlset>\n`;
    },
    async *all() {
      const { productCount } = await reads.facets(undefined);
      const partCount = Math.max(1, Math.ceil(productCount / productsPerPart));
      yield Array.from({ length: partCount }, (_, index) => ({ part: `${index + 1}.xml` }));
    },
  });
}

function urlEntry(url: string, { path, updatedAtMs }: Entry, local: string): string {
  const languages = locales.map(
    (locale) =>
      `<xhtml:link rel="alternate" hreflang="${languageTags[locale]}" href="${xml(url + localPath(locale, path))}"/>`,
  );
  const changed = updatedAtMs === undefined ? '' : `<lastmod>${new Date(updatedAtMs).toISOString()}</lastmod>`;
  return `<url><loc>${xml(url + local)}</loc>${changed}${languages.join('')}</url>`;
}
