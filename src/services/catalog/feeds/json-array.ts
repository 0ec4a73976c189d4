import { parseJsonRow, tooLarge } from './json-row.ts';
import { defaultRowLimits, FeedError, type Reading, type Readings, type RefusedRow, type RowLimits } from './record.ts';

/**
 * A JSON array of objects, split into its elements without ever holding more than one of them. Brackets and strings are
 * followed here; whether an element is JSON is `JSON.parse`'s to say, element by element, so that a bad one costs itself
 * alone. (Streaming JSON parsers from npm build every value in JavaScript, several times slower than this, and stop at
 * the first fault.)
 */
export async function* readJsonArray(
  chunks: AsyncIterable<Buffer>,
  limits: RowLimits = defaultRowLimits,
): AsyncGenerator<readonly Reading[]> {
  const splitter = createArraySplitter(limits);
  for await (const chunk of chunks) {
    const rows = splitter.push(chunk);
    if (rows.length > 0) yield rows;
  }
  splitter.end();
}

readJsonArray satisfies (chunks: AsyncIterable<Buffer>) => Readings;

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;

export function createArraySplitter({ rowBytesMax }: RowLimits) {
  /**
   *   before ──[──▶ between ──any byte──▶ inside ──, at depth 0──▶ between
   *                    └────]────▶ after ◀────] at depth 0────┘
   */
  let state: 'before' | 'between' | 'inside' | 'after' = 'before';
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  let line = 1;
  let byte = 0;
  /** Of the element that is being read. */
  let parts: Buffer[] = [];
  let partsBytes = 0;
  let startLine = 1;
  let startByte = 0;
  /** Where the element begins within the present chunk. */
  let from = 0;
  let elementCount = 0;
  let hasComma = false;

  function begin(code: number, at: number): void {
    state = 'inside';
    from = at;
    startLine = line;
    startByte = byte;
    depth = code === 0x7b || code === 0x5b ? 1 : 0;
    isInString = code === quote;
    isEscaped = false;
  }

  function finish(rows: Reading[]): void {
    // Whatever was held of a row over the limit was dropped when it went over.
    if (partsBytes > rowBytesMax) rows.push(tooLarge(startLine, startByte, rowBytesMax));
    else
      rows.push(parseJsonRow(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts), startLine, startByte));
    elementCount++;
    parts = [];
    partsBytes = 0;
  }

  function keep(part: Buffer): void {
    partsBytes += part.length;
    if (partsBytes > rowBytesMax) parts = [];
    else if (part.length > 0) parts.push(part);
  }

  function syntax(detail: string): RefusedRow {
    return { kind: 'refused', line, byte, reason: 'syntax', detail };
  }

  return {
    push(chunk: Buffer): Reading[] {
      const rows: Reading[] = [];
      from = 0;
      for (let at = 0; at < chunk.length; at++, byte++) {
        const code = chunk[at] as number;
        if (code === newline) line++;

        if (state === 'inside') {
          if (isInString) {
            if (isEscaped) isEscaped = false;
            else if (code === backslash) isEscaped = true;
            // JSON has no line break within a string. Ending the string here keeps a forgotten quote from swallowing the rest.
            else if (code === quote || code === newline) isInString = false;
            continue;
          }
          if (code === quote) isInString = true;
          else if (code === 0x7b && depth === 0) {
            // An object that begins where one has just ended.
            keep(chunk.subarray(from, at));
            finish(rows);
            rows.push(syntax('a comma is missing before this element'));
            begin(code, at);
          } else if (code === 0x7b || code === 0x5b) depth++;
          else if ((code === 0x7d || code === 0x5d) && depth > 0) depth--;
          else if (depth === 0 && (code === 0x2c || code === 0x5d)) {
            keep(chunk.subarray(from, at));
            finish(rows);
            hasComma = code === 0x2c;
            state = hasComma ? 'between' : 'after';
          }
          continue;
        }

        if (code === 0x20 || code === 0x09 || code === newline || code === 0x0d) continue;
        if (state === 'before') {
          if (code !== 0x5b) throw new FeedError(`Line ${line}: the file is not a JSON array, which begins with “[”.`);
          state = 'between';
        } else if (state === 'after') {
          throw new FeedError(`Line ${line}: something follows the end of the JSON array.`);
        } else if (code === 0x2c) {
          rows.push(syntax('an element is missing between two commas'));
          hasComma = true;
        } else if (code === 0x5d) {
          if (hasComma) rows.push(syntax('a comma stands after the last element'));
          state = 'after';
        } else {
          begin(code, at);
        }
      }
      if (state === 'inside') keep(chunk.subarray(from));
      return rows;
    },
    end(): void {
      if (state === 'after') return;
      if (state === 'before') throw new FeedError('The file is empty.');
      const where = state === 'inside' ? `in the element that begins on line ${startLine}` : `on line ${line}`;
      throw new FeedError(
        `The JSON array is not closed: the file ends ${where}, after ${elementCount} elements. It was cut off; fetch it again.`,
      );
    },
  };
}
