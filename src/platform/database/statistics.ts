import type { Context } from '../context/context.ts';
import type { JobDefinition } from '../jobs/job.ts';
import { createAsking } from './asking.ts';
import type { Database } from './database.ts';
import { sql } from './sql.ts';

const everyMs = 5_000;
/** What was counted, at least so many rows, and is now so many times as many is counted again. */
const rowCountMin = 100;
const growth = 4;
/** However large a table is, PostgreSQL reads a sample of it: some seconds. */
const answerMsMaxDefault = 60_000;

/**
 * Has PostgreSQL count again what has grown much since it last did. By itself it looks once a minute, and until then each plan is
 * what it was for an empty table: in the first minute of a new shop's first sale, all lines there are were read for each order.
 */
export function databaseStatistics(ctx: Pick<Context, 'database' | 'log'>): JobDefinition {
  return {
    name: 'database-statistics',
    everyMs,
    async run() {
      const tables = await analyseGrown(ctx.database);
      if (tables.length > 0) ctx.log.debug({ tables }, 'tables had grown, and were counted again');
    },
  };
}

/** Which ones it was, as `schema.table`. Rejects where the server is silent about one for `answerMsMax`. */
export async function analyseGrown(
  database: Pick<Database, 'run' | 'connect'>,
  answerMsMax = answerMsMaxDefault,
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, pg_class.relname) as name
      from pg_stat_user_tables
      join pg_class on pg_class.oid = relid
     where n_live_tup > ${growth}::integer * greatest(reltuples, ${rowCountMin}::integer)
       and pg_has_role(relowner, 'usage')
       -- A temporary one can be counted by its own session only.
       and relpersistence <> 't'
     order by name`.execute(database);
  const names = rows.map(({ name }) => name);
  if (names.length === 0) return [];
  const client = await database.connect();
  const { ask, stop } = createAsking(answerMsMax);
  try {
    // One by one: each is done when it is done. What a migration holds is for the next time.
    for (const name of names) await ask(client, { text: `analyze (skip_locked) ${name}` });
  } finally {
    stop();
    await client.end();
  }
  return names;
}
