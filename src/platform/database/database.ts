import assert from 'node:assert/strict';
import type { QueryResultRow } from 'pg';
import pg from 'pg';
import { type Asking, createAsking, streamOf } from './asking.ts';
import { Commit, commitWith } from './commit.ts';
import { type Queryable, type Statement, sql } from './sql.ts';

/** The world failed: the database could not be reached or gave up. The change may or may not have happened. */
export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault';
  /** SQLSTATE where PostgreSQL gave one. */
  readonly code: string | undefined;
  constructor(message: string, options: { cause: unknown; code?: string | undefined }) {
    super(message, { cause: options.cause });
    this.code = options.code;
  }
}

type Ask = Asking['ask'];

export interface Tx extends Queryable {
  readonly isTransaction: true;
}

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /**
   * What `work` sends before its first await only reads and locks. It then travels together with `begin`, which saves the
   * order lane a round trip; were `begin` to fail, a write sent with it would be committed by itself.
   */
  readonly readsFirst?: boolean;
}

export interface Database extends Queryable {
  /**
   * Commits when `work` returns, rolls back when it throws. Faults are thrown as DatabaseFault. Statements are sent without
   * waiting for the answers of those before them, so independent ones are best awaited together (`Promise.all`): a round
   * trip is a measurable part of a lone order's latency. For the same reason `work` may leave its last writes to the commit, by
   * returning `commitWith(writes, result)`; a write that fails there is thrown as if it had been awaited.
   */
  transaction<T>(work: (tx: Tx) => Promise<T | Commit<T>>, options?: TransactionOptions): Promise<T>;
  /** Resolves when a connection answers; throws DatabaseFault otherwise. */
  ping(timeoutMs: number): Promise<void>;
  /** Connections in use and waiting, for metrics. */
  pressure(): { readonly total: number; readonly idle: number; readonly waiting: number };
  /** A connection of its own for what holds a session (advisory locks, LISTEN); the caller ends it. */
  connect(): Promise<pg.Client>;
  readonly url: string;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolMax: number;
  /** How long a request may wait for a connection. */
  readonly connectTimeoutMs: number;
  /** PostgreSQL itself cuts a statement off after this long, so that no lock is held for ever. */
  readonly statementTimeoutMs: number;
  /** How much later than that its answer may come before its connection is given up. */
  readonly answerGraceMs?: number;
  readonly applicationName: string;
  /** Told of connections that die while idle; they are replaced by themselves. */
  readonly onIdleError: (error: Error) => void;
}

export function openDatabase(options: DatabaseOptions): Database {
  const clientConfig = {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    pipeline: true,
  };
  // PostgreSQL ends a statement that takes too long; one whose server has silently gone is ended here, or a whole lane would
  // wait for TCP to give up.
  const answerMsMax =
    options.statementTimeoutMs === 0 ? undefined : options.statementTimeoutMs + (options.answerGraceMs ?? 5_000);
  const { ask, stop } = createAsking(answerMsMax);
  const pool = new pg.Pool({
    ...clientConfig,
    max: options.poolMax,
    idleTimeoutMillis: 60_000,
    statement_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout: options.statementTimeoutMs,
    types: types(),
  });
  pool.on('error', options.onIdleError);
  // A connection lost while a transaction holds it fails that transaction's statements; the event besides needs a listener,
  // or it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));

  async function connection(): Promise<pg.PoolClient> {
    try {
      return await pool.connect();
    } catch (error) {
      throw asFault(error);
    }
  }

  async function run<Row extends QueryResultRow>(statement: Statement<Row>): Promise<pg.QueryResult<Row>> {
    const client = await connection();
    let isSound = true;
    try {
      return await runOn(ask, client, statement);
    } catch (error) {
      isSound = error instanceof pg.DatabaseError && !isOutdated(error);
      throw error;
    } finally {
      client.release(!isSound);
    }
  }

  return {
    url: options.url,
    run,
    async transaction(work, transactionOptions = {}) {
      return inTransaction(ask, await connection(), work, transactionOptions);
    },
    async ping(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      });
      try {
        await Promise.race([run(sql`select 1`), late]);
      } catch (error) {
        throw asFault(error);
      } finally {
        clearTimeout(timer);
      }
    },
    pressure: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    async connect() {
      const client = new pg.Client({ ...clientConfig, types: types() });
      client.on('error', options.onIdleError);
      try {
        await client.connect();
      } catch (error) {
        throw asFault(error);
      }
      return client;
    },
    async close() {
      // What is under way is waited for, and so may have to be given up still.
      await pool.end();
      stop();
    },
  };
}

