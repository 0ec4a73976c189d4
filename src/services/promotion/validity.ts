import type { FieldError } from '../../platform/api/problem.ts';
import { isCurrency } from '../../platform/money/currency.ts';
import type { PriceRuleInput, SaleInput } from './api.ts';
import { couponKey } from './coupon.ts';

/** What is wrong with a sale beyond what its schema can say; nothing, if it is well. */
export function saleErrors(sale: SaleInput): FieldError[] {
  const errors = windowErrors(sale);
  const seen = new Set<string>();
  const isKnown = knownCurrencies();
  sale.items.forEach(({ variantId, currency, limitPerBuyer, limitPerInstrument }, index) => {
    const key = `${variantId}/${currency}`;
    if (seen.has(key)) errors.push({ pointer: `/items/${index}`, detail: `has ${currency} for this variant twice` });
    seen.add(key);
    if (limitPerInstrument !== undefined && limitPerBuyer === undefined) {
      const detail = 'needs a limitPerBuyer: only units that are counted per buyer are counted per card';
      errors.push({ pointer: `/items/${index}/limitPerInstrument`, detail });
    }
    if (!isKnown(currency)) errors.push({ pointer: `/items/${index}/currency`, detail: 'is not an ISO 4217 currency' });
  });
  return errors;
}

export function priceRuleErrors(rule: PriceRuleInput): FieldError[] {
  const errors = windowErrors(rule);
  if (rule.reduction.kind === 'fixed' && !isCurrency(rule.reduction.currency)) {
    errors.push({ pointer: '/reduction/currency', detail: 'is not an ISO 4217 currency' });
  }
  if (rule.couponCode !== undefined && couponKey(rule.couponCode) === '') {
    errors.push({ pointer: '/couponCode', detail: 'is only blanks' });
  }
  for (const limit of ['redemptionsMax', 'limitPerBuyer'] as const) {
    if (rule.couponCode !== undefined || rule[limit] === undefined) continue;
    errors.push({ pointer: `/${limit}`, detail: 'needs a couponCode: only redemptions of a code are counted' });
  }
  return errors;
}

function windowErrors({ startsAtMs, endsAtMs }: { startsAtMs?: number; endsAtMs?: number }): FieldError[] {
  if (startsAtMs === undefined || endsAtMs === undefined || startsAtMs < endsAtMs) return [];
  return [{ pointer: '/endsAtMs', detail: 'must be later than startsAtMs' }];
}

/** A thousand items ask about very few currencies, and asking is slow. */
function knownCurrencies(): (code: string) => boolean {
  const known = new Map<string, boolean>();
  return (code) => {
    const answer = known.get(code) ?? isCurrency(code);
    known.set(code, answer);
    return answer;
  };
}
