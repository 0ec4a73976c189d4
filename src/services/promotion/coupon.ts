import { derivedId } from '../../platform/database/derived-id.ts';
import type { PriceRule, PriceRuleInput } from './api.ts';

/** What codes are compared by: people type them in any case, with blanks around them, and composed in more than one way. */
export function couponKey(code: string): string {
  return code.trim().normalize('NFKC').toLowerCase();
}

/**
 * What a coupon is called where its redemptions are counted. Not the rule's own id: that one is chosen by who makes the
 * rule, and were it the id of a variant, redemptions would be dealt to the variant's stock.
 */
export function couponIdOf(ruleId: string): string {
  return derivedId(ruleId, 'coupon');
}

/** As many as there can be of anything. */
const unboundedRedemptions = 2_000_000_000;

/** How many redemptions must have been allotted in all; undefined for what is not counted. */
export function redemptionsToAllot(rule: PriceRuleInput | PriceRule): number | undefined {
  if (rule.couponCode === undefined) return undefined;
  return rule.redemptionsMax ?? (rule.limitPerBuyer === undefined ? undefined : unboundedRedemptions);
}
