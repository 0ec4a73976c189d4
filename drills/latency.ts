/**
 * Latencies in a few kilobytes however many there are: each power of two is cut into 64 equal steps, so that a percentile
 * is wrong by 1.6 % at most. Histograms of several processes add up.
 */
export interface Latencies {
  add(ms: number): void;
  /** What `toJson` gave elsewhere. */
  merge(json: LatenciesJson): void;
  readonly count: number;
  /** The latency that this share (0.99) of all stayed within; undefined when there are none. */
  percentile(share: number): number | undefined;
  toJson(): LatenciesJson;
}

/** Pairs of step and count. */
export type LatenciesJson = readonly (readonly [step: number, count: number])[];

const stepsPerDoubling = 64;
const doublings = 32;

export function createLatencies(): Latencies {
  const counts = new Uint32Array(stepsPerDoubling * doublings);
  let total = 0;
  const addTo = (step: number, count: number) => {
    counts[step] = (counts[step] ?? 0) + count;
    total += count;
  };
  return {
    add: (ms) => addTo(stepOf(ms), 1),
    merge(json) {
      for (const [step, count] of json) addTo(step, count);
    },
    get count() {
      return total;
    },
    percentile(share) {
      if (total === 0) return undefined;
      let left = Math.max(1, Math.ceil(share * total));
      for (let step = 0; step < counts.length; step += 1) {
        left -= counts[step] ?? 0;
        if (left <= 0) return msOf(step);
      }
      return msOf(counts.length - 1);
    },
    toJson: () => [...counts].flatMap((count, step) => (count > 0 ? [[step, count] as const] : [])),
  };
}

/** In microseconds; below 64 each has a step of its own. */
function stepOf(ms: number): number {
  const us = Math.max(0, Math.round(ms * 1000));
  if (us < stepsPerDoubling) return us;
  const doubling = Math.floor(Math.log2(us));
  const within = Math.floor(us / 2 ** (doubling - 6)) - stepsPerDoubling;
  return Math.min((doubling - 5) * stepsPerDoubling + within, stepsPerDoubling * doublings - 1);
}

/** The middle of a step. */
function msOf(step: number): number {
  if (step < stepsPerDoubling) return step / 1000;
  const doubling = Math.floor(step / stepsPerDoubling) + 5;
  const width = 2 ** (doubling - 6);
  return ((step % stepsPerDoubling) * width + 2 ** doubling + width / 2) / 1000;
}
