import { type Locale, languageTags } from '../locale.ts';

export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  readonly name: string;
}

/** Regions that CLDR names and ISO 3166-1 has no country for: groups, outposts, private use. */
const noCountries = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'ZZ']);

/** All countries as the language calls them, in its order. Worth keeping: there are 250 of them. */
export function countriesIn(locale: Locale): readonly Country[] {
  const tag = languageTags[locale];
  const names = new Intl.DisplayNames(tag, { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  const collator = new Intl.Collator(tag);
  return codes
    .filter((code) => !noCountries.has(code) && isCurrent(code))
    .flatMap((code) => {
      const name = names.of(code);
      return name === undefined ? [] : [{ code, name }];
    })
    .sort((a, b) => collator.compare(a.name, b.name));
}

/** Codes of countries that are no more stand for their successors. */
function isCurrent(code: string): boolean {
  return new Intl.Locale(`und-${code}`).region === code;
}
