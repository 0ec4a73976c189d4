import type { Failed } from '../forked.ts';
import type { CrewJob } from './setup.ts';
import type { TallyJson } from './tally.ts';

/**
 * Between the drill and a process of buyers:
 *
 *   drill                process
 *      ── fork ──────────▶
 *      ── prepare ───────▶  learns its job
 *      ◀────────── ready ──
 *      ── go ────────────▶  lets the buyers in
 *      ◀─────── progress ──  many times
 *      ── killed ────────▶  a process of the shop was killed just now   (if at all)
 *      ◀─────────── done ──
 *
 * A process whose drill has gone ends by itself.
 */
export type ToMember =
  | { readonly kind: 'prepare'; readonly job: CrewJob }
  | { readonly kind: 'go' }
  | { readonly kind: 'killed'; readonly atMs: number };

export type FromMember =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly tally: TallyJson; readonly hasEnded: boolean }
  | Failed;
