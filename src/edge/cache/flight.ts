import type { ServerResponse } from 'node:http';
import type { Fields } from './fields.ts';
import type { CacheKey } from './kept-answer.ts';
import type { FetchMark } from './purge-log.ts';
import { type Selector, selectingValue, suits } from './vary.ts';

/** One request to the cache and where its answer goes. */
export interface Exchange {
  readonly method: string;
  readonly key: CacheKey;
  /** As they go upstream: without what is meant for this hop or must not be believed. */
  readonly fields: Fields;
  readonly response: ServerResponse;
}

/** One request upstream that more than one may wait for. */
export interface Flight {
  readonly mark: FetchMark;
  readonly request: Fields;
  /** Who waits for its head. */
  readonly waiters: Set<Exchange>;
  /** By what its answer was chosen; undefined until its head is there. */
  selectors?: readonly Selector[];
  answerFields?: Fields;
  /** Takes one more who asked the same, after the head has come. */
  join?: (exchange: Exchange) => void;
}

/** What is being fetched now, by key. */
export interface Flights {
  /** The flight whose answer this request may share, as far as one can tell. */
  find(exchange: Exchange, knownNames: readonly string[], sequence: number): Flight | undefined;
  add(key: CacheKey, flight: Flight): void;
  remove(key: CacheKey, flight: Flight): void;
}

export function createFlights(): Flights {
  const byKey = new Map<string, Set<Flight>>();
  const textOf = ({ host, target }: CacheKey) => `${host}\n${target}`;
  return {
    find({ key, fields }, knownNames, sequence) {
      const flights = byKey.get(textOf(key));
      if (flights === undefined) return undefined;
      const names = new Set(knownNames);
      for (const { selectors = [] } of flights) for (const { name } of selectors) names.add(name);
      for (const flight of flights) {
        // What was purged in between may still be on its way there, and who asks after the purge must not get it.
        if (flight.mark.sequence !== sequence) continue;
        const { selectors, answerFields } = flight;
        const isShared =
          selectors !== undefined && answerFields !== undefined
            ? suits(selectors, answerFields, fields)
            : [...names].every((name) => selectingValue(name, fields) === selectingValue(name, flight.request));
        if (isShared) return flight;
      }
      return undefined;
    },
    add(key, flight) {
      const flights = byKey.get(textOf(key));
      if (flights === undefined) byKey.set(textOf(key), new Set([flight]));
      else flights.add(flight);
    },
    remove(key, flight) {
      const flights = byKey.get(textOf(key));
      flights?.delete(flight);
      if (flights?.size === 0) byKey.delete(textOf(key));
    },
  };
}

/**
 * Keys whose answers turned out to be for one person each: for a while nobody waits there for another's answer. Bounded, the
 * oldest forgotten first.
 */
export function createLoners(options: { readonly countMax: number; readonly forMs: number }) {
  const untilMs = new Map<string, number>();
  return {
    add({ host, target }: CacheKey, nowMs: number): void {
      const text = `${host}\n${target}`;
      untilMs.delete(text);
      untilMs.set(text, nowMs + options.forMs);
      if (untilMs.size > options.countMax) for (const oldest of untilMs.keys()) return void untilMs.delete(oldest);
    },
    has({ host, target }: CacheKey, nowMs: number): boolean {
      if (untilMs.size === 0) return false;
      const text = `${host}\n${target}`;
      const until = untilMs.get(text);
      if (until === undefined) return false;
      if (until > nowMs) return true;
      untilMs.delete(text);
      return false;
    },
    delete({ host, target }: CacheKey): void {
      untilMs.delete(`${host}\n${target}`);
    },
  };
}
