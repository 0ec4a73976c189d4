/** The languages that the storefront speaks. A locale is the first part of the path; English, the first, has none. */
export const locales = ['en', 'zh'] as const;
export type Locale = (typeof locales)[number];

/** BCP 47, for `lang`, `hreflang`, `Intl` and the translations of products. */
export const languageTags: Readonly<Record<Locale, string>> = { en: 'en', zh: 'zh-Hans' };

/** For previews of links (Open Graph), which want a country. */
export const openGraphLocales: Readonly<Record<Locale, string>> = { en: 'en_US', zh: 'zh_CN' };

/** What each language calls itself. */
export const languageNames: Readonly<Record<Locale, string>> = { en: 'English', zh: '简体中文' };

/** A path of the storefront in this language: `/cart` is `/zh/cart` in Chinese. */
export function localPath(locale: Locale, path: string): string {
  if (locale === 'en') return path;
  return path === '/' ? `/${locale}` : `/${locale}${path}`;
}

/** The language of a path of the storefront, and the path without it: `/zh/cart?a=1` is `/cart?a=1` in Chinese. */
export function splitPath(path: string): { readonly locale: Locale; readonly bare: string } {
  const isIn = (locale: Locale) => path.startsWith(`/${locale}`) && /^(?:$|[/?#])/.test(path.slice(locale.length + 1));
  const locale = locales.find((each) => each !== 'en' && isIn(each));
  if (locale === undefined) return { locale: 'en', bare: path };
  const rest = path.slice(locale.length + 1);
  return { locale, bare: rest.startsWith('/') ? rest : `/${rest}` };
}

/** The texts of one room in every language. What English has, the others must have: the compiler sees to it. */
export function defineText<Text>(texts: Readonly<Record<Locale, Text>>): (locale: Locale) => Text {
  return (locale) => texts[locale];
}

/** The text in this language if it is there, else as it was written. */
export function translated<Field extends string>(
  thing: NoInfer<
    TextFields<Field> & { readonly translations?: Readonly<Record<string, TextFields<Field>>> | undefined }
  >,
  field: Field,
  locale: Locale,
): string | undefined {
  return thing.translations?.[languageTags[locale]]?.[field] ?? thing[field];
}

type TextFields<Field extends string> = { readonly [F in Field]?: string | undefined };
