/** Chance that can be repeated: the same seed gives the same numbers, on every machine. Not for secrets. */
export interface Random {
  /** From 0 up to, but without, 1. */
  next(): number;
  /** A whole number from 0 up to, but without, `below`. */
  integer(below: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly [T, ...T[]]): T;
  /** In place. */
  shuffle<T>(values: T[]): T[];
}

/** Several numbers may make a seed: the drill's and the buyer's, say, so that each buyer has a chance of his own. */
export function createRandom(...seeds: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = mix(Math.imul(state, 0x85ebca6b) + seed);

  // Mulberry32: 32 bits of state, which is plenty for who buys what.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    return mix(state) / 2 ** 32;
  };
  const integer = (below: number) => Math.floor(next() * below);
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (values) => values[integer(values.length)] ?? values[0],
    shuffle(values) {
      for (let last = values.length - 1; last > 0; last -= 1) {
        const other = integer(last + 1);
        const moved = values[last];
        values[last] = values[other] as (typeof values)[number];
        values[other] = moved as (typeof values)[number];
      }
      return values;
    },
  };
}

/** A 32-bit hash that turns near numbers into far ones. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 15), value | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
