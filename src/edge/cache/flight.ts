import type { ServerResponse } from 'node:http';
import type { Fields } from './fields.ts';
import { type CacheKey, keyText } from './kept-answer.ts';
import type { FetchMark } from './purge-log.ts';
import type { Upstream } from './upstream.ts';
import { type Selector, selectingValue, suits } from './vary.ts';

/** One request to the cache and where its answer goes. */
export interface Exchange {
  readonly method: string;
  readonly key: CacheKey;
  /** As they go upstream: without what is meant for this hop or must not be believed. */
  readonly fields: Fields;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
}

/** One request upstream that more than one may wait for. */
export interface Flight {
  readonly mark: FetchMark;
  readonly request: Fields;
  /** Who waits for its head. */
  readonly waiters: Set<Exchange>;
  /** Once its head is there and may be shared. */
  answer?: {
    readonly selectors: readonly Selector[];
    readonly fields: Fields;
    /** Takes one more who asked the same. */
    readonly join: (exchange: Exchange) => void;
  };
}

/** What is being fetched now, by key. */
export interface Flights {
  /** The flight whose answer this request may share, as far as one can tell. */
  find(exchange: Exchange, knownNames: readonly string[], isOutdated: (flight: Flight) => boolean): Flight | undefined;
  has(key: CacheKey): boolean;
  add(key: CacheKey, flight: Flight): void;
  remove(key: CacheKey, flight: Flight): void;
}

export function createFlights(): Flights {
  const byKey = new Map<string, Set<Flight>>();
  return {
    find({ key, fields }, knownNames, isOutdated) {
      const flights = byKey.get(keyText(key));
      if (flights === undefined) return undefined;
      const names = new Set(knownNames);
      for (const { answer } of flights) for (const { name } of answer?.selectors ?? []) names.add(name);
      for (const flight of flights) {
        // What was purged in between may still be on its way there, and who asks after the purge must not get it.
        if (isOutdated(flight)) continue;
        const { answer } = flight;
        const isShared =
          answer !== undefined
            ? suits(answer.selectors, answer.fields, fields)
            : [...names].every((name) => selectingValue(name, fields) === selectingValue(name, flight.request));
        if (isShared) return flight;
      }
      return undefined;
    },
    has: (key) => byKey.has(keyText(key)),
    add(key, flight) {
      const flights = byKey.get(keyText(key));
      if (flights === undefined) byKey.set(keyText(key), new Set([flight]));
      else flights.add(flight);
    },
    remove(key, flight) {
      const flights = byKey.get(keyText(key));
      flights?.delete(flight);
      if (flights?.size === 0) byKey.delete(keyText(key));
    },
  };
}

export interface Loners {
  add(key: CacheKey, nowMs: number): void;
  has(key: CacheKey, nowMs: number): boolean;
  delete(key: CacheKey): void;
}

/**
 * Keys whose answers turned out to be for one person each: for a while nobody waits there for another's answer. Bounded, the
 * oldest forgotten first.
 */
export function createLoners(options: { readonly countMax: number; readonly forMs: number }): Loners {
  const untilMs = new Map<string, number>();
  return {
    add(key, nowMs) {
      const text = keyText(key);
      untilMs.delete(text);
      untilMs.set(text, nowMs + options.forMs);
      const [oldest] = untilMs.keys();
      if (untilMs.size > options.countMax && oldest !== undefined) untilMs.delete(oldest);
    },
    has(key, nowMs) {
      if (untilMs.size === 0) return false;
      const text = keyText(key);
      const until = untilMs.get(text);
      if (until === undefined) return false;
      // What is further off was said by a clock that has gone back since.
      if (until > nowMs && until <= nowMs + options.forMs) return true;
      untilMs.delete(text);
      return false;
    },
    delete(key) {
      untilMs.delete(keyText(key));
    },
  };
}
