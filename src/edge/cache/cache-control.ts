import { parseDictionary } from 'structured-headers';
import { type Fields, fieldValue, listOf } from './fields.ts';

/** What `Cache-Control`, or a header that stands in for it, says. Durations in seconds. */
export interface CacheControl {
  readonly isNoStore: boolean;
  /** Unqualified: the whole answer must be validated before each use. */
  readonly isNoCache: boolean;
  /** `no-cache="a"` and `private="a"`: fields that must not be given to others from the store. */
  readonly withheldFields: readonly string[];
  readonly isPrivate: boolean;
  readonly isPublic: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly isNoTransform: boolean;
  readonly onlyIfCached: boolean;
  readonly maxAgeS?: number;
  readonly sMaxAgeS?: number;
  readonly staleWhileRevalidateS?: number;
  readonly staleIfErrorS?: number;
  readonly minFreshS?: number;
  /** Infinity for `max-stale` without a value. */
  readonly maxStaleS?: number;
}

/** RFC 9111, 1.2.2: a larger value means this one. */
export const deltaSecondsMax = 2 ** 31;

/** A header of requests or answers, its lines joined; without it nothing is said. */
export function parseCacheControl(value: string | undefined): CacheControl {
  return value === undefined ? nothingSaid : fromDirectives(directivesOf(value));
}

/**
 * What holds for a shared cache: the first of the headers meant for it that is there and valid (RFC 9213), which then speaks
 * alone, else `Cache-Control`. Without a name it is none that they are meant for: they go by, to the CDN before it.
 */
export function cacheControlOf(
  fields: Fields,
  surrogateName: string | undefined,
): { control: CacheControl; isTargeted: boolean } {
  const targeted =
    surrogateName === undefined
      ? undefined
      : (parseTargeted(fieldValue(fields, 'cdn-cache-control')) ??
        parseSurrogate(fieldValue(fields, 'surrogate-control'), surrogateName));
  if (targeted !== undefined) return { control: targeted, isTargeted: true };
  return { control: parseCacheControl(fieldValue(fields, 'cache-control')), isTargeted: false };
}

const nothingSaid = fromDirectives(new Map());

type Directives = ReadonlyMap<string, readonly (string | undefined)[]>;

// A name, and what follows a `=` that touches it: a quoted string, or a token. What is malformed up to the next comma is one
// directive that nobody knows. Linear: each alternative starts with another character.
const directive = /([^\s,="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?([^,]*)(?:,|$)/gy;

/** All values of each directive in their order, by its name in lower case. */
export function directivesOf(value: string): Directives {
  const directives = new Map<string, (string | undefined)[]>();
  let at = 0;
  while (at < value.length) {
    directive.lastIndex = at;
    const found = directive.exec(value);
    if (found === null || found.index !== at) {
      at += 1;
      continue;
    }
    at = directive.lastIndex;
    const [, name = '', quoted, token, rest = ''] = found;
    // `max-age =3600`, `max-age= 3600`, `max-age="1"x`: there, but with no value that may be relied on.
    const isSound = rest.trim() === '';
    const given = quoted?.replace(/\\(.)/g, '$1') ?? token;
    const known = directives.get(name.toLowerCase());
    const said = isSound ? given : '';
    if (known === undefined) directives.set(name.toLowerCase(), [said]);
    else known.push(said);
  }
  return directives;
}

function fromDirectives(directives: Directives): CacheControl {
  const says = (name: string) => directives.has(name);
  // Of several values the first holds (RFC 9111, 4.2.1). One that is no number of seconds makes the answer stale.
  const seconds = (name: string): number | undefined =>
    directives.has(name) ? (deltaSeconds(directives.get(name)?.[0]) ?? 0) : undefined;
  const qualifiedBy = (name: string) =>
    (directives.get(name) ?? []).flatMap((value) => listOf(value).map((field) => field.toLowerCase()));
  const isWhole = (name: string) => (directives.get(name) ?? []).some((value) => listOf(value).length === 0);
  const maxStale = directives.get('max-stale');
  return {
    isNoStore: says('no-store'),
    isNoCache: isWhole('no-cache'),
    withheldFields: [...qualifiedBy('no-cache'), ...qualifiedBy('private')],
    isPrivate: isWhole('private'),
    isPublic: says('public'),
    mustRevalidate: says('must-revalidate'),
    proxyRevalidate: says('proxy-revalidate'),
    mustUnderstand: says('must-understand'),
    isNoTransform: says('no-transform'),
    onlyIfCached: says('only-if-cached'),
    ...optional('maxAgeS', seconds('max-age')),
    ...optional('sMaxAgeS', seconds('s-maxage')),
    ...optional('staleWhileRevalidateS', seconds('stale-while-revalidate')),
    ...optional('staleIfErrorS', seconds('stale-if-error')),
    ...optional('minFreshS', seconds('min-fresh')),
    ...(maxStale !== undefined && {
      maxStaleS: maxStale[0] === undefined ? Number.POSITIVE_INFINITY : (deltaSeconds(maxStale[0]) ?? 0),
    }),
  };
}

function optional<K extends string>(key: K, value: number | undefined): { [Key in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [Key in K]?: number });
}

/** Undefined for what is no number of seconds. */
export function deltaSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  // Only so many digits can matter, and `Number` of a very long text is slow.
  return text.length > 30 ? deltaSecondsMax : Math.min(Number(text), deltaSecondsMax);
}

