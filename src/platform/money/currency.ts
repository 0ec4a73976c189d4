/** How many decimals the currency's minor unit has (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD. Undefined for what is no currency. */
export function minorUnitDigits(currency: string): number | undefined {
  if (!isCurrency(currency)) return undefined;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
}

export function isCurrency(code: string): boolean {
  return Intl.supportedValuesOf('currency').includes(code);
}

/**
 * A decimal amount as people write it (`1234.5`, `1,234.50`) in minor units, exactly: no binary fractions on the way.
 * Undefined for what is not such a number, is negative, or has more decimals than the currency.
 */
export function parseAmountMinor(text: string, currency: string): number | undefined {
  const digits = minorUnitDigits(currency);
  return digits === undefined ? undefined : parseDecimalMinor(text, digits);
}

// No amount is longer, and looking for the zeros at an end takes the square of the length where there is none.
const textLengthMax = 200;

/** As `parseAmountMinor`, for who reads many amounts of one currency and looks its digits up once. */
export function parseDecimalMinor(text: string, digits: number): number | undefined {
  if (text.length > textLengthMax) return undefined;
  const match = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return undefined;
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return undefined;
  const amountMinor = Number((match[1] ?? '').replaceAll(',', '') + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(amountMinor) ? amountMinor : undefined;
}

/** For people: `formatAmount(1250, 'USD')` is `$12.50`. */
export function formatAmount(amountMinor: number, currency: string, locale = 'en'): string {
  const digits = minorUnitDigits(currency) ?? 2;
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amountMinor / 10 ** digits);
}
