import { withoutBlanks } from '../../platform/api/blanks.ts';

/**
 * Header fields in the order they came: name, value, name, value …, as Node's `rawHeaders`, with names in lower case. A field
 * sent on several lines is there several times.
 */
export type Fields = readonly string[];

/** Its lines joined as a list (RFC 9110, 5.3); undefined if it is not there. */
export function fieldValue(fields: Fields, name: string): string | undefined {
  let value: string | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at] === name) value = value === undefined ? fields[at + 1] : `${value}, ${fields[at + 1]}`;
  }
  return value;
}

/** Of its first line. */
export function firstLine(fields: Fields, name: string): string | undefined {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1];
  return undefined;
}

export function hasField(fields: Fields, name: string): boolean {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return true;
  return false;
}

export function without(fields: Fields, names: { has(name: string): boolean }): string[] {
  const left: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    if (!names.has(name)) left.push(name, fields[at + 1] ?? '');
  }
  return left;
}

/** With these in place of those of the same names. */
export function replaced(fields: Fields, by: Fields): string[] {
  const names = new Set<string>();
  for (let at = 0; at < by.length; at += 2) names.add(by[at] ?? '');
  return [...without(fields, names), ...by];
}

/** `rawHeaders` of Node or undici as Fields. */
export function toFields(raw: readonly (string | Buffer)[]): string[] {
  return raw.map((part, at) => {
    const text = typeof part === 'string' ? part : part.toString('latin1');
    return at % 2 === 0 ? text.toLowerCase() : text;
  });
}

// RFC 9110, 7.6.1, and what older software sends. Each is between two neighbours, never for who is behind them.
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

// Were one of these named in `Connection`, a client could have the request's meaning cut out on the way.
const neverHopByHop = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'cache-control',
  'authorization',
  'cookie',
  'date',
]);

/** Without what is meant for the next neighbour only, be it by name or because `Connection` lists it. */
export function endToEnd(fields: Fields): string[] {
  const names = new Set(hopByHop);
  for (const name of listOf(fieldValue(fields, 'connection'))) {
    if (!neverHopByHop.has(name.toLowerCase())) names.add(name.toLowerCase());
  }
  return without(fields, names);
}

/** Members of a comma list of tokens, without empty ones. */
export function listOf(value: string | undefined): string[] {
  if (value === undefined) return [];
  return value
    .split(',')
    .map(withoutBlanks)
    .filter((member) => member !== '');
}
