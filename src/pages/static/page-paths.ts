import { type Locale, locales, localPath, splitPath } from '../locale.ts';
import { type PageKind, type PageParams, pathOf } from './page-kind.ts';

/** One page in one language. */
export interface PageRef {
  readonly kind: PageKind;
  readonly params: PageParams;
  readonly locale: Locale;
  /** With the locale, as browsers ask for it: the name under which the page is stored. */
  readonly path: string;
}

export interface PagePaths {
  /** The page at this path; undefined where no kind of page is. Whether there is such a page is known once it is loaded. */
  find(path: string): PageRef | undefined;
}

export function createPagePaths(kinds: readonly PageKind[]): PagePaths {
  const matchers = kinds.map((kind) => ({ kind, pattern: patternOf(kind.path) }));
  return {
    find(path) {
      const { locale, bare } = splitPath(path);
      for (const { kind, pattern } of matchers) {
        const params = paramsOf(pattern, bare);
        if (params !== undefined && localesOf(kind).includes(locale)) return pageRef(kind, params, locale);
      }
      return undefined;
    },
  };
}

export function localesOf(kind: PageKind): readonly Locale[] {
  return kind.isUnlocalised ? ['en'] : locales;
}

export function pageRef(kind: PageKind, params: PageParams, locale: Locale): PageRef {
  return { kind, params, locale, path: localPath(locale, pathOf(kind, params)) };
}

/** One page in all its languages. */
export function pageRefs(kind: PageKind, params: PageParams): PageRef[] {
  return localesOf(kind).map((locale) => pageRef(kind, params, locale));
}

function patternOf(path: string): RegExp {
  const source = path
    .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace('*', '(?<rest>.+)')
    .replaceAll(/:(\w+)/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`);
}

function paramsOf(pattern: RegExp, path: string): PageParams | undefined {
  const match = pattern.exec(path);
  if (match === null) return undefined;
  const entries = Object.entries(match.groups ?? {}).map(([name, text]) => [name === 'rest' ? '*' : name, text]);
  try {
    return Object.fromEntries(entries.map(([name, text]) => [name, decodeURIComponent(text as string)]));
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}
