import { isUtf8 } from 'node:buffer';
import { type Options, type Parser, parse } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';
import { notUtf8, tooLarge } from './json-row.ts';
import { FeedError, quoted, type Reading, type RowLimits } from './record.ts';

export interface DelimitedFeed {
  readonly columns: readonly string[];
  readonly readings: AsyncIterable<readonly Reading[]>;
}

export interface DelimitedOptions {
  readonly delimiter: string;
  readonly limits?: RowLimits;
}

/** Smaller than for JSON: it is also how far an unclosed quote is followed before its line is given up. */
const defaultLimits: RowLimits = { rowBytesMax: 2 * 1024 * 1024 };

/**
 * CSV, TSV and their kin. The fields are csv-parse's work; this keeps the bytes of the row that is being read, so that every
 * row knows its line and its bytes, and so that a quote that is never closed costs its own line and not the rest of the
 * file: the reading begins anew on the line after it.
 */
export async function readDelimited(chunks: AsyncIterable<Buffer>, options: DelimitedOptions): Promise<DelimitedFeed> {
  const rows = readRows(chunks, options);
  const ahead: Reading[] = [];
  let columns: readonly string[] | undefined;
  while (columns === undefined) {
    const next = await rows.next();
    if (next.done) throw new FeedError('The file is empty: it has no line of column names.');
    for (const row of next.value) {
      if (columns !== undefined) ahead.push(asRecord(row, columns));
      else if (row.kind === 'fields') columns = columnNames(row.fields);
      else throw new FeedError(`Line ${row.line}, which should name the columns, ${row.detail}.`);
    }
  }
  const known = columns;
  async function* readings() {
    if (ahead.length > 0) yield ahead;
    for await (const some of rows) yield some.map((row) => asRecord(row, known));
  }
  return { columns: known, readings: readings() };
}

interface FieldsRow {
  readonly kind: 'fields';
  readonly line: number;
  readonly byte: number;
  readonly fields: readonly string[];
}
type Row = FieldsRow | Exclude<Reading, { kind: 'record' }>;

function columnNames(fields: readonly string[]): string[] {
  const names = fields.map((field) => field.trim());
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice !== undefined) throw new FeedError(`Two columns are named ${quoted(twice)}. Rename one of them.`);
  return names;
}

function asRecord(row: Row, columns: readonly string[]): Reading {
  if (row.kind !== 'fields') return row;
  const { line, byte, fields } = row;
  // Spreadsheets leave empty fields behind at the end of a row: nothing is lost with them.
  const extra = fields.slice(columns.length);
  if (fields.length < columns.length || extra.some((field) => field !== '')) {
    const detail = `has ${fields.length} fields where the first line names ${columns.length} columns`;
    return { kind: 'refused', line, byte, reason: 'columns', detail };
  }
  // A record is a plain object, but `__proto__` as a column must stay a column.
  const values: Record<string, unknown> = Object.create(null);
  for (let index = 0; index < columns.length; index++) values[columns[index] as string] = fields[index];
  return { kind: 'record', line, byte, values };
}

async function* readRows(
  chunks: AsyncIterable<Buffer>,
  { delimiter, limits = defaultLimits }: DelimitedOptions,
): AsyncGenerator<readonly Row[]> {
  const reader = createRowReader(delimiter, limits);
  for await (const chunk of chunks) {
    const rows = await reader.push(chunk);
    if (rows.length > 0) yield rows;
  }
  const rows = await reader.end();
  if (rows.length > 0) yield rows;
}

// All three at once: files that were edited on several systems have several.
const lineEnds = ['\r\n', '\n', '\r'];

