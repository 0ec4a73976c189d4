import type { Estimate } from '../../edge/waiting-room/api.ts';
import type { RoomText } from './messages.ts';

const hourS = 3600;

/** A range, rounded outwards to what a person can use: it must not promise less than is expected. */
export function waitWords(estimate: Estimate | undefined, text: RoomText): string {
  if (estimate === undefined) return text.waitUnknown;
  const { fromS, toS } = estimate;
  if (toS < 60) return text.waitSoon;
  const minutes = Math.ceil(toS / 60);
  if (fromS < 60) return text.waitUpTo(minutes);
  if (fromS < hourS || toS < 2 * hourS) return text.waitMinutes(Math.floor(fromS / 60), minutes);
  return text.waitHours(Math.floor(fromS / hourS), Math.ceil(toS / hourS));
}
