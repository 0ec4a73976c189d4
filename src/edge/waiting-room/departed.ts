import type { Departure } from './store-departures.ts';

/** Who has left the line of one opening, as far as this process has heard. */
export interface Departed {
  readonly count: number;
  has(number: number): boolean;
  /** How many of the places from one on, up to another, are known to be theirs. */
  countWithin(fromPlace: number, toPlace: number): number;
}

export interface DepartedBook extends Departed {
  /** Of the first ticket of the opening. */
  readonly firstNumber: number;
  /** Some of them may have been told before. */
  add(departures: readonly Pick<Departure, 'number' | 'place'>[]): void;
  /** Looks for the places of some more of those who left before the lot, by their numbers. */
  reckon(placeOf: (number: number) => number | undefined): void;
}

/** As many as take a few milliseconds to reckon. */
const reckonedMax = 500;

export function createDeparted(firstNumber: number): DepartedBook {
  const numbers = new Set<number>();
  const unplaced = new Set<number>();
  let places = new Float64Array(0);

  function add(departures: readonly Pick<Departure, 'number' | 'place'>[]): void {
    const fresh: number[] = [];
    for (const { number, place } of departures) {
      if (numbers.has(number) && !unplaced.has(number)) continue;
      numbers.add(number);
      if (place === undefined) {
        unplaced.add(number);
      } else {
        unplaced.delete(number);
        fresh.push(place);
      }
    }
    if (fresh.length > 0) places = merged(places, Float64Array.from(fresh).sort());
  }

  return {
    firstNumber,
    get count() {
      return numbers.size;
    },
    has: (number) => numbers.has(number),
    countWithin: (fromPlace, toPlace) => countBelow(places, toPlace) - countBelow(places, fromPlace),
    add,
    reckon(placeOf) {
      const some = [...unplaced.values().take(reckonedMax)];
      add(some.map((number) => ({ number, place: placeOf(number) })));
    },
  };
}

/** Of two in order, one in order. Sorting the whole anew at each departure would cost milliseconds where a hundred thousand have left. */
function merged(one: Float64Array, other: Float64Array): Float64Array<ArrayBuffer> {
  const all = new Float64Array(one.length + other.length);
  let taken = 0;
  for (let index = 0; index < all.length; index++) {
    const next = one[index - taken] ?? Number.POSITIVE_INFINITY;
    const fresh = other[taken] ?? Number.POSITIVE_INFINITY;
    all[index] = Math.min(next, fresh);
    if (fresh < next) taken += 1;
  }
  return all;
}

function countBelow(places: Float64Array, place: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? place) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
