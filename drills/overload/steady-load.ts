import type { DiskWatch } from './disk-watch.ts';
import type { Load } from './load.ts';
import { type Slot, slotsBetween } from './meter.ts';
import type { Bounds, Stage } from './setup.ts';
import { longestMsIn, setStallsApart, stallsOf } from './stalls.ts';

/** Measures what everything later is held against, as far as possible while the disk does not stand still. */
export interface SteadyLoad {
  /** The stage's slots after it has settled, without those that the disk spoilt. */
  measure(stage: Stage, bounds: Bounds): Promise<readonly Slot[]>;
  /** Names of what the disk spoilt each time, and more of it than can be set apart. */
  readonly spoilt: ReadonlySet<string>;
}

export interface SteadyLoadOptions {
  readonly load: Pick<Load, 'run'>;
  readonly disk: DiskWatch;
  /** How long all repetitions may take: on some machines the disk never does what it should. */
  readonly repeatMsMax: number;
  /** Told before a stage is measured again, with how long the disk stood still. */
  onRepeat(stage: Stage, stalledMs: number): void;
}

const timesMax = 3;

export function createSteadyLoad({ load, disk, repeatMsMax, onRepeat }: SteadyLoadOptions): SteadyLoad {
  const spoilt = new Set<string>();
  let repeatMs = 0;
  return {
    spoilt,
    async measure(stage, bounds) {
      const { name, durationMs, settleMs } = stage;
      for (let times = 1; ; times += 1) {
        const { slots, beganAtMs } = await load.run([stage], bounds);
        const stalls = stallsOf(disk.writes());
        const stalledMs = longestMsIn(stalls, { fromMs: beganAtMs, untilMs: beganAtMs + durationMs });
        if (stalledMs === 0 || times === timesMax || repeatMs + durationMs > repeatMsMax) {
          const judged = setStallsApart(slotsBetween(slots, settleMs, durationMs), beganAtMs + settleMs, stalls);
          if (judged.apartMs < judged.spoiltMs) spoilt.add(name);
          return judged.slots;
        }
        repeatMs += durationMs;
        onRepeat(stage, stalledMs);
      }
    },
  };
}
