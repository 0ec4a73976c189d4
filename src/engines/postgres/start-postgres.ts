import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineFault, writeFault } from '../engine-fault.ts';
import { signal } from '../os-process.ts';
import { writeFileAtomic } from '../write-file-atomic.ts';
import { programPath } from './binaries.ts';
import { prepareDataDirectory, role, serverEnvironment } from './data-directory.ts';
import { saysOldOnesLive, saysPortIsTaken, startFailure } from './failure.ts';
import { endLeftovers } from './leftovers.ts';
import { giveTo, type Placement, place, systemDir } from './placement.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { postgresSettings, renderSettings } from './settings.ts';

export interface StartPostgresOptions {
  /** Ours alone; the data, the password and the socket lie in it. The caller holds its lock. */
  readonly dir: string;
  readonly logFile: string;
  /** False for tests: fast, and a crash may lose everything. */
  readonly durable: boolean;
  readonly connectionsMax?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** Where root puts what the server's user cannot reach in `dir`. */
  readonly systemDir?: string;
  /** Told what takes longer than one expects. */
  readonly tell: (line: string) => void;
}

export interface RunningPostgres {
  /** By unix socket where there is one, which costs a sixth less per statement than TCP. */
  readonly url: string;
  readonly tcpUrl: string;
  readonly pid: number;
  readonly dataDir: string;
  /** `fast` ends connections and leaves a clean disk; `immediate` ends at once, and the next start recovers from the log. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts PostgreSQL, whatever an earlier run left behind. Resolves when it takes connections. */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const placement = place(options.dir, options.systemDir ?? systemDir);
  await endLeftovers(placement, options.tell);
  try {
    mkdirSync(dirname(options.logFile), { recursive: true });
    const password = await prepareDataDirectory(
      {
        placement,
        passwordFile: join(options.dir, 'password'),
        logFile: options.logFile,
        durable: options.durable,
      },
      options.tell,
    );
    return await startServer(options, placement, password);
  } catch (error) {
    throw writeFault(error, options.dir);
  }
}

// Old children that hold shared memory are gone in well under a second, unless the disk stalls; ports are taken in a race only.
const attemptsMax = 8;

async function startServer(
  options: StartPostgresOptions,
  placement: Placement,
  password: string,
): Promise<RunningPostgres> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(join(options.dir, 'port'));
    writeSettings(options, placement, port);
    const server = launch(options, placement);
    const said = await becomesReady(server, placement.dataDir, options.tell);
    if (said === undefined) return running(options, placement, server, { password, port });
    if (attempt === attemptsMax || !(saysOldOnesLive(said) || saysPortIsTaken(said))) {
      throw startFailure(said, { dataDir: placement.dataDir, logFile: options.logFile });
    }
    await endLeftovers(placement, options.tell);
    await delay(attempt * 100);
  }
}

interface LaunchedServer {
  readonly child: ChildProcess & { readonly pid: number };
  readonly exited: RunningPostgres['exited'];
  /** What it has said so far. */
  readonly said: () => string;
}

function launch(options: StartPostgresOptions, placement: Placement): LaunchedServer {
  const { user, binaries, dataDir } = placement;
  const log = openSync(options.logFile, 'a+', 0o600);
  const saidBefore = fstatSync(log).size;
  const child = spawn(programPath(binaries, 'postgres'), ['-D', dataDir], {
    ...(user && { uid: user.uid, gid: user.gid }),
    env: serverEnvironment(),
    cwd: '/',
    // In a process group of its own: a Ctrl-C in the terminal is for us, who stop the shop before its database.
    detached: true,
    stdio: ['ignore', log, log],
  });
  const exited = new Promise<Awaited<RunningPostgres['exited']>>((resolve) => {
    child.on('exit', (code, signalName) => resolve({ code, signal: signalName }));
    child.on('error', () => resolve({ code: null, signal: null }));
  });
  exited.then(() => closeSync(log));
  if (child.pid === undefined) throw new EngineFault(`${programPath(binaries, 'postgres')} could not be run.`);
  return { child: child as LaunchedServer['child'], exited, said: () => readFrom(options.logFile, saidBefore) };
}

