import type { Context } from '../../platform/context/context.ts';
import { isQueueing } from './room.ts';
import { writePlaces } from './store-departures.ts';
import { placeOfNumber, type RoomView } from './view.ts';

/** As many as take a few milliseconds to reckon. */
const placedMax = 500;

/**
 * Reckons the places of some more of those who left before the lot, for all processes: the others hear of it when they next read who has
 * left. Who is called meanwhile is one who does not come.
 */
export async function placeDeparted(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  view: RoomView,
): Promise<void> {
  const { config, progress } = view.record;
  // One who leaves a closed room may have a number of an opening that this process has not heard of.
  if (!isQueueing(progress.state)) return;
  const placed = view.departed.unplaced(placedMax).flatMap((number) => {
    const place = placeOfNumber(view, number);
    return place === undefined ? [] : { number, place };
  });
  if (placed.length === 0) return;
  await writePlaces(database, config.roomId, placed, clock.nowMs());
  view.departed.add(placed);
}
