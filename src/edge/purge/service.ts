import { problem } from '../../platform/api/problem.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { purgeApi } from './api.ts';
import { cachePurged } from './events.ts';
import { findFaults } from './purge.ts';

/** Takes purges by hand. They are events as changes are, so that nobody can miss one. */
export function createPurge(ctx: Pick<Context, 'clock' | 'database' | 'events'>): Service<typeof purgeApi> {
  const { clock, database, events } = ctx;
  return {
    contract: purgeApi,
    importance: 'standard',
    handlers: {
      async purge({ body }) {
        const errors = findFaults(body);
        if (errors.length > 0) return problem('bad-request', { detail: 'This purge cannot be done.', errors });
        const requestedAtMs = clock.nowMs();
        const purgeId = newId(randomBucket(), requestedAtMs);
        await database.transaction((tx) => events.publish(tx, [cachePurged(purgeId, body)]));
        events.nudge();
        return { status: 202, body: { purgeId, requestedAtMs } };
      },
    },
  };
}
