import type { Proof } from '../sale/case.ts';
import { count, formatCount, proof } from '../sale/proof.ts';
import type { QueueCase } from './case.ts';
import { placeByLot } from './lot-check.ts';

/** How far the mean place of the early may be from chance, in standard deviations: once in 15,000 draws it is farther. */
const deviationsMax = 4;

/** I6: before the opening the order is drawn by lot, and coming early buys nothing. */
export function judgeLot(given: QueueCase): Proof[] {
  const places = knownPlaces(given);
  return [isThePermutation(given, places), ...gainedNothing(given, places)];
}

/** The first place that each ticket was told, by its number. */
function knownPlaces({ journal }: QueueCase): Map<number, number> {
  const places = new Map<number, number>();
  for (const { waiter, place } of journal.sightings) {
    const number = journal.waiters[waiter]?.number;
    if (place !== undefined && number !== undefined && !places.has(number)) places.set(number, place);
  }
  return places;
}

function isThePermutation({ publishedLot, books }: QueueCase, places: ReadonlyMap<number, number>): Proof {
  const { lotSeed, lotCount } = books.line;
  const findings: string[] = [];
  if (publishedLot === undefined) findings.push('the seed was not published');
  else {
    const { seed, ticketCount } = publishedLot;
    if (seed !== lotSeed || ticketCount !== lotCount) findings.push('what was published is not what was drawn');
    for (const [number, place] of places) {
      const wanted = placeByLot(publishedLot, number);
      if (place !== wanted) findings.push(`ticket ${number} has place ${place}; by the seed it is ${wanted}`);
    }
    for (const { number, place } of books.passes) {
      const wanted = placeByLot(publishedLot, number);
      if (place !== wanted) findings.push(`ticket ${number} came in with place ${place}; by the seed it is ${wanted}`);
    }
  }
  return proof({
    id: 'I6',
    promise: 'the lot is as published',
    checked: `${count(places.size, 'place')} reckoned again from the seed; after the ${formatCount(lotCount ?? 0)} of the lot, first come first served`,
    found: findings.length === 0 ? 'all as drawn' : count(findings.length, 'other place'),
    findings,
  });
}

function gainedNothing(given: QueueCase, places: ReadonlyMap<number, number>): Proof[] {
  const { journal, publishedLot } = given;
  const total = publishedLot?.ticketCount ?? 0;
  const inLot = journal.waiters.filter(({ number }) => number !== undefined && number < total && places.has(number));
  const others = inLot.filter(({ kind }) => kind !== 'scalper').toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0));
  const first = others.slice(0, Math.ceil(others.length / 4));
  const scalpers = inLot.filter(({ kind }) => kind === 'scalper');
  const placesOf = (group: typeof inLot) => group.flatMap(({ number }) => places.get(number ?? -1) ?? []);
  return [
    byChance(
      'coming early gains nothing',
      'the first quarter of those who came before the opening',
      placesOf(first),
      total,
    ),
    byChance(
      'a scalper gains nothing',
      `${count(scalpers.length, 'session')} of one scalper, the first to come`,
      placesOf(scalpers),
      total,
    ),
  ];
}

/** The mean of k places drawn of n without replacement is about (n−1)/2, give or take √((n+1)(n−k)/12k). */
function byChance(promise: string, who: string, places: readonly number[], total: number): Proof {
  const size = places.length;
  const mean = places.reduce((sum, place) => sum + place, 0) / Math.max(1, size);
  const expected = (total - 1) / 2;
  const deviation = Math.sqrt(((total + 1) * Math.max(0, total - size)) / (12 * Math.max(1, size)));
  const isEarlier = expected - mean > deviationsMax * deviation;
  const isLater = mean - expected > deviationsMax * deviation;
  const away = isEarlier ? 'earlier' : 'later';
  return proof({
    id: 'I6',
    promise,
    checked: `mean place of ${size === 0 ? 'nobody' : who}: by chance ${formatCount(Math.round(expected))} ± ${formatCount(Math.round(deviationsMax * deviation))} (${deviationsMax} σ)`,
    found: size === 0 ? 'nobody came' : `mean place ${formatCount(Math.round(mean))} of ${formatCount(total)}`,
    findings:
      isEarlier || isLater ? [`their mean place is ${Math.round(Math.abs(mean - expected))} ${away} than chance`] : [],
  });
}
