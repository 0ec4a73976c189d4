import type { Context } from '../../platform/context/context.ts';
import { isQueueing } from './room.ts';
import { loadDepartedPlaces, loadUnplaced, writePlaces } from './store-departures.ts';
import { placeOfNumber, type RoomView } from './view.ts';

/** As many as take a few milliseconds to reckon. */
const placedMax = 500;
/** More than are called between two ticks. */
const aheadMax = 10_000;

/**
 * Places from `admitted` on whose holders have left, in their order: they are passed over when it is their turn. Of those who left
 * before the lot, some more are known each time; who is called meanwhile is one who does not come.
 */
export async function readDepartedAhead(
  { database }: Pick<Context, 'database'>,
  view: RoomView,
): Promise<readonly number[]> {
  const { config, line, progress } = view.record;
  const { roomId } = config;
  if (view.departed.count === 0 || line.lot === undefined || !isQueueing(progress.state)) return [];
  const unplaced = await loadUnplaced(database, { roomId, firstNumber: line.firstNumber, countMax: placedMax });
  const placed = unplaced.flatMap((number) => {
    const place = placeOfNumber(view, number);
    return place === undefined ? [] : { number, place };
  });
  if (placed.length > 0) await writePlaces(database, roomId, placed);
  return loadDepartedPlaces(database, { roomId, fromPlace: progress.admitted, countMax: aheadMax });
}
