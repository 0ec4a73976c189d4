import type { NewEvent } from '../../platform/events/event.ts';
import type { PriceRule, Sale } from './api.ts';

/** `sale.changed`: announced, replaced or ended. */
export function saleChanged(sale: Sale): NewEvent {
  return {
    topic: 'sale.changed',
    key: sale.saleId,
    payload: {
      version: 1,
      saleId: sale.saleId,
      name: sale.name,
      startsAtMs: sale.startsAtMs,
      endsAtMs: sale.endsAtMs,
      variantIds: [...new Set(sale.items.map((item) => item.variantId))],
    },
  };
}

/** `price-rule.changed`: made or replaced. */
export function priceRuleChanged({ ruleId }: PriceRule): NewEvent {
  return { topic: 'price-rule.changed', key: ruleId, payload: { version: 1, ruleId } };
}

export const promotionTopics = ['sale.changed', 'price-rule.changed'] as const;
