import { dirname, join } from 'node:path';
import { readDelimited } from './delimited.ts';
import { readJsonArray } from './json-array.ts';
import { readJsonLines } from './json-lines.ts';
import { createMappedMapper } from './mapped.ts';
import type { Mapper } from './mapper.ts';
import type { Lookup, Mapping } from './mapping.ts';
import { createMerchantMapper, isMerchant } from './merchant.ts';
import { readMerchantXml } from './merchant-xml.ts';
import { createNativeMapper } from './native.ts';
import { FeedError, type FeedRecord, quoted, type Reading, type Readings } from './record.ts';
import { createShopifyMapper, isShopify } from './shopify.ts';
import { openSource, peek, type Source, sourceTitle } from './source.ts';

export const feedFormats = ['onrush', 'shopify', 'merchant', 'csv', 'tsv', 'json', 'jsonl'] as const;
export type FeedFormat = (typeof feedFormats)[number];

export interface OpenFeed {
  readonly source: Source;
  readonly readings: Readings;
  readonly mapper: Mapper;
}

export interface FeedOptions {
  /** What the feed is; told from its beginning where this says nothing. */
  readonly format: FeedFormat | undefined;
  readonly mapping: Mapping | undefined;
  /** Of prices that do not say their own: overrides the mapping's. */
  readonly currency: string | undefined;
  readonly shopCurrency: string;
  readonly nowMs: number;
  readonly stdin: AsyncIterable<Buffer>;
}

/** Opens a file or standard input (`-`), finds out what it is, and what makes products of it. */
export async function openFeed(name: string, options: FeedOptions): Promise<OpenFeed> {
  const source = await openSource(name, options.stdin);
  const { head, chunks } = await peek(source.chunks, 64 * 1024);
  if (head.length === 0) await assertReadsOn(chunks);
  const container = containerOf(head, options, name);
  const currency = options.currency ?? options.mapping?.currency ?? options.shopCurrency;
  const mapped = options.mapping && createMappedMapper(options.mapping, { currency });
  if (options.mapping !== undefined) await loadLookups(options.mapping, name);
  mapped?.checkFile?.(source);

  switch (container.kind) {
    case 'xml':
      return { source, readings: readMerchantXml(chunks), mapper: mapped ?? merchant() };
    case 'json':
      return json(readJsonArray(chunks));
    case 'jsonl':
      return json(readJsonLines(chunks));
    case 'delimited': {
      const { columns, readings } = await readDelimited(chunks, { delimiter: container.delimiter });
      const mapper = mapped ?? delimitedMapper(columns);
      mapper.checkColumns?.(columns);
      return { source, readings, mapper };
    }
  }

  function json(readings: Readings): OpenFeed {
    if (mapped !== undefined) return { source, readings, mapper: mapped };
    // Who says that it is Onrush's own wants to know what is wrong with each row.
    const isSaid = options.format === 'onrush';
    return { source, readings: isSaid ? readings : ownRows(readings, name), mapper: createNativeMapper() };
  }
  function merchant(): Mapper {
    return createMerchantMapper({ currency, nowMs: options.nowMs });
  }
  function delimitedMapper(columns: readonly string[]): Mapper {
    if (options.format === 'shopify' || (options.format === undefined && isShopify(columns))) {
      if (isShopify(columns)) return createShopifyMapper({ currency });
      throw new FeedError(
        `${sourceTitle(name)} lacks the columns of a Shopify product export: Handle (or URL handle) and Title.`,
      );
    }
    if (options.format === 'merchant' || (options.format === undefined && isMerchant(columns))) {
      if (isMerchant(columns)) return merchant();
      throw new FeedError(
        `${sourceTitle(name)} lacks the columns of a Merchant feed: id, title, link, price and availability.`,
      );
    }
    throw ofItsOwn(name, 'columns', columns);
  }
}

function ofItsOwn(name: string, what: 'columns' | 'fields', names: readonly string[]): FeedError {
  const known = names.slice(0, 8).map((each) => quoted(each, 30));
  return new FeedError(
    `${sourceTitle(name)} has ${what} of its own (${known.join(', ')}${names.length > 8 ? ', …' : ''}). Say with --mapping what they mean; docs/import.md shows how.`,
  );
}

/**
 * JSON in which the first rows have neither slug nor variants is no feed of Onrush's with mistakes, but one of another kind:
 * that is said once, and not of each of its rows.
 */
async function* ownRows(readings: Readings, name: string): AsyncGenerator<readonly Reading[]> {
  let isKnown = false;
  for await (const some of readings) {
    const records: FeedRecord[] = isKnown ? [] : some.filter((reading) => reading.kind === 'record');
    const [first] = records;
    if (first !== undefined) {
      isKnown = records.some(({ values }) => Object.hasOwn(values, 'slug') || Object.hasOwn(values, 'variants'));
      if (!isKnown) throw ofItsOwn(name, 'fields', Object.keys(first.values));
    }
    yield some;
  }
}

