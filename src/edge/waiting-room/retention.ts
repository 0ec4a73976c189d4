import type { Context } from '../../platform/context/context.ts';
import type { JobDefinition } from '../../platform/jobs/job.ts';
import type { RoomSettings } from './settings.ts';
import { deleteOldCalls, deleteOldDepartures } from './store-retention.ts';

// A call is a quarter of a second's places. 200 of them, with 33,000 passes out of a million, took 40 ms.
const pageMax = 200;
const departuresMax = 5_000;

/** Deletes, every hour, the calls, passes and departures that are older than they are kept. */
export function roomRetention(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  { forgetAfterMs }: Pick<RoomSettings, 'forgetAfterMs'>,
): JobDefinition {
  return {
    name: 'waiting-room-delete-old',
    everyMs: 3_600_000,
    async run() {
      const beforeMs = clock.nowMs() - forgetAfterMs;
      while ((await deleteOldCalls(database, beforeMs, pageMax)) === pageMax);
      while ((await deleteOldDepartures(database, beforeMs, departuresMax)) === departuresMax);
    },
  };
}
