import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/sql.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { tryLock, unlock } from './store.ts';

/**
 * Holds locks in a database session of this process. When the process dies, however it dies, PostgreSQL ends the session
 * and lets go of them, so that others take over at once. When only the session is lost, they may take over while we still
 * work: what is done under such a lock must bear a repetition.
 */
export interface Keeper {
  /** True when the lock is ours now. A name is held once at a time. */
  tryHold(lockName: string): Promise<boolean>;
  letGo(lockName: string): Promise<void>;
  /** Names a lock that `refresh` is to take, and to take again after a lost session. */
  holdAlways(lockName: string): void;
  refresh(): Promise<void>;
  close(): Promise<void>;
}

interface Session extends Queryable {
  end(): Promise<void>;
}

export function createKeeper(options: { database: Database; log: Log }): Keeper {
  const { database, log } = options;
  const always = new Set<string>();
  // What of it is held, in the session that there is.
  const held = new Set<string>();
  let session: Promise<Session> | undefined;
  let isClosed = false;

  function current(): Promise<Session> {
    session ??= open();
    return session;
  }

  async function open(): Promise<Session> {
    const forget = () => {
      session = undefined;
      held.clear();
    };
    try {
      const client = await database.connect();
      client.on('end', () => {
        if (isClosed) return;
        log.warn({}, 'the session that holds the locks of jobs was lost');
        forget();
      });
      return {
        run: (statement) =>
          client.query({ name: statement.name, text: statement.text, values: statement.values as unknown[] }),
        end: () => client.end(),
      };
    } catch (error) {
      forget();
      throw error;
    }
  }

  return {
    tryHold: async (lockName) => tryLock(await current(), lockName),
    async letGo(lockName) {
      // With a lost session the lock is gone already.
      if (session !== undefined) await unlock(await session, lockName).catch(() => {});
    },
    holdAlways(lockName) {
      always.add(lockName);
    },
    async refresh() {
      for (const lockName of always) {
        if (held.has(lockName)) continue;
        const isHeld = await tryLock(await current(), lockName);
        if (isHeld) held.add(lockName);
      }
    },
    async close() {
      isClosed = true;
      const last = await session?.catch(() => undefined);
      await last?.end();
    },
  };
}
