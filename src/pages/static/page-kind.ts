import type { Locale } from '../locale.ts';

/**
 * A kind of page that is rendered once and kept until something that it shows changes. What it shows is named by tags;
 * an event names the tags that it touches (`tagsTouchedBy`), and the pages that carry one of them are built anew.
 */
export interface PageKind<Data = unknown> {
  readonly name: string;
  /** Its paths without the locale, in Fastify's notation: `/products/:slug`. A query (`?utm_source=…`) makes no other page. */
  readonly path: string;
  /** `text/html` unless it says otherwise. */
  readonly contentType?: string;
  /** Of one language only (sitemap, robots). */
  readonly isUnlocalised?: true;
  /** How long browsers and shared caches may show it without asking, and show it while they ask. */
  readonly maxAgeS: number;
  readonly staleWhileRevalidateS: number;
  /**
   * What some pages of this kind show, one answer for each of the wanted; undefined where there is no such page. Reads what
   * is committed now, never a cache: what is loaded after an event must have what the event announced.
   */
  load(wanted: readonly PageParams[]): Promise<readonly (Loaded<Data> | undefined)[]>;
  /** Pure: the same data give the same bytes. */
  render(data: Data, locale: Locale): string;
  /** All pages of this kind that there are, some at a time. */
  all(): AsyncIterable<readonly PageParams[]>;
}

export type PageParams = Readonly<Record<string, string>>;

export interface Loaded<Data> {
  readonly data: Data;
  readonly tags: readonly string[];
  /** When it changes although nothing happens: a sale that it shows begins or ends. Unix milliseconds. */
  readonly rebuildAtMs?: number;
}

/** Keeps the type of the data between `load` and `render`. */
export function definePageKind<Data>(kind: PageKind<Data>): PageKind {
  return kind as PageKind;
}

/** The path of one page, without the locale. */
export function pathOf(kind: Pick<PageKind, 'path'>, params: PageParams): string {
  return kind.path
    .replace('*', () => (params['*'] ?? '').split('/').map(encodeURIComponent).join('/'))
    .replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}
