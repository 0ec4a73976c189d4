import type { MeterOf } from '../api/work.ts';
import { crowdOf, type LimitSettings, nextLimit, nextNoLoadMs, type RouteWindow } from './concurrency-limit.ts';
import { rankOf } from './routes.ts';

// More than this at once wait for each other's batches.
const begunCrowd = 8;
// How much longer than without load an order may take on average before others are turned away for it.
const begunSlackMs = 50;
interface RouteWork {
  noLoadMs: number | undefined;
  sumMs: number;
  count: number;
}

/** What one window's answers took, and what the same would have taken without load. */
interface Taken {
  readonly count: number;
  readonly meanMs: number;
  readonly noLoadMs: number;
}

/** What is under way, and how long it takes beside what it takes without load. */
export function createWork(settings: LimitSettings, atFirst: number) {
  const routes: RouteWork[] = [];
  // A lane gains by company: what waits in it for the next batch is not under way as others are, and has a bound of its own. That
  // it takes long is felt all the same.
  const begunRoutes: RouteWork[] = [];
  const under = { core: 0, standard: 0, deferrable: 0, begun: 0 };
  let limit = atFirst;
  let count = 0;
  let countMax = 0;
  const meterOf: MeterOf = (route) => {
    const own: RouteWork = { noLoadMs: undefined, sumMs: 0, count: 0 };
    const rank = rankOf(route);
    (rank === 'begun' ? begunRoutes : routes).push(own);
    const limited = rank === 'begun' ? 0 : 1;
    return {
      begin() {
        under[rank] += 1;
        count += limited;
        if (count > countMax) countMax = count;
      },
      end(durationMs) {
        under[rank] -= 1;
        count -= limited;
        own.sumMs += durationMs;
        own.count += 1;
      },
    };
  };
  return {
    meterOf,
    under,
    get limit() {
      return limit;
    },
    get count() {
      return count;
    },
    /** How full it was: above 1 more was under way, or what was begun took longer, than it should. */
    endWindow(durationMs: number): { fill: number } {
      const full = countMax / limit;
      const taken = endOf(routes, durationMs, crowdOf(countMax, limit, settings.limitMin));
      limit = nextLimit(limit, { ...taken, inFlightMax: countMax }, settings);
      const begun = endOf(begunRoutes, durationMs, under.begun > begunCrowd ? 'full' : 'none');
      const late = begun.count === 0 ? 0 : begun.meanMs / (settings.tolerance * begun.noLoadMs + begunSlackMs);
      countMax = count;
      return { fill: Math.max(full, late) };
    },
  };
}

function endOf(routes: readonly RouteWork[], durationMs: number, crowd: RouteWindow['crowd']): Taken {
  let count = 0;
  let sumMs = 0;
  let noLoadSumMs = 0;
  for (const route of routes) {
    if (route.count === 0) continue;
    const meanMs = route.sumMs / route.count;
    route.noLoadMs = nextNoLoadMs(route.noLoadMs, { meanMs, durationMs, crowd });
    count += route.count;
    sumMs += route.sumMs;
    noLoadSumMs += route.noLoadMs * route.count;
    route.sumMs = 0;
    route.count = 0;
  }
  return count === 0
    ? { count, meanMs: 0, noLoadMs: 0 }
    : { count, meanMs: sumMs / count, noLoadMs: noLoadSumMs / count };
}
