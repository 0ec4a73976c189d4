import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineFault, writeFault } from '../engine-fault.ts';
import { makeFolder } from '../make-folder.ts';
import { writeFileAtomic } from '../write-file-atomic.ts';
import { findBinaries, type PostgresBinaries, programPath } from './binaries.ts';
import { canReach, findServerUser, mayEnter, mayRead, type ServerUser } from './server-user.ts';

/** Where PostgreSQL's parts lie, all of them within reach of the user that it runs as. */
export interface Placement {
  /** Undefined when it runs as the user that we are. */
  readonly user: ServerUser | undefined;
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  /** Undefined on Windows, which has no unix sockets for PostgreSQL. */
  readonly socketDir: string | undefined;
}

/** Where root's shops keep what PostgreSQL's user cannot reach in their homes. */
export const systemDir = '/var/lib/onrush';

/**
 * Usually all lies in `dir` and the binaries in node_modules. But root may have cloned into /root, where no other user may
 * look; then the data, and a copy of the binaries, lie in `systemFolder`, and a file in `dir` remembers the data's place.
 */
export function place(dir: string, systemFolder: string): Placement {
  const user = findServerUser(join(dir, 'data'));
  try {
    // Others may pass through but not look: the server's user must come to the data, and the password lies here too.
    makeFolder(dir, user === undefined ? 0o700 : 0o711);
    // Without links, since a process tells its working directory so.
    const dataDir = placeData(realpathSync(dir), systemFolder, user);
    const binaries = placeBinaries(findBinaries(), systemFolder, user);
    return { user, binaries, dataDir, socketDir: placeSockets(dataDir, user) };
  } catch (error) {
    throw writeFault(error, dir);
  }
}

/** Makes a folder that the server's user owns and nobody else may enter. */
export function makeServerDir(path: string, user: ServerUser | undefined): void {
  makeFolder(path, 0o700);
  giveTo(user, path);
}

export function giveTo(user: ServerUser | undefined, path: string): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

function placeData(dir: string, systemFolder: string, user: ServerUser | undefined): string {
  const memory = join(dir, 'placement.json');
  if (existsSync(memory)) {
    const { dataDir } = JSON.parse(readFileSync(memory, 'utf8')) as { dataDir: string };
    makeFolder(dirname(dataDir), 0o711);
    return dataDir;
  }
  const near = join(dir, 'data');
  if (user === undefined || canReach(user, dir, mayEnter)) return near;
  if (existsSync(near)) {
    throw new EngineFault(
      `${near} lies where the user ${user.name}, whom PostgreSQL runs as, cannot go. Let others pass the folders above it (chmod o+x), and start again.`,
    );
  }
  // A name that was never used: whoever deletes the shop's home wants an empty shop, not the old data by another way.
  const ownDir = join(systemFolder, randomBytes(6).toString('hex'));
  makeFolder(systemFolder, 0o755);
  makeFolder(ownDir, 0o711);
  const dataDir = join(ownDir, 'data');
  // For whoever wonders whose data these are.
  writeFileAtomic(join(ownDir, 'home'), `${dir}\n`, 0o600);
  writeFileAtomic(memory, `${JSON.stringify({ dataDir })}\n`, 0o600);
  return dataDir;
}

/** Folders with data that no home remembers, because the home was deleted: nobody uses them, and only their owner may say so. */
export function forgottenData(systemFolder: string): string[] {
  if (!existsSync(systemFolder)) return [];
  return readdirSync(systemFolder)
    .map((name) => join(systemFolder, name))
    .filter((folder) => {
      const owner = join(folder, 'home');
      return existsSync(owner) && !existsSync(join(readFileSync(owner, 'utf8').trim(), 'placement.json'));
    });
}

function placeBinaries(
  binaries: PostgresBinaries,
  systemFolder: string,
  user: ServerUser | undefined,
): PostgresBinaries {
  if (user === undefined || (isReadable(binaries, user) && runs(binaries, user) === undefined)) return binaries;
  const name = createHash('sha256').update(`${binaries.root} ${binaries.packageVersion}`).digest('hex').slice(0, 8);
  const copy = { ...binaries, root: join(systemFolder, `postgres-${binaries.packageVersion}-${name}`) };
  if (!existsSync(copy.root)) copyBinaries(binaries.root, copy.root);
  const refusal = runs(copy, user);
  if (refusal !== undefined) {
    throw new EngineFault(`PostgreSQL cannot be run as the user ${user.name} from ${copy.root}: ${refusal}`);
  }
  return copy;
}

/** Copied beside and renamed, so that a copy cut short never counts. */
function copyBinaries(from: string, to: string): void {
  const draft = `${to}.${process.pid}`;
  makeFolder(dirname(to), 0o755);
  rmSync(draft, { recursive: true, force: true });
  cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
  openToAll(draft);
  renameSync(draft, to);
}

/** A clone made under a strict umask has files that only root may read; the copy is for everyone. */
function openToAll(path: string): void {
  const { status } = spawnSync('chmod', ['-R', 'u+rwX,go+rX,go-w', path]);
  if (status !== 0) throw new EngineFault(`The copy of PostgreSQL in ${path} could not be opened to its user.`);
}

function isReadable(binaries: PostgresBinaries, user: ServerUser): boolean {
  // One file of each folder stands for it: npm writes all under one umask.
  return ['bin/postgres', 'lib/postgresql', 'share/postgresql/postgres.bki'].every((path) =>
    canReach(user, join(binaries.root, path), mayRead),
  );
}

/** Why the program does not run as this user; undefined when it does. Modes do not tell all: think of a noexec mount. */
function runs(binaries: PostgresBinaries, user: ServerUser): string | undefined {
  const { status, error, stderr } = spawnSync(programPath(binaries, 'postgres'), ['--version'], {
    uid: user.uid,
    gid: user.gid,
    cwd: '/',
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim();
}

// sun_path holds 104 bytes on macOS and 108 on Linux, its final zero included.
const socketPathMax = 103;

function placeSockets(dataDir: string, user: ServerUser | undefined): string | undefined {
  if (process.platform === 'win32') return undefined;
  const near = join(dirname(dataDir), 'run');
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const socketDir = Buffer.byteLength(join(near, '.s.PGSQL.65535')) <= socketPathMax ? near : `/tmp/onrush-${name}`;
  makeServerDir(socketDir, user);
  const { uid, mode } = lstatSync(socketDir);
  // In /tmp somebody else may have been there first, and would then own the shop's connections.
  if (uid !== (user?.uid ?? process.getuid?.())) {
    throw new EngineFault(`${socketDir} belongs to another user. Remove it and start again.`);
  }
  if ((mode & 0o077) !== 0) chmodSync(socketDir, 0o700);
  return socketDir;
}
