import type { PagesHost } from '../host.ts';
import { languageTags, locales, localPath } from '../locale.ts';
import { definePageKind, type PageKind } from '../static/page-kind.ts';
import { xml } from './xml.ts';

/**
 * https://www.sitemaps.org/protocol.html allows 50,000 addresses a file; each page is one in each language. Far fewer, because
 * a part is one text that is rendered without a pause: 2,000 products are about 1.5 MB.
 */
export const productsPerPart = 2_000;
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
      const partCount = await countParts(host);
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

  /** Of all the wanted parts in one go through the slugs: parts come due together, and where one begins is not known. */
  async function entriesOf(wanted: ReadonlySet<number>): Promise<Map<number, Entry[]>> {
    const entries = new Map<number, Entry[]>();
    let afterSlug: string | undefined;
    for (let part = 1; part <= Math.max(...wanted); part++) {
      const slugs = await reads.slugs(afterSlug, productsPerPart);
      if (wanted.has(part)) {
        const products = slugs.map(({ slug, updatedAtMs }) => ({ path: `/products/${slug}`, updatedAtMs }));
        entries.set(part, part === 1 ? [...(await listEntries()), ...products] : products);
      }
      if (slugs.length < productsPerPart) break;
      afterSlug = slugs.at(-1)?.slug;
    }
    return entries;
  }

  async function listEntries(): Promise<Entry[]> {
    const collections = (await reads.collections()).filter(({ productCount }) => productCount > 0);
    const lists = ['/', '/browse', '/sales', ...collections.map(({ path }) => `/collections/${path}`)];
    return lists.map((path) => ({ path }));
  }

  return definePageKind<readonly Entry[]>({
    name: 'sitemap',
    path: '/sitemaps/:part',
    contentType: 'application/xml; charset=utf-8',
    isUnlocalised: true,
    maxAgeS: 300,
    staleWhileRevalidateS: 3600,
    async load(wanted) {
      // Whoever makes up a number must not have every slug read for it.
      const partCount = await countParts(host);
      const numbers = wanted.map(({ part = '' }) => Number(/^([1-9]\d{0,3})\.xml$/.exec(part)?.[1] ?? 0));
      const parts = await entriesOf(new Set(numbers.filter((number) => number > 0 && number <= partCount)));
      const rebuildAtMs = host.ctx.clock.nowMs() + rebuildEveryMs;
      return numbers.map((number) => {
        const entries = parts.get(number) ?? [];
        return entries.length === 0 ? undefined : { data: entries, tags: [], rebuildAtMs };
      });
    },
    render(entries) {
      const url = host.ctx.publicUrl();
      const lines = entries.flatMap((entry) =>
        locales.map((locale) => urlEntry(url, entry, localPath(locale, entry.path))),
      );
      return `${header}<urlset xmlns="${schema}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n${lines.join('\n')}\n</urlset>\n`;
    },
    async *all() {
      const partCount = await countParts(host);
      yield Array.from({ length: partCount }, (_, index) => ({ part: `${index + 1}.xml` }));
    },
  });
}

async function countParts({ reads }: PagesHost): Promise<number> {
  const { productCount } = await reads.facets(undefined);
  return Math.max(1, Math.ceil(productCount / productsPerPart));
}

function urlEntry(url: string, { path, updatedAtMs }: Entry, local: string): string {
  const languages = locales.map(
    (locale) =>
      `<xhtml:link rel="alternate" hreflang="${languageTags[locale]}" href="${xml(url + localPath(locale, path))}"/>`,
  );
  const changed = updatedAtMs === undefined ? '' : `<lastmod>${new Date(updatedAtMs).toISOString()}</lastmod>`;
  return `<url><loc>${xml(url + local)}</loc>${changed}${languages.join('')}</url>`;
}
