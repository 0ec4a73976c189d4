import type { Departure } from './store-departures.ts';

/** Who has left the line of one opening, as far as this process has heard. */
export interface Departed {
  has(number: number): boolean;
  /** How many of the places from one on, up to another, are known to be theirs. */
  countWithin(fromPlace: number, toPlace: number): number;
  /** So many of the places from this one on that are known to be theirs, in their order. */
  placesFrom(place: number, countMax: number): readonly number[];
}

export interface DepartedBook extends Departed {
  /** Of the first ticket of the opening. */
  readonly firstNumber: number;
  /** Some of them may have been told before. */
  add(departures: readonly Pick<Departure, 'number' | 'place'>[]): void;
  /** Numbers of so many of those whose places nobody has reckoned yet. */
  unplaced(countMax: number): readonly number[];
}

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
    has: (number) => numbers.has(number),
    countWithin: (fromPlace, toPlace) => countBelow(places, toPlace) - countBelow(places, fromPlace),
    placesFrom(place, countMax) {
      const first = countBelow(places, place);
      return [...places.subarray(first, first + countMax)];
    },
    add,
    unplaced: (countMax) => [...unplaced.values().take(countMax)],
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
