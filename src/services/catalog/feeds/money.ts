import { minorUnitDigits, parseDecimalMinor } from '../../../platform/money/currency.ts';
import { withDecimalPoint } from './measure.ts';
import { quoted } from './record.ts';
import type { Scalar } from './value.ts';

export type Amount =
  | { readonly kind: 'amount'; readonly amountMinor: number }
  | { readonly kind: 'wrong'; readonly detail: string };

export interface AmountReader {
  /** An amount of `currency` as a feed writes it: `12.5`, `"1,234.50"`, `"$12.50"`, `"12.50 USD"`. */
  read(value: Scalar, currency: string, form?: { isMinor?: boolean; decimalComma?: boolean }): Amount;
}

// The catalogue's limit (api.ts: AmountMinor).
const amountMinorMax = 1_000_000_000_000;

/** Keeps the digits of the currencies that it has met: asking Intl for each amount would cost more than all else about it. */
export function createAmountReader(): AmountReader {
  const digitsByCurrency = new Map<string, number | undefined>();
  function digitsOf(currency: string): number | undefined {
    if (!digitsByCurrency.has(currency)) digitsByCurrency.set(currency, minorUnitDigits(currency));
    return digitsByCurrency.get(currency);
  }

  return {
    read(value, currency, { isMinor = false, decimalComma = false } = {}) {
      const digits = digitsOf(currency);
      if (digits === undefined) return wrong(`${quoted(currency)} is no currency of ISO 4217`);
      // The shortest text that reads back as this number: 89.99 is “89.99”, and no binary fraction comes between.
      const written = typeof value === 'string' ? withoutSymbols(value, currency) : String(value);
      const plain = withDecimalPoint(written, decimalComma && typeof value === 'string');
      if (plain.startsWith('-') && /\d/.test(plain)) return wrong(`has the negative price ${quoted(String(value))}`);
      const amountMinor = parseDecimalMinor(plain, isMinor ? 0 : digits);
      if (amountMinor === undefined) return wrong(reasonFor(plain, value, currency, isMinor ? 0 : digits));
      if (amountMinor > amountMinorMax) return wrong(`has the price ${quoted(String(value))}, which is too high`);
      return { kind: 'amount', amountMinor };
    },
  };
}

function wrong(detail: string): Amount {
  return { kind: 'wrong', detail };
}

function withoutSymbols(text: string, currency: string): string {
  return text
    .trim()
    .replace(/^(?:[$€£¥₹₩₽₺]|US\$)\s*/, '')
    .replace(/[$€£¥₹₩₽₺]$/, '')
    .trimEnd()
    .replace(new RegExp(`^${currency}|${currency}$`, 'i'), '')
    .replace(/[\u00a0\u202f](?=\d{3})/g, '')
    .trim();
}

function reasonFor(plain: string, value: Scalar, currency: string, digits: number): string {
  const fraction = /^[\d,]*\d\.(\d+)$/.exec(plain)?.[1];
  if (fraction !== undefined && fraction.length > digits) {
    return `has the price ${quoted(String(value))}; ${currency} has ${digits} decimals`;
  }
  return `has ${quoted(String(value))} where a price is expected`;
}
