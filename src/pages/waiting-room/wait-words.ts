import type { Estimate } from '../../edge/waiting-room/api.ts';
import type { RoomText } from './messages.ts';

const hourS = 3600;
// A range of 1 to 33 minutes tells nobody whether to put the kettle on; where it ends does.
const usefulRatioMax = 4;

/** A range, rounded outwards to what a person can use: it must not promise less than is expected. */
export function waitWords(estimate: Estimate | undefined, text: RoomText): string {
  if (estimate === undefined) return text.waitUnknown;
  const { fromS, toS } = estimate;
  if (toS < 60) return text.waitSoon;
  const minutes = Math.ceil(toS / 60);
  if (fromS < 60 || toS > usefulRatioMax * fromS) {
    return toS < 2 * hourS ? text.waitUpTo(roughly(minutes)) : text.waitUpToHours(Math.ceil(toS / hourS));
  }
  if (fromS < hourS || toS < 2 * hourS) return text.waitMinutes(Math.floor(fromS / 60), minutes);
  return text.waitHours(Math.floor(fromS / hourS), Math.ceil(toS / hourS));
}

/** An end that is known so badly is not told to the minute. */
function roughly(minutes: number): number {
  return minutes > 10 ? Math.ceil(minutes / 5) * 5 : minutes;
}

/** How long a visitor may be silent: in whole minutes from one on, rounded to what is surely still kept. */
export function keptWords(keptS: number, text: RoomText): string {
  return keptS < 60 ? text.seconds(keptS) : text.minutes(Math.floor(keptS / 60));
}
