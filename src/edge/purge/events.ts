import type { NewEvent } from '../../platform/events/event.ts';
import type { PurgeInput } from './api.ts';

export const purgeTopic = 'cache.purged';

/** `cache.purged`: somebody wants something forgotten that no other event tells of. */
export function cachePurged(purgeId: string, input: PurgeInput): NewEvent {
  return { topic: purgeTopic, key: purgeId, payload: { version: 1, purgeId, ...input } };
}
