import type { Assets } from '../assets/assets.ts';
import { createFormat, type Format } from '../format.ts';
import type { Locale } from '../locale.ts';

/** What all pages of one language stand in. */
export interface Shell {
  readonly locale: Locale;
  readonly format: Format;
  readonly assets: Assets;
  readonly shopName: string;
  /** ISO 4217; what prices are shown in. */
  readonly currency: string;
  /** Where the shop is for the world, without a slash at the end. */
  readonly publicUrl: string;
  /** The top collections, for header and footer. */
  readonly navigation: readonly NavigationItem[];
}

export interface NavigationItem {
  /** Of the collection. */
  readonly path: string;
  readonly title: string;
}

export type ShellParts = Omit<Shell, 'locale' | 'format' | 'navigation' | 'publicUrl'> & { publicUrl(): string };

/** Formatters and names are made once for each language. */
export function createShells(parts: ShellParts): (locale: Locale, navigation: readonly NavigationItem[]) => Shell {
  const formats = new Map<Locale, Format>();
  return (locale, navigation) => {
    let format = formats.get(locale);
    if (format === undefined) {
      format = createFormat(locale);
      formats.set(locale, format);
    }
    return { ...parts, publicUrl: parts.publicUrl(), locale, format, navigation };
  };
}
