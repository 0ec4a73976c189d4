/** Numbers and times as a language writes them. Formatters are dear to make; the wall keeps its own. */
export interface WallFormat {
  /** Whole units alone from a hundred thousand on: nobody reads cents from the back of the room. */
  moneyParts(amountMinor: number, currency: string): Intl.NumberFormatPart[];
  money(amountMinor: number, currency: string): string;
  number(value: number): string;
  percent(share: number): string;
  /** `18 ms`, `1.2 s`. */
  duration(ms: number): { readonly value: string; readonly unit: string };
  /** `20:03:11`, where the viewer is. */
  time(atMs: number): string;
  /** Day and time: which of several sales. */
  instant(atMs: number): string;
  /** `1:02:03` of so many milliseconds. */
  span(ms: number): string;
  /** What a country is called; its code where that is not known. */
  country(code: string): string;
}

export function createWallFormat(tag: string, timeZone?: string): WallFormat {
  const zone = timeZone === undefined ? {} : { timeZone };
  const number = new Intl.NumberFormat(tag);
  const percent = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 });
  const tenth = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
  const time = new Intl.DateTimeFormat(tag, { timeStyle: 'medium', hourCycle: 'h23', ...zone });
  const instant = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23', ...zone });
  const countries = new Intl.DisplayNames(tag, { type: 'region' });
  const currencies = new Map<string, { exact: Intl.NumberFormat; whole: Intl.NumberFormat; perUnit: number }>();

  const currencyOf = (currency: string) => {
    let known = currencies.get(currency);
    if (known === undefined) {
      const style = { style: 'currency', currency } as const;
      const exact = new Intl.NumberFormat(tag, style);
      const whole = new Intl.NumberFormat(tag, { ...style, maximumFractionDigits: 0 });
      known = { exact, whole, perUnit: 10 ** (exact.resolvedOptions().maximumFractionDigits ?? 2) };
      currencies.set(currency, known);
    }
    return known;
  };
  const moneyParts = (amountMinor: number, currency: string) => {
    const { exact, whole, perUnit } = currencyOf(currency);
    const amount = amountMinor / perUnit;
    return (Math.abs(amount) < 100_000 ? exact : whole).formatToParts(amount);
  };
  return {
    moneyParts,
    money: (amountMinor, currency) =>
      moneyParts(amountMinor, currency)
        .map(({ value }) => value)
        .join(''),
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    duration: (ms) =>
      ms < 1000
        ? { value: ms < 10 ? tenth.format(ms) : number.format(Math.round(ms)), unit: 'ms' }
        : { value: tenth.format(ms / 1000), unit: 's' },
    time: (atMs) => time.format(atMs),
    instant: (atMs) => instant.format(atMs),
    span(ms) {
      const seconds = Math.max(0, Math.round(ms / 1000));
      const two = (value: number) => String(value).padStart(2, '0');
      const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
      return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
    },
    country: (code) => (code === 'ZZ' ? '—' : (countries.of(code) ?? code)),
  };
}