function createRowReader(delimiter: string, { rowBytesMax }: RowLimits) {
  const shared: Options = {
    delimiter,
    record_delimiter: lineEnds,
    relax_column_count: true,
    skip_empty_lines: true,
  };
  /** Bytes given to the parser since the end of the last complete row. */
  let held: Buffer = Buffer.alloc(0);
  /** Where `held` begins. */
  let heldLine = 1;
  let heldByte = 0;
  /** How many bytes the present parser had been given before `held`. */
  let parsedBytes = 0;
  let found: { fields: string[]; endByte: number }[] = [];
  let fault: string | undefined;
  let columnCount: number | undefined;
  /** Within a line that is too large: its bytes are dropped up to its end. */
  let isDropping = false;
  let parser = newParser();

  function newParser(): Parser {
    found = [];
    fault = undefined;
    parsedBytes = 0;
    return parse({
      ...shared,
      skip_records_with_error: true,
      on_skip: (error) => {
        fault ??= error?.code ?? 'CSV';
        return undefined;
      },
      on_record: (fields: string[], { bytes }) => {
        // What comes after a fault was read in the wrong state: it is read again.
        if (fault === undefined) found.push({ fields, endByte: bytes });
        return null;
      },
    });
  }

  /** Feeds the parser; resolves when it has looked at all of it. */
  function feed(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => parser.write(bytes, (error) => (error ? reject(error) : resolve())));
  }

  /** Takes the complete rows out of `held`. */
  function takeFound(rows: Row[]): void {
    let from = 0;
    const isValid = found.length === 0 || isUtf8(held.subarray(0, (found.at(-1)?.endByte ?? 0) - parsedBytes));
    for (const { fields, endByte } of found) {
      const end = endByte - parsedBytes;
      const start = skipLineEnds(from, end);
      if (!isValid && !isUtf8(held.subarray(start, end))) rows.push(notUtf8(heldLine, heldByte + start - from));
      else rows.push({ kind: 'fields', line: heldLine, byte: heldByte + start - from, fields });
      columnCount ??= fields.length;
      heldLine += lineCount(held, start, end);
      heldByte += end - from;
      from = end;
    }
    parsedBytes += from;
    held = held.subarray(from);
    found = [];
  }

  /** Empty lines before a row belong to no row; they count as lines. */
  function skipLineEnds(from: number, end: number): number {
    let at = from;
    while (at < end && (held[at] === 0x0a || held[at] === 0x0d)) at++;
    heldLine += lineCount(held, from, at);
    return at;
  }

  /**
   * The first line of `held` cannot be read as the beginning of a row. Says so, or takes it as it stands where its quotes
   * are only text (`15" monitor`), and begins anew after it.
   */
  function dropLine(rows: Row[], length: number): Buffer {
    const line = held.subarray(0, length);
    if (length > rowBytesMax) rows.push(tooLarge(heldLine, heldByte, rowBytesMax));
    else rows.push(...readLeniently(line, heldLine, heldByte));
    heldLine += isDropping ? 1 : lineCount(line, 0, length);
    heldByte += length;
    return held.subarray(length);
  }

  function readLeniently(line: Buffer, lineNumber: number, byte: number): Row[] {
    const at = { line: lineNumber, byte };
    if (!isUtf8(line)) return [notUtf8(lineNumber, byte)];
    const fields = relaxed(line);
    if (fields === undefined || columnCount === undefined || fields.length !== columnCount) {
      return [{ kind: 'refused', ...at, reason: 'syntax', detail: 'has a quote that is not closed or not doubled' }];
    }
    return [
      { kind: 'fields', ...at, fields },
      { kind: 'note', ...at, detail: 'a quote within a field is taken as text' },
    ];
  }

  function relaxed(line: Buffer): string[] | undefined {
    try {
      const [fields] = parseAtOnce(line, { ...shared, relax_quotes: true }) as unknown as string[][];
      return fields;
    } catch {
      return undefined;
    }
  }

  /** Reads on until the parser has no complaint about what is left, or until the line it complains of is there in full. */
  async function settle(rows: Row[], isEnd: boolean): Promise<void> {
    for (;;) {
      takeFound(rows);
      const isOversized = held.length > rowBytesMax;
      if ((fault === undefined && !isOversized) || held.length === 0) return;
      const start = skipLineEnds(0, held.length);
      heldByte += start;
      held = held.subarray(start);
      const length = lineLength(held, isEnd);
      if (length === undefined && !isOversized) return;
      isDropping = length === undefined;
      await beginAnew(dropLine(rows, length ?? held.length));
      if (isEnd) await endParser();
    }
  }

  async function beginAnew(rest: Buffer): Promise<void> {
    parser.destroy();
    parser = newParser();
    held = rest;
    if (rest.length > 0) await feed(rest);
  }

  async function endParser(): Promise<void> {
    await new Promise<void>((resolve) => {
      parser.once('error', () => {
        fault ??= 'CSV';
        resolve();
      });
      parser.end(() => resolve());
    });
  }

  /** What of a chunk comes after the line that is being dropped. */
  function afterDropped(chunk: Buffer): Buffer {
    const length = lineLength(chunk, false);
    if (length !== undefined) isDropping = false;
    heldByte += length ?? chunk.length;
    return chunk.subarray(length ?? chunk.length);
  }

  return {
    async push(chunk: Buffer): Promise<Row[]> {
      const rows: Row[] = [];
      const fresh = isDropping ? afterDropped(chunk) : chunk;
      held = held.length === 0 ? fresh : Buffer.concat([held, fresh]);
      if (fault === undefined && fresh.length > 0) await feed(fresh);
      await settle(rows, false);
      return rows;
    },
    async end(): Promise<Row[]> {
      const rows: Row[] = [];
      if (fault === undefined) await endParser();
      // The last row may lack its line end.
      await settle(rows, true);
      return rows;
    },
  };
}

/** `\r\n`, `\n` and a lone `\r` end a line. */
function lineCount(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    if (bytes[at] === 0x0a) count++;
    else if (bytes[at] === 0x0d && bytes[at + 1] !== 0x0a) count++;
  }
  return count;
}

/** How long the first line is, its end included; undefined while its end is still to come. */
function lineLength(bytes: Buffer, isEnd: boolean): number | undefined {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 0x0a) return at + 1;
    // A `\r` that comes last may have its `\n` in the next chunk.
    if (bytes[at] === 0x0d && bytes[at + 1] !== 0x0a && (at + 1 < bytes.length || isEnd)) return at + 1;
  }
  return isEnd ? bytes.length : undefined;
}
