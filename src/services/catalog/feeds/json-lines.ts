import { parseJsonRow, tooLarge } from './json-row.ts';
import { defaultRowLimits, FeedError, type Reading, type Readings, type RowLimits } from './record.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;

/** JSON Lines: one object a line. Empty lines are passed over. */
export async function* readJsonLines(
  chunks: AsyncIterable<Buffer>,
  limits: RowLimits = defaultRowLimits,
): AsyncGenerator<readonly Reading[]> {
  const lines = createLineSplitter(limits);
  for await (const chunk of chunks) {
    const rows = lines.push(chunk);
    if (rows.length > 0) yield rows;
  }
  yield* lines.end();
}

readJsonLines satisfies (chunks: AsyncIterable<Buffer>) => Readings;

function createLineSplitter({ rowBytesMax }: RowLimits) {
  let held: Buffer = Buffer.alloc(0);
  let line = 1;
  let byte = 0;
  /** Inside a line that is too large: its bytes are dropped up to its end. */
  let isDropping = false;

  function row(bytes: Buffer): Reading | undefined {
    const length = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    const plain = bytes.subarray(0, length);
    return isBlank(plain) ? undefined : parseJsonRow(plain, line, byte);
  }

  return {
    push(chunk: Buffer): Reading[] {
      const rows: Reading[] = [];
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      let at = 0;
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, at)) {
        if (isDropping) isDropping = false;
        else {
          const found = row(bytes.subarray(at, end));
          if (found !== undefined) rows.push(found);
        }
        byte += end + 1 - at;
        at = end + 1;
        line++;
      }
      held = bytes.subarray(at);
      if (held.length > rowBytesMax) {
        if (!isDropping) rows.push(tooLarge(line, byte, rowBytesMax));
        isDropping = true;
      }
      if (isDropping) {
        byte += held.length;
        held = Buffer.alloc(0);
      }
      return rows;
    },
    *end(): Generator<Reading[]> {
      const last = isDropping ? undefined : row(held);
      if (last === undefined) return;
      if (last.kind === 'refused' && last.reason === 'syntax') {
        throw new FeedError(`The file ends in the middle of line ${line}: it was cut off. Fetch it again.`);
      }
      yield [last];
    },
  };
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09);
}
