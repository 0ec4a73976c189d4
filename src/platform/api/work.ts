import type { Route } from './contract.ts';

/** Told when the work of a route's requests begins and ends, for whoever limits it. */
export interface WorkMeter {
  /** A request was read whole and is handed to its handler. */
  begin(): void;
  /** Its answer is ready, or it came to nothing; called once for each `begin`. */
  end(durationMs: number): void;
}

export type MeterOf = (route: Pick<Route, 'method' | 'path' | 'importance' | 'isContinuation'>) => WorkMeter;

export const unmetered: WorkMeter = { begin() {}, end() {} };