/** Undefined once it takes connections; what it said when it ended instead. */
async function becomesReady(
  server: LaunchedServer,
  dataDir: string,
  tell: (line: string) => void,
): Promise<string | undefined> {
  let hasEnded = false;
  server.exited.then(() => {
    hasEnded = true;
  });
  const startedAtMs = performance.now();
  let isTold = false;
  while (!hasEnded) {
    const file = readPostmasterFile(dataDir);
    if (file?.pid === server.child.pid && file.status === 'ready') return undefined;
    // After a crash it first replays its log: minutes, when the checkpoint was long ago. It is not for us to give up.
    if (!isTold && performance.now() - startedAtMs > 3_000) {
      isTold = true;
      tell('PostgreSQL is recovering from a crash; this can take a minute');
    }
    await delay(10);
  }
  return server.said();
}

function running(
  options: StartPostgresOptions,
  placement: Placement,
  server: LaunchedServer,
  access: { password: string; port: number },
): RunningPostgres {
  const { pid } = server.child;
  const login = `postgresql://${role}:${access.password}`;
  const tcpUrl = `${login}@127.0.0.1:${access.port}/${role}`;
  const { socketDir } = placement;
  return {
    url: socketDir ? `${login}@localhost:${access.port}/${role}?host=${encodeURIComponent(socketDir)}` : tcpUrl,
    tcpUrl,
    pid,
    dataDir: placement.dataDir,
    exited: server.exited,
    async stop(mode) {
      // Fast may wait for its last checkpoint on a slow disk; the log has everything anyway.
      const steps: [NodeJS.Signals, number][] = [
        ['SIGQUIT', 5_000],
        ['SIGKILL', 5_000],
      ];
      if (mode === 'fast') steps.unshift(['SIGINT', 60_000]);
      for (const [name, timeoutMs] of steps) {
        askToEnd(server, placement, name);
        const waited = new AbortController();
        const late = delay(timeoutMs, 'late', { signal: waited.signal }).catch(() => 'late');
        if ((await Promise.race([server.exited, late])) !== 'late') {
          waited.abort();
          return;
        }
        options.tell(`PostgreSQL does not end by ${name}`);
      }
      throw new EngineFault(`PostgreSQL (pid ${pid}) does not end.`);
    },
  };
}

function askToEnd(server: LaunchedServer, placement: Placement, name: NodeJS.Signals): void {
  if (server.child.exitCode !== null || server.child.signalCode !== null) return;
  if (process.platform !== 'win32') {
    signal(server.child.pid, name);
    return;
  }
  // Windows has no such signals; pg_ctl asks through a pipe of PostgreSQL's own.
  const mode = name === 'SIGINT' ? 'fast' : 'immediate';
  spawn(programPath(placement.binaries, 'pg_ctl'), ['stop', '--no-wait', '-m', mode, '-D', placement.dataDir]);
}

function writeSettings(options: StartPostgresOptions, placement: Placement, port: number): void {
  const settings = postgresSettings({
    port,
    socketDir: placement.socketDir,
    durable: options.durable,
    connectionsMax: options.connectionsMax ?? 100,
    extra: options.settings ?? {},
  });
  const file = join(placement.dataDir, 'postgresql.conf');
  writeFileSync(file, renderSettings(settings, existsSync(join(placement.dataDir, 'local.conf'))), { mode: 0o600 });
  giveTo(placement.user, file);
}

/** The port of last time, so that tools can keep it; another one when it is taken. */
async function choosePort(file: string): Promise<number> {
  const before = readPort(file);
  if (before !== undefined && (await freePort(before)) !== undefined) return before;
  const port = await freePort(0);
  if (port === undefined)
    throw new EngineFault('There is no free TCP port on 127.0.0.1 for PostgreSQL. End other programs.');
  writeFileAtomic(file, `${port}\n`, 0o600);
  return port;
}

function readPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

// More than PostgreSQL ever says before it gives up.
const saidMax = 64 * 1024;

function readFrom(path: string, offset: number): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(saidMax);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, saidMax, offset));
  } finally {
    closeSync(file);
  }
}
