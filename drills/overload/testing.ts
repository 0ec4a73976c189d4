// Steps of a drill for the tests of what is made of them.
import { byImportance } from './meter.ts';
import type { StepReport } from './report.ts';

export const calm = { p50Ms: 2, p99Ms: 10 };
export const usage = {
  shopCores: 1,
  databaseCores: 0.5,
  generatorCores: 0.1,
  othersCores: 0.1,
  stealShare: 0,
  shopRssMb: 200,
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
    diskMsMax: 5,
    ...change,
  };
}
