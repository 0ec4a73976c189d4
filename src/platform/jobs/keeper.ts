import type pg from 'pg';
import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/sql.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { tryLock, unlock } from './store.ts';

/**
 * Holds locks in a database session of this process. When the process dies, however it dies, PostgreSQL ends the session
 * and lets go of them, so that others take over at once. When only the session is lost, they are taken again in another one;
 * in between others may take over while we still work: what is done under such a lock must bear a repetition.
 */
export interface Keeper {
  /** True when the lock is ours now; false when it was anybody's, ours as well. */
  tryHold(lockName: string): Promise<boolean>;
  /** As `tryHold`, but true also when the database does not answer: the lock is then taken as soon as it does. */
  hold(lockName: string): Promise<boolean>;
  letGo(lockName: string): Promise<void>;
  /** Takes again what was lost with a session. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

interface Session extends Queryable {
  end(): Promise<void>;
}

export function createKeeper(options: { database: Database; log: Log; answerMsMax: number }): Keeper {
  const { database, log } = options;
  const held = new Set<string>();
  // What `refresh` is to take.
  const lost = new Set<string>();
  let session: Promise<Session> | undefined;
  let refreshing: Promise<void> | undefined;
  let isClosed = false;

  function current(): Promise<Session> {
    session ??= open();
    return session;
  }

  async function open(): Promise<Session> {
    try {
      const client = await database.connect();
      client.on('end', () => {
        if (isClosed) return;
        log.warn({}, 'the session that holds the locks of jobs was lost');
        forget();
        // Were it to fail, the next round does it.
        refresh().catch(() => {});
      });
      return {
        run(statement) {
          // An answer that does not come ends the session, since it is pipelined (database.ts).
          const query: pg.QueryConfig & pg.ClientConfig = {
            name: statement.name,
            text: statement.text,
            values: statement.values as unknown[],
            query_timeout: options.answerMsMax,
          };
          return client.query(query);
        },
        end: () => client.end(),
      };
    } catch (error) {
      forget();
      throw error;
    }
  }

  function forget(): void {
    session = undefined;
    for (const lockName of held) lost.add(lockName);
    held.clear();
  }

  async function tryHold(lockName: string): Promise<boolean> {
    // PostgreSQL would give it to the same session twice.
    if (held.has(lockName) || lost.has(lockName)) return false;
    const isHeld = await tryLock(await current(), lockName);
    if (isHeld) held.add(lockName);
    return isHeld;
  }

  async function letGo(lockName: string): Promise<void> {
    lost.delete(lockName);
    // With a lost session the lock is gone already.
    if (held.delete(lockName)) await unlock(await current(), lockName).catch(() => {});
  }

  function refresh(): Promise<void> {
    refreshing ??= retake().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  async function retake(): Promise<void> {
    for (const lockName of lost) {
      const on = await current();
      if (!(await tryLock(on, lockName))) continue;
      if (lost.delete(lockName)) held.add(lockName);
      // Let go of while it was asked for.
      else await unlock(on, lockName);
    }
  }

  return {
    tryHold,
    async hold(lockName) {
      try {
        return await tryHold(lockName);
      } catch (error) {
        log.warn({ err: error, lockName }, 'a job runs whose lock could not be asked for');
        lost.add(lockName);
        return true;
      }
    },
    letGo,
    refresh,
    async close() {
      isClosed = true;
      const last = await session?.catch(() => undefined);
      await last?.end();
    },
  };
}
