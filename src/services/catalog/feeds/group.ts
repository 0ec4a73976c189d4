import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type FeedRecord, quoted, type RefusalReason } from './record.ts';
import { createSeen } from './seen.ts';

/** The rows of one product. */
export interface Group {
  readonly records: readonly FeedRecord[];
  /** How many rows there were; of too many, not all are kept. */
  readonly rowCount: number;
  /** Why it must not become a product although its rows are good. */
  readonly damage: Damage | undefined;
}

export interface Damage {
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** More rows than any product has: a variant and an image each. A key with more is a column that is no key. */
export const groupRowsMax = 2000;

const tooMany: Damage = {
  reason: 'too-large',
  detail: `has more than ${groupRowsMax} rows, more than one product can have`,
};

export interface Grouper {
  /** The groups that are complete now. A row without a key is one by itself. */
  push(record: FeedRecord, key: string | undefined): readonly Group[];
  /** A row was refused here: if it turns out to lie within a product, that product lacks it. */
  refused(line: number): void;
  /** Called between rows: may write to disk. */
  settle(): Promise<void>;
  /** What is left, once the feed is known to be whole. */
  end(): AsyncIterable<Group>;
  /** How many rows wait for others of their product. */
  heldRows(): number;
  close(): Promise<void>;
}

/** The rows of a product stand one after the other. */
export function groupTogether(): Grouper {
  let key: string | undefined;
  let open: FeedRecord[] = [];
  let rowCount = 0;
  let refusedLine: number | undefined;
  let damage: Damage | undefined;
  const seenKeys = createSeen();

  function take(): Group[] {
    if (open.length === 0) return [];
    const group = { records: open, rowCount, damage: rowCount > groupRowsMax ? tooMany : damage };
    key = undefined;
    open = [];
    rowCount = 0;
    refusedLine = undefined;
    damage = undefined;
    return [group];
  }

  return {
    push(record, nextKey) {
      const done = nextKey === undefined || nextKey !== key ? take() : [];
      if (nextKey === undefined) return [...done, { records: [record], rowCount: 1, damage: undefined }];
      if (open.length > 0 && refusedLine !== undefined) {
        damage ??= { reason: 'columns', detail: `lacks line ${refusedLine}, a row among its rows, which was refused` };
      }
      if (key === undefined) {
        // As products of their own, the later rows would replace what the earlier ones made.
        const before = seenKeys.first(nextKey, { file: 0, line: record.line });
        if (before !== undefined) damage = apart(nextKey, before.line);
      }
      key = nextKey;
      rowCount++;
      if (rowCount <= groupRowsMax) open.push(record);
      return done;
    },
    refused(line) {
      if (open.length > 0) refusedLine ??= line;
    },
    settle: async () => {},
    async *end() {
      yield* take();
    },
    heldRows: () => rowCount,
    close: async () => {},
  };
}

function apart(key: string, line: number): Damage {
  const detail = `belongs to the product ${quoted(key)} that begins on line ${line}, but does not stand with its rows`;
  return { reason: 'key-taken', detail };
}

const partitionCount = 64;
const heldCharactersMax = 8_000_000;

/**
 * The rows of a product stand anywhere in the feed, so that none is whole before its end. What does not fit into a few
 * megabytes is dealt by its key to files on disk, each small enough to be grouped by itself.
 */
export function groupAnywhere(): Grouper {
  let folder: string | undefined;
  let partitions: string[][] = Array.from({ length: partitionCount }, () => []);
  let heldCharacters = 0;
  let rowCount = 0;

  async function spill(): Promise<void> {
    folder ??= await mkdtemp(join(tmpdir(), 'onrush-import-'));
    for (const [index, rows] of partitions.entries()) {
      if (rows.length > 0) await appendFile(join(folder, `${index}.jsonl`), `${rows.join('\n')}\n`);
    }
    partitions = Array.from({ length: partitionCount }, () => []);
    heldCharacters = 0;
  }

  async function rowsOf(index: number): Promise<string[]> {
    const held = partitions[index] ?? [];
    if (folder === undefined) return held;
    const text = await readFile(join(folder, `${index}.jsonl`), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return [...text.split('\n').filter((line) => line !== ''), ...held];
  }

  return {
    push(record, key) {
      if (key === undefined) return [{ records: [record], rowCount: 1, damage: undefined }];
      const { line, byte, values } = record;
      const row = JSON.stringify([key, line, byte, values]);
      partitions[crc32(key) % partitionCount]?.push(row);
      heldCharacters += row.length;
      rowCount++;
      return [];
    },
    refused() {},
    async settle() {
      if (heldCharacters > heldCharactersMax) await spill();
    },
    async *end() {
      for (let index = 0; index < partitionCount; index++) {
        const groups = new Map<string, { records: FeedRecord[]; count: number }>();
        for (const row of await rowsOf(index)) {
          const [key, line, byte, values] = JSON.parse(row) as [string, number, number, Record<string, unknown>];
          const group = groups.get(key) ?? { records: [], count: 0 };
          group.count++;
          if (group.count <= groupRowsMax) group.records.push({ kind: 'record', line, byte, values });
          groups.set(key, group);
        }
        for (const { records, count } of groups.values()) {
          yield { records, rowCount: count, damage: count > groupRowsMax ? tooMany : undefined };
        }
      }
    },
    heldRows: () => rowCount,
    async close() {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