async function inTransaction<T>(
  ask: Ask,
  client: pg.PoolClient,
  work: (tx: Tx) => Promise<T | Commit<T>>,
  options: TransactionOptions,
): Promise<T> {
  let state: 'beginning' | 'open' | 'ended' = 'beginning';
  let broken: Error | undefined;
  try {
    writeTogether(client);
    const isolation = options.isolation === undefined ? '' : ` isolation level ${options.isolation}`;
    const begun = runOn(ask, client, { text: `begin${isolation}` });
    begun.catch(() => {});
    if (options.readsFirst !== true) await begun;
    const working = work({
      isTransaction: true,
      async run(statement) {
        if (state === 'open') await begun;
        // What still runs after the end would run outside of the transaction, or inside of another one.
        if (state === 'ended') throw new Error('The transaction has ended.');
        writeTogether(client);
        return runOn(ask, client, statement);
      },
    });
    state = 'open';
    const made = await working;
    const { writes, result } = made instanceof Commit ? made : commitWith([], made);
    // Were begin to fail, each of the last writes would be committed by itself.
    await begun;
    state = 'ended';
    await commit(ask, client, writes);
    return result;
  } catch (error) {
    state = 'ended';
    // After a lost connection or a failed rollback nothing is known of this session: it must not be used again.
    await ask(client, { text: 'rollback' }).catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    if (isOutdated(error)) broken ??= error;
    throw error;
  } finally {
    client.release(broken);
  }
}

async function commit(ask: Ask, client: pg.PoolClient, writes: Commit<unknown>['writes']): Promise<void> {
  writeTogether(client);
  const written = writes.map((write) => runOn(ask, client, write));
  const committed = runOn(ask, client, { text: 'commit' });
  // They are answered in order, and what comes after a failed one fails because of it: the first error is the cause.
  await Promise.all([...written, committed]);
  const { command } = await committed;
  // PostgreSQL answers the commit of a failed transaction with ROLLBACK and no error. Taking that for a commit would
  // acknowledge an order that does not exist.
  assert(command === 'COMMIT', `the transaction ended in ${command}, not in COMMIT`);
}

/**
 * What is sent in this turn of the event loop leaves in one system call: a batch of ten statements would else wake
 * PostgreSQL ten times. (The driver does the same for the messages of one statement.)
 */
function writeTogether(client: pg.PoolClient): void {
  const stream = streamOf(client);
  stream.cork();
  process.nextTick(() => stream.uncork());
}

async function runOn<Row extends QueryResultRow>(
  ask: Ask,
  client: pg.PoolClient,
  { text, name, values }: Pick<Statement<Row>, 'text'> & Partial<Statement<Row>>,
) {
  try {
    return await ask<Row>(client, { name, text, values: values as unknown[] });
  } catch (error) {
    // Else it leads to where the driver read the answer, and not to who had asked.
    if (error instanceof Error) Error.captureStackTrace(error, runOn);
    throw asFault(error);
  }
}

/**
 * A plan that no longer fits its table, or a prepared statement that is there no more: a connection that has failed a statement
 * so would fail it again, for as long as it lives.
 */
function isOutdated(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && (error.code === '0A000' || error.code === '26000');
}

/** 64-bit integers and counts come as numbers: amounts and ids of ours stay below 2^53 by constraint. Instants come as Unix milliseconds. */
function types(): pg.CustomTypesConfig {
  const instantMs = (text: string) => Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
  const parsers = new Map<number, (text: string) => unknown>([
    [20, Number],
    [1184, instantMs],
    [1700, Number],
  ]);
  return {
    getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
      parsers.get(oid) ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
  };
}

// SQLSTATE classes in which the world failed rather than our statement: connection, resources, operator intervention,
// system error, and the two by which PostgreSQL asks for a retry.
const faultClasses = new Set(['08', '53', '57', '58', '40', '55']);
// A server that has become a standby (25006), and a transaction that idled too long because we were too slow (25P03).
const faultCodes = new Set(['25006', '25P03']);

/** Errors of the world become DatabaseFault; errors of ours (a broken constraint, bad SQL) pass through. */
export function asFault(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseFault) return error;
  const code = (error as { code?: unknown }).code;
  // EPIPE looks like a SQLSTATE too, but no class of those begins with E.
  const isSystem = typeof code === 'string' && /^E[A-Z]+$/.test(code);
  const isSqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !isSystem;
  if (isSqlState && !faultClasses.has(code.slice(0, 2)) && !faultCodes.has(code)) return error;
  const isDriver = /connection|timeout|terminated|not queryable|pool|closed|no answer/i.test(error.message);
  if (!isSqlState && !isSystem && !isDriver) return error;
  return new DatabaseFault(`The database did not answer: ${error.message}`, {
    cause: error,
    code: isSqlState ? code : undefined,
  });
}

/** The name of the constraint that a write broke, if that is why it failed. */
export function brokenConstraint(error: unknown): string | undefined {
  const { code, constraint } = (error ?? {}) as { code?: string; constraint?: string };
  return code?.startsWith('23') ? constraint : undefined;
}
