import type { Slot } from './meter.ts';
import { slotMs } from './meter.ts';
import { sumCounts } from './recovery.ts';
import { importances } from './setup.ts';

/** What a second may let in of less important work while it refuses more important work: the level moves within a second too. */
const letInShareMax = 0.1;
/** Below this share of the more important requests nothing was refused to speak of. */
const shedShareMin = 0.02;

export interface Precedence {
  readonly seconds: number;
  /** In which core or standard work was refused while less important work was let in beyond a small share. */
  readonly wrongSeconds: number;
}

/** I5: whether less important work was refused first, second by second. What a cache had is no work. */
export function precedenceOf(slots: readonly Slot[]): Precedence {
  const slotsPerSecond = 1000 / slotMs;
  let seconds = 0;
  let wrongSeconds = 0;
  for (let from = 0; from + slotsPerSecond <= slots.length; from += slotsPerSecond) {
    seconds += 1;
    const counts = importances.map((name) =>
      sumCounts(slots.slice(from, from + slotsPerSecond).map(({ of }) => of[name])),
    );
    const isWrong = counts.some(({ offered, shed }, rank) => {
      if (shed <= shedShareMin * offered) return false;
      return counts.slice(rank + 1).some((less) => less.well - less.cached > letInShareMax * less.offered);
    });
    if (isWrong) wrongSeconds += 1;
  }
  return { seconds, wrongSeconds };
}
