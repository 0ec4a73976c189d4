import { type CacheControl, deltaSeconds, deltaSecondsMax } from './cache-control.ts';
import { type Fields, fieldValue, firstLine, hasField, listOf } from './fields.ts';
import { parseHttpDate } from './http-date.ts';

/** When a request was sent upstream and when the head of its answer came, by this process's clock. */
export interface Times {
  readonly requestAtMs: number;
  readonly responseAtMs: number;
}

/** Age of an answer when it came, in seconds (RFC 9111, 4.2.3). */
export function initialAgeS(fields: Fields, { requestAtMs, responseAtMs }: Times): number {
  const dateMs = parseHttpDate(firstLine(fields, 'date'), responseAtMs);
  const apparentAgeS = dateMs === undefined ? 0 : Math.max(0, (responseAtMs - dateMs) / 1000);
  // Never below zero: the clock may have been set back in between.
  const delayS = Math.max(0, (responseAtMs - requestAtMs) / 1000);
  return Math.max(apparentAgeS, ageOf(fields) + delayS);
}

/** The first member of `Age`; what is no number is as good as no field (RFC 9111, 5.1). */
function ageOf(fields: Fields): number {
  return deltaSeconds(listOf(fieldValue(fields, 'age'))[0]) ?? 0;
}

export interface LifetimeRules {
  /** The part of its time since `Last-Modified` for which an answer without any lifetime is taken to be fresh; 0 for none. */
  readonly heuristicFraction: number;
  readonly heuristicMaxS: number;
}

/** How long the origin said that an answer is fresh, in seconds; undefined if it did not say (RFC 9111, 4.2.1). */
export function explicitLifetimeS(
  fields: Fields,
  control: CacheControl,
  isTargeted: boolean,
  responseAtMs: number,
): number | undefined {
  const said = control.sMaxAgeS ?? control.maxAgeS;
  if (said !== undefined) return said;
  // Who speaks to this cache alone has the say alone (RFC 9213, 2.2).
  if (isTargeted || !hasField(fields, 'expires')) return undefined;
  const expiresMs = parseHttpDate(firstLine(fields, 'expires'), responseAtMs);
  if (expiresMs === undefined) return 0;
  const dateMs = parseHttpDate(firstLine(fields, 'date'), responseAtMs) ?? responseAtMs;
  return Math.min(deltaSecondsMax, Math.max(0, (expiresMs - dateMs) / 1000));
}

/** For an answer that says nothing of its lifetime (RFC 9111, 4.2.2); undefined if it gives no ground to guess. */
export function heuristicLifetimeS(fields: Fields, responseAtMs: number, rules: LifetimeRules): number | undefined {
  const modifiedMs = parseHttpDate(firstLine(fields, 'last-modified'), responseAtMs);
  if (modifiedMs === undefined || rules.heuristicFraction === 0) return undefined;
  const dateMs = parseHttpDate(firstLine(fields, 'date'), responseAtMs) ?? responseAtMs;
  return Math.min(rules.heuristicMaxS, Math.max(0, ((dateMs - modifiedMs) / 1000) * rules.heuristicFraction));
}
