/** One row of a feed as it was written, with the place where it stands. */
export interface FeedRecord {
  readonly kind: 'record';
  /** The first line of the row, from 1. */
  readonly line: number;
  /** Where the row begins, in bytes of the uncompressed file. */
  readonly byte: number;
  /** By column name, JSON field or XML element. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Why a row was not taken. A closed list, so that a summary of a million rows stays a few lines. */
export type RefusalReason =
  | 'encoding'
  | 'syntax'
  | 'columns'
  | 'too-large'
  | 'missing'
  | 'value'
  | 'key-taken'
  | 'shop';

export interface RefusedRow {
  readonly kind: 'refused';
  readonly line: number;
  readonly byte: number;
  readonly reason: RefusalReason;
  /** What is wrong, for people: never longer than a line. */
  readonly detail: string;
}

/** Something in a row that was mended or left out while the row itself was taken. */
export interface RowNote {
  readonly kind: 'note';
  readonly line: number;
  readonly byte: number;
  readonly detail: string;
}

export type Reading = FeedRecord | RefusedRow | RowNote;

/**
 * What a reader yields: some rows at a time, in the file's order. Arrays, because waiting for each row by itself would cost
 * more than reading it.
 */
export type Readings = AsyncIterable<readonly Reading[]>;

/** The feed as a whole cannot be read (on). What was read before it is good. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
}

export interface RowLimits {
  /** A row larger than this is refused instead of held in memory. */
  readonly rowBytesMax: number;
}

export const defaultRowLimits: RowLimits = { rowBytesMax: 8 * 1024 * 1024 };

/** Keeps what a file says out of the terminal's way: one line, no control characters, bounded. */
export function quoted(text: string, lengthMax = 60): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return plain.length > lengthMax ? `“${plain.slice(0, lengthMax)}…”` : `“${plain}”`;
}
