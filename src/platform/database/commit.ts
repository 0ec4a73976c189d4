import assert from 'node:assert/strict';
import type { QueryResultRow } from 'pg';
import type { Statement } from './sql.ts';

/** Statements for the end of a transaction; `false` where there is nothing to write. */
export type Writes = readonly (Statement<QueryResultRow> | false)[];

/** How a transaction ends whose last writes travel with its commit. Made by commitWith. */
export class Commit<T> {
  readonly writes: readonly Statement<QueryResultRow>[];
  readonly result: T;
  constructor(writes: readonly Statement<QueryResultRow>[], result: T) {
    this.writes = writes;
    this.result = result;
  }
}

/**
 * The end of a transaction's work: these writes and the commit leave together, in this order, and `transaction` resolves to
 * `result`. That is a round trip less, and locks are held for that much shorter. Nobody sees what the writes answer before
 * they are committed: what must be true of them is decided beforehand, or is a constraint.
 */
export function commitWith<T>(writes: Writes, result: T): Commit<T> {
  const statements = writes.filter((write) => write !== false);
  // A value that the driver cannot write down keeps its statement from being sent, and not the commit behind it.
  for (const { values } of statements) assert(values.every(isPlain), 'a last write has plain values');
  return new Commit(statements, result);
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  const isScalar = ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
  return isScalar || value === null || value === undefined || Buffer.isBuffer(value);
}
