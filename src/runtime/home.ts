import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFault } from '../engines/engine-fault.ts';
import { makeFolder } from '../engines/make-folder.ts';
import { writeFileAtomic } from '../engines/write-file-atomic.ts';

/** The folder that holds a shop: its data, its secrets, its logs. Everything in it is named here. */
export interface Home {
  readonly path: string;
  readonly lockFile: string;
  readonly runFile: string;
  readonly adminTokenFile: string;
  /** The embedded PostgreSQL's own folder. */
  readonly postgresDir: string;
  /** Pictures and stored pages. */
  readonly filesDir: string;
  readonly postgresLog: string;
  readonly shopLog: string;
}

/** Only names; nothing is made or read. */
export function homeAt(path: string): Home {
  return {
    path,
    lockFile: join(path, 'run', 'lock'),
    runFile: join(path, 'run', 'onrush.json'),
    adminTokenFile: join(path, 'admin-token'),
    postgresDir: join(path, 'postgres'),
    filesDir: join(path, 'files'),
    postgresLog: join(path, 'log', 'postgres.log'),
    shopLog: join(path, 'log', 'shop.jsonl'),
  };
}

/** Makes what is missing. Throws one clear sentence where it may not. */
export function openHome(path: string): Home {
  try {
    // Root's PostgreSQL runs as another user, who must be able to pass through; secrets have modes of their own.
    makeFolder(path, process.getuid?.() === 0 ? 0o711 : 0o700);
    for (const name of ['run', 'log']) makeFolder(join(path, name), 0o700);
    for (const folder of [path, join(path, 'run'), join(path, 'log')]) {
      accessSync(folder, constants.W_OK | constants.X_OK);
    }
  } catch (error) {
    throw writeFault(error, path);
  }
  return homeAt(path);
}

export interface AdminToken {
  readonly token: string;
  /** Made just now: the one time to show it. */
  readonly isNew: boolean;
}

/** The token that the owner has set, else the one that this home has kept since its first start. */
export function adminTokenOf(home: Home, configured: string | undefined): AdminToken {
  if (configured !== undefined) return { token: configured, isNew: false };
  if (existsSync(home.adminTokenFile)) {
    const token = readFileSync(home.adminTokenFile, 'utf8').trim();
    if (token !== '') return { token, isNew: false };
  }
  const token = `onr_${randomBytes(24).toString('base64url')}`;
  try {
    writeFileAtomic(home.adminTokenFile, `${token}\n`, 0o600);
  } catch (error) {
    throw writeFault(error, home.adminTokenFile);
  }
  return { token, isNew: true };
}

const logBytesMax = 16 * 2 ** 20;
const oldLogsMax = 3;

/** Keeps a log from growing over the years: at each start a large one steps aside, and the oldest goes. */
export function rotateLog(file: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < logBytesMax) return;
  rmSync(`${file}.${oldLogsMax}`, { force: true });
  for (let age = oldLogsMax - 1; age >= 1; age -= 1) {
    if (existsSync(`${file}.${age}`)) renameSync(`${file}.${age}`, `${file}.${age + 1}`);
  }
  renameSync(file, `${file}.1`);
}
