import type { Failed } from '../forked.ts';
import type { RunReading } from './meter.ts';
import type { Bounds, LoadJob, Stage } from './setup.ts';

/**
 * Between the drill and the process that makes its load:
 *
 *   drill                process
 *      ── prepare ───────▶  learns its job
 *      ◀────────── ready ──
 *      ── run ───────────▶  the stages, one after the other without a break
 *      ◀────────── stage ──  each as it begins
 *      ◀───────── second ──  what the last second brought
 *      ◀─────────── done ──  what was measured; then further runs
 *
 * A process whose drill has gone ends by itself.
 */
export type ToLoad =
  | { readonly kind: 'prepare'; readonly job: LoadJob }
  | { readonly kind: 'run'; readonly stages: readonly Stage[]; readonly bounds: Bounds };

export type FromLoad =
  | { readonly kind: 'ready' }
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'second'; readonly second: SecondReading }
  | { readonly kind: 'done'; readonly reading: RunReading }
  | Failed;

export interface SecondReading {
  readonly stage: number;
  readonly sessions: number;
  readonly paid: number;
  readonly shed: number;
}