const booleans = new Set([
  'no-store',
  'no-cache',
  'private',
  'public',
  'must-revalidate',
  'proxy-revalidate',
  'must-understand',
  'no-transform',
  'immutable',
]);
const durations = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error']);

/**
 * RFC 9213: a dictionary of structured fields (RFC 9651). One that is not valid, is empty, or gives a known directive a value
 * of another type is not there at all.
 */
function parseTargeted(value: string | undefined): CacheControl | undefined {
  if (value === undefined) return undefined;
  let dictionary: ReturnType<typeof parseDictionary>;
  try {
    dictionary = parseDictionary(value);
  } catch {
    return undefined;
  }
  const written = valuesAsWritten(value);
  const directives = new Map<string, (string | undefined)[]>();
  for (const [name, [given]] of dictionary) {
    if (given === false && booleans.has(name)) continue;
    if (durations.has(name)) {
      const seconds = written.get(name);
      if (deltaSeconds(seconds) === undefined) return undefined;
      directives.set(name, [seconds]);
    } else if (booleans.has(name)) {
      if (given !== true && !((name === 'no-cache' || name === 'private') && typeof given === 'string'))
        return undefined;
      directives.set(name, [typeof given === 'string' ? given : undefined]);
    }
  }
  return dictionary.size === 0 ? undefined : fromDirectives(directives);
}

/** The values of a valid dictionary as they stand there: `60.0` is a Decimal and no Integer, but to JavaScript both are 60. */
function valuesAsWritten(dictionary: string): ReadonlyMap<string, string> {
  // Sticky, so that from none of a string's quotes it is read again.
  const withoutStrings = dictionary.replace(/([^"]*)"(?:[^"\\]|\\.)*"/gy, '$1""');
  return new Map(
    withoutStrings.split(',').map((member) => {
      const [name = '', value = ''] = (member.split(';', 1)[0] ?? '').split('=');
      return [name.trim(), value.trim()];
    }),
  );
}

/**
 * `Surrogate-Control` of the Edge Architecture Specification 1.0: `max-age=600+30;target`, `no-store`. The 30 s are how long it
 * may be used beyond that while it is renewed. What is meant for another surrogate says nothing here.
 */
function parseSurrogate(value: string | undefined, ownName: string): CacheControl | undefined {
  if (value === undefined) return undefined;
  const directives = new Map<string, (string | undefined)[]>();
  for (const member of listOf(value)) {
    const [text = '', ...targets] = member.split(';').map((part) => part.trim());
    if (targets.length > 0 && !targets.includes(ownName)) continue;
    if (text.toLowerCase() === 'no-store') directives.set('no-store', [undefined]);
    const age = /^max-age=(\d+)(?:\+(\d+))?$/i.exec(text);
    if (age === null) continue;
    directives.set('max-age', [age[1]]);
    if (age[2] !== undefined) directives.set('stale-while-revalidate', [age[2]]);
  }
  return directives.size === 0 ? undefined : fromDirectives(directives);
}
