import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EngineFault } from '../engine-fault.ts';
import { writeFileAtomic } from '../write-file-atomic.ts';
import { postgresMajor, programPath } from './binaries.ts';
import { startFailure } from './failure.ts';
import { giveTo, makeServerDir, type Placement } from './placement.ts';

/** The superuser and the database of an embedded server. */
export const role = 'onrush';

export interface DataDirectoryInput {
  readonly placement: Placement;
  /** Only we read it, so not in the data directory, which belongs to the server's user. */
  readonly passwordFile: string;
  readonly logFile: string;
  readonly durable: boolean;
}

/** Makes the data directory unless it stands. Returns the password of its superuser. The server must not be running. */
export async function prepareDataDirectory(input: DataDirectoryInput, tell: (line: string) => void): Promise<string> {
  const { dataDir } = input.placement;
  removeDrafts(dataDir);
  if (!existsSync(dataDir)) {
    tell('creating the database');
    const password = newPassword();
    writeFileAtomic(input.passwordFile, password, 0o600);
    await createDataDirectory(input, password);
    return password;
  }
  checkVersion(dataDir);
  if (existsSync(input.passwordFile)) return readFileSync(input.passwordFile, 'utf8').trim();
  // Whoever may write the data directory may set the password: no need to lose a shop over a lost file.
  const password = newPassword();
  await runSingleUser(input, dataDir, 'postgres', `alter role ${role} password '${password}'`);
  writeFileAtomic(input.passwordFile, password, 0o600);
  return password;
}

const newPassword = () => randomBytes(24).toString('base64url');

/** All is done in a draft that is renamed at the end, so that a creation cut short leaves nothing that counts. */
async function createDataDirectory(input: DataDirectoryInput, password: string): Promise<void> {
  const { dataDir, user } = input.placement;
  const draft = `${dataDir}.draft`;
  const passwordForInit = `${draft}.password`;
  makeServerDir(draft, user);
  try {
    writeFileSync(passwordForInit, password, { mode: 0o600 });
    giveTo(user, passwordForInit);
    await runAsServer(input, 'initdb', [
      ...['--pgdata', draft, '--username', role, '--pwfile', passwordForInit, '--auth', 'scram-sha-256'],
      // PostgreSQL's own locale: the same order of words on every machine, whatever locales it has.
      ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'],
      ...['--set', 'scram_iterations=64', '--set', 'max_connections=10'],
      ...(input.durable ? [] : ['--no-sync']),
    ]);
    await runSingleUser(input, draft, 'postgres', `create database ${role}`);
  } finally {
    rmSync(passwordForInit, { force: true });
  }
  renameSync(draft, dataDir);
  syncDirectory(dirname(dataDir));
}

function removeDrafts(dataDir: string): void {
  const parent = dirname(dataDir);
  if (!existsSync(parent)) return;
  for (const entry of readdirSync(parent)) {
    if (entry.startsWith(`${basename(dataDir)}.draft`)) rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

function checkVersion(dataDir: string): void {
  const file = join(dataDir, 'PG_VERSION');
  if (!existsSync(file)) {
    throw new EngineFault(`${dataDir} is not a PostgreSQL data directory. Move it away and start again.`);
  }
  const version = readFileSync(file, 'utf8').trim();
  if (version !== String(postgresMajor)) {
    throw new EngineFault(
      `${dataDir} was written by PostgreSQL ${version}, and this Onrush brings ${postgresMajor}. Start the Onrush that wrote it and export the shop, then import it into a new home.`,
    );
  }
}

/** PostgreSQL without a server: one process that runs one statement as superuser and ends. */
function runSingleUser(input: DataDirectoryInput, dataDir: string, database: string, statement: string): Promise<void> {
  const sync = input.durable ? [] : ['-F'];
  return runAsServer(input, 'postgres', ['--single', ...sync, '-D', dataDir, database], `${statement}\n`);
}

async function runAsServer(
  input: DataDirectoryInput,
  program: 'initdb' | 'postgres',
  args: string[],
  stdin = '',
): Promise<void> {
  const { binaries, user } = input.placement;
  const child = spawn(programPath(binaries, program), args, {
    ...(user && { uid: user.uid, gid: user.gid }),
    env: serverEnvironment(),
    cwd: '/',
    // A Ctrl-C is for us: we finish or clean up, and then stop.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  // A single-user server reports a failed statement and ends in peace.
  if (code === 0 && !/^.*\b(ERROR|FATAL|PANIC): /m.test(said)) return;
  throw startFailure(said, { dataDir: input.placement.dataDir, logFile: input.logFile });
}

/** Nothing of ours: settings such as PGDATA or LC_ALL must not reach it. */
export function serverEnvironment(): Record<string, string> {
  return { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };
}

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  fsyncSync(directory);
  closeSync(directory);
}
