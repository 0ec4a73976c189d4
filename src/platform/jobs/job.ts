import type { Queryable } from '../database/sql.ts';

/** Work for later or for every now and then, kept in the database: it survives the process that asked for it. */
export interface JobDefinition<Payload = unknown> {
  readonly name: string;
  /** Bears a repetition: what has run is run again when that could not be written down, though not by two at a time. */
  run(payload: Payload): Promise<void>;
  /** Standing work: run again this long after the last run ended, on one process at a time. */
  readonly everyMs?: number;
  readonly attemptsMax?: number;
}

export interface Jobs {
  define<Payload>(job: JobDefinition<Payload>): void;
  /** Asks for a job within a transaction; with `key`, a later request for the same key replaces one that has not begun. */
  enqueue(tx: Queryable, name: string, payload: unknown, options?: { runAtMs?: number; key?: string }): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
