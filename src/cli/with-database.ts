import type { Config } from '../platform/config/config.ts';
import { type Database, openDatabase } from '../platform/database/database.ts';
import { openDatabaseServer } from '../runtime/database-server.ts';
import { openHome } from '../runtime/home.ts';
import { acquireHomeLock } from '../runtime/home-lock.ts';
import { readRunFile } from '../runtime/run-file.ts';

export interface WithDatabaseOptions {
  /** The command's name, for whoever meets its lock. */
  readonly command: string;
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  readonly tell: (line: string) => void;
}

/**
 * Does the work with the shop's database: that of the running shop, else the owner's server, else the embedded one, started
 * for as long as the work lasts. What was not started here is not stopped here.
 */
export async function withDatabase<T>(
  config: Config,
  options: WithDatabaseOptions,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const running = readRunFile(config.home);
  if (running !== undefined) return withConnections(running.database.url, options, work);

  const home = openHome(config.home);
  const lock = acquireHomeLock(home, options.command);
  // A Ctrl-C ends the work by cutting its connections, and then what was started is stopped.
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  try {
    const server = await openDatabaseServer(config, home, options.tell);
    try {
      interruption.signal.throwIfAborted();
      return await Promise.race([withConnections(server.url, options, work), whenAborted(interruption.signal)]);
    } finally {
      await server.stop('fast');
    }
  } finally {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, interrupt);
    lock.release();
  }
}

/** Ended by a signal before the work was done. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('Interrupted; what was committed stays.');
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Interrupted())));
}

async function withConnections<T>(
  url: string,
  options: WithDatabaseOptions,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = openDatabase({
    url,
    poolMax: options.poolMax,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: options.statementTimeoutMs,
    applicationName: `onrush-${options.command}`,
    onIdleError: () => {},
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
