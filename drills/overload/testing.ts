// Steps of a drill for the tests of what is made of them.
import { byImportance } from './meter.ts';
import type { Figures, StepReport } from './report.ts';

export const calm = { p50Ms: 2, p99Ms: 10 };
export const usage = {
  shopCores: 1,
  databaseCores: 0.5,
  generatorCores: 0.1,
  othersCores: 0.1,
  stealShare: 0,
  shopRssMb: 200,
  putOffCount: 0,
  isOtherProcess: false,
};

/** In which nothing went wrong but what is given. */
export function step(factor: number, change: Partial<StepReport> = {}): StepReport {
  const one = { ...calm, offeredPerS: 100, wellPerS: 100, shedPerS: 0, failedPerS: 0, refusal: calm };
  return {
    factor,
    isAfter: false,
    durationMs: 10_000,
    offeredSessionsPerS: factor * 200,
    endedWellPerS: 200,
    buyersPerS: factor * 100,
    paidPerS: 100,
    of: byImportance(() => one),
    asked: {},
    failures: {},
    comebacks: 0,
    lateness: calm,
    precedence: { seconds: 10, wrongSeconds: 0 },
    usage,
    disk: { longestMs: 5, spoiltMs: 0 },
    ...change,
  };
}

/** A step that is worse as a whole than without what the disk spoilt of it. */
export function stalled(factor: number, without?: Partial<Figures>): StepReport {
  const well = step(factor);
  const slow = { ...well.of.core, p99Ms: 310, shedPerS: 5, refusal: { p50Ms: 1, p99Ms: 300 } };
  const disk = {
    longestMs: 412.4,
    spoiltMs: 1_200,
    ...(without !== undefined && { without: { ...well, ...without } }),
  };
  return step(factor, {
    disk,
    paidPerS: 80,
    of: { ...well.of, core: slow },
    precedence: { seconds: 10, wrongSeconds: 1 },
  });
}
