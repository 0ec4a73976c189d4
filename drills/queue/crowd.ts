import type { Random } from '../random.ts';
import type { WaiterRecord } from './journal.ts';
import type { WaiterKind } from './setup.ts';

export interface Crowd {
  readonly waiters: WaiterRecord[];
  /** When each comes, from the beginning of the drill. */
  readonly comesAtMs: readonly number[];
}

export const scalperCountMax = 50;

/** Of a thousand who are no scalpers. */
const shares: readonly (readonly [WaiterKind, number])[] = [
  ['leaver', 100],
  ['hasty', 40],
  ['late', 30],
  ['idler', 30],
  ['twice', 20],
  ['sharer', 20],
  ['traveller', 20],
  ['forger', 10],
];

/**
 * Who comes, and when: the scalper's sessions first of all, then the early ones until the opening, the others in the time
 * after it. Of each kind there is at least one.
 */
export function gatherCrowd(
  given: { readonly count: number; readonly earlyCount: number; readonly earlyMs: number; readonly laterMs: number },
  random: Random,
): Crowd {
  const { count, earlyCount, earlyMs, laterMs } = given;
  const scalperCount = Math.min(scalperCountMax, Math.floor(earlyCount / 4));
  const others = count - scalperCount;
  const kinds: WaiterKind[] = shares.flatMap(([kind, share]) =>
    Array.from({ length: Math.max(1, Math.round((others * share) / 1000)) }, () => kind),
  );
  while (kinds.length < others) kinds.push('patient');
  random.shuffle(kinds);
  const waiters: WaiterRecord[] = [];
  const comesAtMs: number[] = [];
  for (let index = 0; index < scalperCount; index += 1) {
    waiters.push({ kind: 'scalper', isEarly: true });
    comesAtMs.push(0);
  }
  const earlyOthers = earlyCount - scalperCount;
  kinds.slice(0, others).forEach((kind, index) => {
    const isEarly = index < earlyOthers;
    waiters.push({ kind, isEarly });
    // The last second before the opening is left to the clocks: who comes on the very instant may be either.
    const within = isEarly
      ? 200 + ((earlyMs - 1_200) * index) / Math.max(1, earlyOthers)
      : earlyMs + 100 + random.next() * laterMs;
    comesAtMs.push(within);
  });
  return { waiters, comesAtMs };
}
