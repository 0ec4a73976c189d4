import { htmlToText } from './html.ts';
import { type FeedRecord, quoted, type RefusalReason } from './record.ts';
import { longHash } from './slug.ts';

export type Scalar = string | number | boolean;
/** What a rule makes of a row: nothing, one value, or a list. */
export type Value = Scalar | readonly Scalar[] | undefined;

/** A row on its way to a product: what it says, and what is found wrong with it. */
export interface Row {
  readonly record: FeedRecord;
  /** The file's name without endings. */
  readonly file: string;
  /** Of the row's content; for rows that have no key of their own. */
  readonly hash: string;
  /** Columns that the mapping computes. */
  readonly computed: Map<string, Value>;
  fault: { readonly reason: RefusalReason; readonly detail: string } | undefined;
  readonly notes: string[];
}

export function beginRow(record: FeedRecord, file: string, content: () => string): Row {
  let hash: string | undefined;
  return {
    record,
    file,
    get hash() {
      hash ??= longHash(content());
      return hash;
    },
    computed: new Map(),
    fault: undefined,
    notes: [],
  };
}

/** The first thing that is wrong with a row is what its report says. */
export function refuseRow(row: Row, reason: RefusalReason, detail: string): undefined {
  row.fault ??= { reason, detail };
  return undefined;
}

/** Where a value comes from: a column, a JSON pointer (RFC 6901), or something about the row itself. */
export type Ref =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'pointer'; readonly text: string; readonly path: readonly string[] }
  | { readonly kind: 'file' | 'line' | 'hash' };

export interface Template {
  readonly kind: 'template';
  readonly parts: readonly (string | { readonly ref: Ref; readonly isOptional: boolean })[];
}

/** `price`, `/dimensions/0`, `$file`. Undefined for a word with `$` that means nothing. */
export function parseRef(text: string): Ref | undefined {
  if (text === '$file' || text === '$line' || text === '$hash') return { kind: text.slice(1) as 'file' };
  if (text.startsWith('$')) return undefined;
  if (!text.startsWith('/')) return { kind: 'column', name: text };
  const path = text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return { kind: 'pointer', text, path };
}

/** `{supplier}-{name}`; `{size?}` may be missing. Undefined where a brace is open or its word means nothing. */
export function parseTemplate(text: string): Template | undefined {
  const parts: Template['parts'][number][] = [];
  const isWhole = text.replace(/\{([^{}]+)\}|([^{}]+)/g, (_, column: string | undefined, words: string) => {
    if (column === undefined) parts.push(words);
    else {
      const isOptional = column.endsWith('?');
      const ref = parseRef(isOptional ? column.slice(0, -1) : column);
      if (ref !== undefined) parts.push({ ref, isOptional });
      else return 'unknown';
    }
    return '';
  });
  return isWhole === '' ? { kind: 'template', parts } : undefined;
}

export interface ValueRule {
  /** The first that is not empty counts. */
  readonly sources: readonly (Ref | Template | { readonly kind: 'constant'; readonly value: Scalar })[];
  /** Texts that mean nothing. */
  readonly empty: ReadonlySet<string>;
  readonly split: string | undefined;
  readonly isHtml: boolean;
  /** What it finds is the value: its first group, or all of it. What it does not find is empty. */
  readonly match: RegExp | undefined;
  /** `snake_case` as words. */
  readonly asWords: boolean;
  readonly map: ReadonlyMap<string, Scalar> | undefined;
  readonly otherwise: 'keep' | 'empty' | 'refuse';
  readonly lengthMax: number | undefined;
  readonly default: Scalar | undefined;
}

/** Takes what its sources give as it is. */
export const plainRule: Omit<ValueRule, 'sources'> = {
  empty: new Set(),
  split: undefined,
  isHtml: false,
  match: undefined,
  asWords: false,
  map: undefined,
  otherwise: 'keep',
  lengthMax: undefined,
  default: undefined,
};