/** Nothing came: if that is because of an error, it is the error that says why. */
async function assertReadsOn(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of chunks) return;
}

type Container =
  | { readonly kind: 'xml' | 'json' | 'jsonl' }
  | { readonly kind: 'delimited'; readonly delimiter: string };

/** What holds the rows: as the user or the mapping says, else as the first bytes look. */
function containerOf(head: Buffer, { format, mapping }: FeedOptions, name: string): Container {
  assertText(head, name);
  const said = mapping === undefined ? format : (format ?? mapping.format);
  switch (said) {
    case 'json':
    case 'jsonl':
      return { kind: said };
    case 'merchant-xml':
      return { kind: 'xml' };
    case 'tsv':
      return { kind: 'delimited', delimiter: '\t' };
    case 'csv':
      return { kind: 'delimited', delimiter: mapping?.delimiter ?? delimiterOf(head) };
  }
  const seen = lookAt(head, name);
  if (said === 'shopify' && seen.kind !== 'delimited') throw notA(name, 'a CSV, as a Shopify export is');
  if (said === 'merchant' && seen.kind !== 'delimited' && seen.kind !== 'xml')
    throw notA(name, 'TSV or XML, as Merchant feeds are');
  if (said === 'onrush' && seen.kind !== 'jsonl' && seen.kind !== 'json')
    throw notA(name, 'JSON Lines, as Onrush exports them');
  if (seen.kind === 'delimited' && mapping?.delimiter !== undefined)
    return { kind: 'delimited', delimiter: mapping.delimiter };
  return seen;
}

// Text has no NUL; pictures, archives and databases have one soon.
const textLookBytes = 512;

function assertText(head: Buffer, name: string): void {
  if (head.subarray(0, textLookBytes).includes(0)) {
    throw new FeedError(`${sourceTitle(name)} is not text. Save it as CSV, JSON or XML in UTF-8.`);
  }
  if (head.toString('latin1').trim() === '') throw new FeedError(`${sourceTitle(name)} is empty.`);
}

function notA(name: string, what: string): FeedError {
  return new FeedError(`${sourceTitle(name)} is not ${what}. Check --format.`);
}

function lookAt(head: Buffer, name: string): Container {
  const text = head.toString('latin1').trimStart();
  if (text.startsWith('<')) return { kind: 'xml' };
  if (text.startsWith('[')) return { kind: 'json' };
  if (text.startsWith('{')) {
    const lineEnd = text.indexOf('\n');
    if (lineEnd === -1 || isJson(text.slice(0, lineEnd)) || !/^\{\s*$/.test(text.slice(0, lineEnd)))
      return { kind: 'jsonl' };
    throw new FeedError(
      `${sourceTitle(name)} is one JSON object over several lines. Give a JSON array, or one object a line.`,
    );
  }
  return { kind: 'delimited', delimiter: delimiterOf(head) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The one that separates most in the first line, outside of quotes. */
function delimiterOf(head: Buffer): string {
  const [line = ''] = head
    .toString('latin1')
    .trimStart()
    .split(/[\r\n]/, 1);
  const bare = line.replace(/"(?:[^"]|"")*"/g, '');
  const counts = [',', '\t', ';', '|'].map((delimiter) => ({ delimiter, count: bare.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

const lookupRowsMax = 200_000;

/** Fills the tables that the mapping looks values up in, from CSV files beside the feed. */
async function loadLookups(mapping: Mapping, feedName: string): Promise<void> {
  for (const lookup of mapping.lookups) if (lookup.map.size === 0) await loadLookup(lookup, mapping, feedName);
}

async function loadLookup(lookup: Lookup, mapping: Mapping, feedName: string): Promise<void> {
  const path = join(feedName === '-' ? '.' : dirname(feedName), lookup.file);
  const source = await openSource(path, (async function* () {})()).catch((error) => {
    throw error instanceof FeedError
      ? new FeedError(`${error.message} ${mapping.name} looks values up in it: put it beside the feed.`, {
          cause: error,
        })
      : error;
  });
  const { head, chunks } = await peek(source.chunks, 64 * 1024);
  const { columns, readings } = await readDelimited(chunks, { delimiter: delimiterOf(head) });
  const missing = [lookup.from, lookup.to].find((column) => !columns.includes(column));
  if (missing !== undefined)
    throw new FeedError(`${path} has no column ${quoted(missing)}, which ${mapping.name} looks up.`);
  for await (const some of readings) {
    for (const reading of some) {
      if (reading.kind !== 'record') continue;
      const [from, to] = [reading.values[lookup.from], reading.values[lookup.to]];
      if (typeof from === 'string' && typeof to === 'string') lookup.map.set(from.trim(), to.trim());
    }
    if (lookup.map.size > lookupRowsMax) throw new FeedError(`${path} has more than ${lookupRowsMax} rows to look up.`);
  }
}
