// npm test: everything that can fail, in one command. `npm test -- <files>` runs those test files alone, without the checks.
import { spawn } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../src/engines/postgres/start-postgres.ts';
import { check } from './checks.ts';

const root = join(import.meta.dirname, '..');
process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const files = args.filter((arg) => !arg.startsWith('--'));
  const options = args.filter((arg) => arg.startsWith('--'));
  if (files.length === 0 && !(await check())) return 1;
  return withDatabase((url, signal) => runTests(files.length > 0 ? files : allTests(), options, url, signal));
}

/** The longest first: the browser's visits, one after the other, take as long as many other files. */
function allTests(): string[] {
  const files = globSync(['{src,drills,bench,test}/**/*.test.ts'], {
    cwd: root,
    exclude: ['**/node_modules/**'],
  }).sort();
  const isLong = (file: string) => file.startsWith(join('test', 'browser'));
  return [...files.filter(isLong), ...files.filter((file) => !isLong(file))];
}

/** One PostgreSQL for all test files, each of which makes a database of its own in it. */
async function withDatabase(work: (url: string, signal: AbortSignal) => Promise<number>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'onrush-test-'));
  // Started by root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(folder, 0o711);
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stopping.abort());
  try {
    const postgres = await startPostgres({
      dir: join(folder, 'postgres'),
      systemDir: join(folder, 'system'),
      logFile: join(folder, 'postgres.log'),
      durable: false,
      connectionsMax: 200,
      tell: () => {},
    });
    try {
      return stopping.signal.aborted ? 130 : await work(postgres.url, stopping.signal);
    } finally {
      await postgres.stop('immediate');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runTests(files: string[], options: string[], databaseUrl: string, signal: AbortSignal): Promise<number> {
  const child = spawn(
    process.execPath,
    // Test files wait for PostgreSQL and for each other's turns more than they compute: a few more than there are cores.
    [
      '--import',
      join(root, 'bin/tsx.mjs'),
      '--test',
      '--test-reporter=spec',
      '--test-concurrency=4',
      ...options,
      ...files,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: databaseUrl } },
  );
  signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(signal.aborted ? 130 : (code ?? 1)));
  });
}
