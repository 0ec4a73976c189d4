import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EngineFault } from '../engine-fault.ts';
import {
  commandLineOf,
  hasPid,
  identify,
  type ProcessIdentity,
  processesIn,
  signal,
  waitForEnd,
  workingDirectoryOf,
} from '../os-process.ts';
import { readPostmasterFile } from './postmaster-file.ts';

/**
 * Ends what an earlier run left behind in this data directory: a server whose supervisor was killed, or the children of a
 * server that was killed itself. The caller holds the lock of the shop's home, so whatever runs here is nobody's.
 *
 * A server that lives is stopped rather than adopted: it may run with older settings, and a stop costs a fraction of a second.
 */
export async function endLeftovers(
  { dataDir, socketDir }: { dataDir: string; socketDir: string | undefined },
  tell: (line: string) => void,
): Promise<void> {
  const server = livingServer(dataDir);
  if (server !== undefined) {
    tell(`stopping the PostgreSQL that an earlier run left behind (pid ${server.pid})`);
    await endBySteps(server, [
      ['SIGINT', 20_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 5_000],
    ]);
  }
  // Without their server they end by themselves as soon as they notice; one in the middle of a long statement needs a push.
  await Promise.all(
    processesIn(dataDir).map(async (child) => {
      if (await waitForEnd(child, 500)) return;
      await endBySteps(child, [
        ['SIGQUIT', 2_000],
        ['SIGKILL', 5_000],
      ]);
    }),
  );
  removeMisleadingFile(dataDir);
  // The socket's own lock file misleads in the same way; nothing but sockets is ever in that folder.
  if (socketDir !== undefined) for (const entry of readdirSync(socketDir)) rmSync(join(socketDir, entry));
}

/** The server of this data directory, if it lives. Its pid in the file may since have passed to another process. */
function livingServer(dataDir: string): ProcessIdentity | undefined {
  const file = readPostmasterFile(dataDir);
  const identity = file && identify(file.pid);
  return identity !== undefined && isServerOf(identity.pid, dataDir) ? identity : undefined;
}

function isServerOf(pid: number, dataDir: string): boolean {
  if (process.platform === 'linux') return workingDirectoryOf(pid) === dataDir;
  return commandLineOf(pid).includes(dataDir);
}

/**
 * PostgreSQL refuses to start while any process has the pid in the file, though it be a text editor that came by it or a
 * zombie. It keeps a file of a free pid for its own check of shared memory, so only the misleading one goes.
 */
function removeMisleadingFile(dataDir: string): void {
  const file = readPostmasterFile(dataDir);
  if (file !== undefined && hasPid(file.pid)) rmSync(join(dataDir, 'postmaster.pid'));
}

async function endBySteps(identity: ProcessIdentity, steps: readonly [NodeJS.Signals, number][]): Promise<void> {
  for (const [name, timeoutMs] of steps) {
    signal(identity.pid, name);
    if (await waitForEnd(identity, timeoutMs)) return;
  }
  throw new EngineFault(`PostgreSQL of an earlier run does not end (pid ${identity.pid}). End it and start again.`);
}
