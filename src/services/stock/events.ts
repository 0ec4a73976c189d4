import type { NewEvent } from '../../platform/events/event.ts';
import type { Movement } from './api.ts';

/** `stock.moved`: so many units more (or fewer) exist. */
export function stockMoved({ movementId, variantId, quantity, reason }: Movement): NewEvent {
  return { topic: 'stock.moved', key: variantId, payload: { version: 1, movementId, variantId, quantity, reason } };
}