export function evaluate(rule: ValueRule, row: Row): Value {
  for (const source of rule.sources) {
    const found = source.kind === 'constant' ? source.value : read(source, row);
    const value = refine(rule, found, row);
    if (value !== undefined) return value;
  }
  return rule.default;
}

/** One text, or undefined. Of a list, its elements separated by commas. */
export function evaluateText(rule: ValueRule, row: Row): string | undefined {
  const value = evaluate(rule, row);
  if (value === undefined) return undefined;
  return typeof value === 'object' ? value.join(', ') : String(value);
}

export function evaluateList(rule: ValueRule, row: Row): readonly Scalar[] {
  const value = evaluate(rule, row);
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [value];
}

export function readRef(ref: Ref, row: Row): unknown {
  switch (ref.kind) {
    case 'file':
      return row.file;
    case 'line':
      return row.record.line;
    case 'hash':
      return row.hash;
    case 'pointer':
      return walk(row.record.values, ref.path);
    case 'column':
      return row.computed.has(ref.name) ? row.computed.get(ref.name) : own(row.record.values, ref.name);
  }
}

export function refName(ref: Ref): string {
  if (ref.kind === 'column') return ref.name;
  return ref.kind === 'pointer' ? ref.text : `$${ref.kind}`;
}

function walk(from: unknown, path: readonly string[]): unknown {
  let at = from;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = own(at, part);
  }
  return at;
}

function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

function read(source: Ref | Template, row: Row): unknown {
  if (source.kind !== 'template') return readRef(source, row);
  let text = '';
  for (const part of source.parts) {
    if (typeof part === 'string') text += part;
    else {
      const value = readRef(part.ref, row);
      const isMissing = value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
      // With what must be there missing, the whole says nothing.
      if (isMissing && !part.isOptional) return undefined;
      if (!isMissing) text += Array.isArray(value) ? value.join(' ') : String(value);
    }
  }
  return text.trim();
}

/** What a rule does to a value that it found. */
export function refine(rule: Omit<ValueRule, 'sources'>, found: unknown, row: Row): Value {
  if (found === undefined || found === null) return undefined;
  const parts = Array.isArray(found)
    ? found
    : rule.split !== undefined && typeof found === 'string'
      ? found.split(rule.split)
      : undefined;
  if (parts === undefined) return refineOne(rule, found, row);
  const values = parts.map((part) => refineOne(rule, part, row)).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : values;
}

function refineOne(rule: Omit<ValueRule, 'sources'>, found: unknown, row: Row): Scalar | undefined {
  if (found === undefined || found === null) return undefined;
  if (typeof found === 'object') return refuseRow(row, 'value', 'has an object where a text or a number is expected');
  let value = found as Scalar;
  if (typeof value === 'string') {
    value = (rule.isHtml ? htmlToText(value) : value).trim();
    if (value === '' || rule.empty.has(value)) return undefined;
  }
  if (rule.match !== undefined) {
    const match = rule.match.exec(String(value));
    if (match === null) return undefined;
    value = (match[1] ?? match[0]).trim();
  }
  if (rule.asWords && typeof value === 'string') value = words(value);
  if (rule.map !== undefined) {
    const mapped = rule.map.get(String(value));
    if (mapped !== undefined) value = mapped;
    else if (rule.otherwise === 'empty') return undefined;
    else if (rule.otherwise === 'refuse')
      return refuseRow(row, 'value', `has the unknown value ${quoted(String(value))}`);
  }
  if (rule.lengthMax !== undefined && typeof value === 'string' && value.length > rule.lengthMax) {
    value = `${value.slice(0, rule.lengthMax - 1).trimEnd()}…`;
  }
  return value === '' ? undefined : value;
}

/** `noise_level__dB_` is `noise level dB`. */
export function words(name: string): string {
  return name.replace(/[_\s]+/g, ' ').trim();
}
