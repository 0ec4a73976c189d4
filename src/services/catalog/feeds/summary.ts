import type { RefusalReason } from './record.ts';

/** One row that was not taken, or not wholly, for the report file. */
export interface ReportEntry {
  readonly file: string;
  readonly line: number;
  readonly byte: number;
  readonly outcome: 'refused' | 'duplicate' | 'skipped' | 'note';
  readonly reason?: RefusalReason;
  readonly detail: string;
}

export interface ImportSummary {
  /** Rows read, whatever became of them. */
  readonly rows: number;
  /** Products made of them and given to the shop (or checked, in a dry run). */
  readonly products: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /**
   * Rows beyond the first of their product, whatever became of it. With them the figures add up: `rows` is created, updated,
   * unchanged, joined, duplicates, skipped and refused, when everything was read.
   */
  readonly joined: number;
  /** Rows that repeat an earlier one exactly. */
  readonly duplicates: number;
  /** Rows and products left out by a rule of the mapping. */
  readonly skipped: number;
  /** Rows and products refused. */
  readonly refused: number;
  readonly refusals: readonly Kind[];
  readonly skips: readonly Kind[];
  /** What was mended or left out of rows that were taken. */
  readonly notes: readonly Kind[];
  /** Variants whose units on hand were set to another number. */
  readonly stockChanged: number;
}

/** Things of one kind, with the first of them. */
export interface Kind {
  readonly kind: string;
  readonly count: number;
  readonly examples: readonly { readonly file: string; readonly line: number; readonly detail: string }[];
}

const examplesMax = 3;
// Details hold values of the file; what is counted by kind must not grow with it.
const kindsMax = 50;

/** Counts what an import does. Its size does not depend on that of the feed. */
export interface Counter {
  rows: number;
  products: number;
  created: number;
  updated: number;
  unchanged: number;
  joined: number;
  stockChanged: number;
  add(entry: ReportEntry): void;
  summary(): ImportSummary;
}

export function createCounter(): Counter {
  const kinds = {
    refused: new Map<string, MutableKind>(),
    skipped: new Map<string, MutableKind>(),
    note: new Map<string, MutableKind>(),
  };
  const counts = { refused: 0, skipped: 0, note: 0, duplicate: 0 };

  return {
    rows: 0,
    products: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    joined: 0,
    stockChanged: 0,
    add({ outcome, reason, detail, file, line }) {
      counts[outcome]++;
      if (outcome === 'duplicate') return;
      // What stands in quotes is the file's own and differs from row to row.
      const name =
        outcome === 'refused' ? (reason ?? 'value') : detail.replace(/“[^”]*”?/g, '“…”').replace(/\d+/g, 'N');
      const byKind = kinds[outcome];
      const key = byKind.size < kindsMax || byKind.has(name) ? name : 'other';
      const kind = byKind.get(key) ?? { kind: key, count: 0, examples: [] };
      kind.count++;
      if (kind.examples.length < examplesMax) kind.examples.push({ file, line, detail });
      byKind.set(key, kind);
    },
    summary() {
      const { rows, products, created, updated, unchanged, joined, stockChanged } = this;
      return {
        rows,
        products,
        created,
        updated,
        unchanged,
        joined,
        duplicates: counts.duplicate,
        skipped: counts.skipped,
        refused: counts.refused,
        refusals: ordered(kinds.refused),
        skips: ordered(kinds.skipped),
        notes: ordered(kinds.note),
        stockChanged,
      };
    },
  };
}

type MutableKind = { kind: string; count: number; examples: { file: string; line: number; detail: string }[] };

function ordered(kinds: ReadonlyMap<string, MutableKind>): Kind[] {
  return [...kinds.values()].sort((one, other) => other.count - one.count);
}
