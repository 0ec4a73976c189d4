import { parseAmountMinor } from '../../platform/money/currency.ts';

/** How a list is narrowed down and ordered, as a link says it. */
export interface Filter {
  readonly vendor?: string;
  readonly priceMinMinor?: number;
  readonly priceMaxMinor?: number;
  readonly sort: Sort;
  /** From 1. */
  readonly page: number;
}

export const sorts = ['newest', 'price', '-price', 'title'] as const;
export type Sort = (typeof sorts)[number];

export const pageSize = 24;
/** The catalogue lists so far and no further; who looks on wants a search. */
const pageMax = Math.floor(10_000 / pageSize);

/** Whatever a link holds that makes no sense is left out: a list is shown all the same. */
export function parseFilter(query: URLSearchParams, currency: string): Filter {
  const vendor = clean(query.get('maker'));
  const priceMinMinor = parseAmountMinor(query.get('from') ?? '', currency);
  const priceMaxMinor = parseAmountMinor(query.get('to') ?? '', currency);
  const page = Number(/^\d{1,4}$/.exec(query.get('page') ?? '')?.[0] ?? 1);
  return {
    ...(vendor !== undefined && { vendor }),
    ...(priceMinMinor !== undefined && priceMinMinor <= amountMax && { priceMinMinor }),
    ...(priceMaxMinor !== undefined && priceMaxMinor <= amountMax && { priceMaxMinor }),
    sort: sorts.find((sort) => sort === query.get('sort')) ?? 'newest',
    page: Math.min(Math.max(1, page), pageMax),
  };
}

/** The query string of a link to this list, empty for the list as it is without conditions. */
export function filterQuery(filter: Filter, currencyDigits: number): string {
  const query = new URLSearchParams();
  const amount = (minor: number) => (minor / 10 ** currencyDigits).toFixed(currencyDigits).replace(/\.0+$/, '');
  if (filter.vendor !== undefined) query.set('maker', filter.vendor);
  if (filter.priceMinMinor !== undefined) query.set('from', amount(filter.priceMinMinor));
  if (filter.priceMaxMinor !== undefined) query.set('to', amount(filter.priceMaxMinor));
  if (filter.sort !== 'newest') query.set('sort', filter.sort);
  if (filter.page > 1) query.set('page', String(filter.page));
  return query.size === 0 ? '' : `?${query}`;
}

const amountMax = 1_000_000_000_000;

function clean(text: string | null): string | undefined {
  const trimmed = text?.trim() ?? '';
  const isUsable = trimmed !== '' && trimmed.length <= 200 && trimmed.isWellFormed() && !trimmed.includes('\0');
  return isUsable ? trimmed : undefined;
}

/** Which page numbers to link: the first, the last, those around this one; `undefined` is a gap. */
export function pageNumbers(page: number, pageCount: number): (number | undefined)[] {
  const wanted = [1, page - 1, page, page + 1, pageCount].filter((number) => number >= 1 && number <= pageCount);
  const numbers = [...new Set(wanted)].sort((a, b) => a - b);
  return numbers.flatMap((number, index) => {
    const before = numbers[index - 1];
    return before !== undefined && number - before > 1 ? [undefined, number] : [number];
  });
}
