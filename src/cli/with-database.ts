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
  /** Asks the work to end by itself, at the first Ctrl-C. Only a second one cuts its connections then. */
  readonly interrupt?: () => void;
}

// npm and the terminal both pass on one Ctrl-C, so that it arrives twice within milliseconds; nobody types that fast.
const sameKeystrokeMs = 500;

/**
 * Does the work with the shop's database: that of the running shop, else the owner's server, else the embedded one, started
 * for as long as the work lasts. What was not started here is not stopped here.
 */
export async function withDatabase<T>(
  config: Config,
  options: WithDatabaseOptions,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  // A Ctrl-C ends the work by cutting its connections, and then what was started is stopped.
  const interruption = new AbortController();
  const running = readRunFile(config.home);
  if (running !== undefined) {
    if (options.interrupt === undefined) return withConnections(running.database.url, options, work);
    const ignoreSignals = heedSignals(options.interrupt, () => interruption.abort());
    const working = withConnections(running.database.url, options, work);
    return Promise.race([working, whenAborted(interruption.signal)]).finally(ignoreSignals);
  }

  const home = openHome(config.home);
  const lock = acquireHomeLock(home, options.command);
  const ignoreSignals = heedSignals(options.interrupt, () => interruption.abort());
  try {
    const server = await openDatabaseServer(config, home, options.tell);
    try {
      interruption.signal.throwIfAborted();
      return await Promise.race([withConnections(server.url, options, work), whenAborted(interruption.signal)]);
    } finally {
      await server.stop('fast');
    }
  } finally {
    ignoreSignals();
    lock.release();
  }
}

/** Until the returned function is called, signals do what is given here instead of ending the process. */
function heedSignals(first: (() => void) | undefined, cut: () => void): () => void {
  let firstAtMs: number | undefined;
  const heed = () => {
    const nowMs = performance.now();
    if (first !== undefined && firstAtMs === undefined) {
      firstAtMs = nowMs;
      first();
    } else if (firstAtMs === undefined || nowMs - firstAtMs > sameKeystrokeMs) cut();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, heed);
  return () => {
    for (const name of names) process.off(name, heed);
  };
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
