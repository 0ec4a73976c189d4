/** How busy this process is with what buyers do, for those who decide how many more may come. */
export interface LoadReading {
  /** Share of its concurrency in use by core work, waiting for the order lane included: 0 idle, 1 full, above 1 it is shedding. */
  readonly utilisation: number;
  /** Core requests that were turned away in the last second. */
  readonly coreShedPerS: number;
}
