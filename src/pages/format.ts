import { type Locale, languageTags } from './locale.ts';

/** Prices, numbers and dates as each language writes them. Formatters are dear to make: one of each kind is kept. */
export interface Format {
  /** BCP 47. */
  readonly tag: string;
  /** `$12.00`; whole amounts keep their cents, so that columns of prices line up. */
  money(amountMinor: number, currency: string): string;
  number(value: number): string;
  /** A share from 0 to 1 as whole percent. */
  percent(share: number): string;
  /** Day and time in UTC with its name: pages are rendered once for all time zones; scripts make it local. */
  instant(atMs: number): string;
  day(atMs: number): string;
}

export function createFormat(locale: Locale): Format {
  const tag = languageTags[locale];
  const currencies = new Map<string, { format: Intl.NumberFormat; minorPerUnit: number }>();
  const number = new Intl.NumberFormat(tag);
  const percent = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0 });
  const instant = new Intl.DateTimeFormat(tag, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  const day = new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone: 'UTC' });
  return {
    tag,
    money(amountMinor, currency) {
      let known = currencies.get(currency);
      if (known === undefined) {
        const format = new Intl.NumberFormat(tag, { style: 'currency', currency });
        known = { format, minorPerUnit: 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2) };
        currencies.set(currency, known);
      }
      return known.format.format(amountMinor / known.minorPerUnit);
    },
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    instant: (atMs) => `${instant.format(atMs)} UTC`,
    day: (atMs) => day.format(atMs),
  };
}
