// npm test: everything that can fail, in one command. `npm test -- <files>` runs those test files alone, without the checks.
import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { run } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startPostgres } from '../src/engines/postgres/start-postgres.ts';
import { chromiumForTests } from './browser/chromium.ts';
import { check } from './checks.ts';
import { parseRunOptions, type RunOptions, reporters } from './run-options.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = join(import.meta.dirname, '..');
process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const options = parseRunOptions(args);
  if ('problem' in options) {
    console.error(options.problem);
    return 2;
  }
  const { patterns } = options;
  if (patterns.length === 0 && !(await isReady())) return 1;
  const files = patterns.length > 0 ? patterns.flatMap(filesOf) : allTests();
  return withDatabase((database, signal) => runTests(files, options, database, signal));
}

async function isReady(): Promise<boolean> {
  // Unpacked once and now, not by each of the files that want it. Where there is none, they say so.
  const [isSound] = await Promise.all([check(), chromiumForTests().catch(() => {})]);
  return isSound;
}

/** Those that take longest first, since at the end others would wait for them: what starts whole shops. */
function allTests(): string[] {
  const files = filesOf('{src,drills,bench,test}/**/*.test.ts');
  const long = [`test${sep}browser`, 'drills', 'test'];
  const isOf = (folder: string) => (file: string) => file.startsWith(folder + sep);
  return [...new Set([...long.flatMap((folder) => files.filter(isOf(folder))), ...files])];
}

function filesOf(pattern: string): string[] {
  const files = globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] }).sort();
  if (files.length === 0) throw new Error(`There is no test file ${pattern}.`);
  return files;
}

interface TestDatabase {
  readonly url: string;
  /** For whatever tests write; removed after the run. */
  readonly folder: string;
}

/** One PostgreSQL for all test files, each of which makes a database of its own in it. */
async function withDatabase(work: (database: TestDatabase, signal: AbortSignal) => Promise<number>): Promise<number> {
  const folder = mkdtempSync(join(temporaryFolder(), 'onrush-test-'));
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
      return stopping.signal.aborted ? 130 : await work({ url: postgres.url, folder }, stopping.signal);
    } finally {
      await postgres.stop('immediate');
    }
  } finally {
    // What a test has killed may still be ending in it.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** 0 if all went well. `node --test` would run the files by the order of their names. */
async function runTests(
  files: string[],
  { reporter, concurrency, nodeOptions }: RunOptions,
  { url, folder }: TestDatabase,
  signal: AbortSignal,
): Promise<number> {
  const results = run({
    files: files.map((file) => resolve(root, file)),
    cwd: root,
    concurrency,
    execArgv: ['--import', pathToFileURL(join(root, 'bin/tsx.mjs')).href, ...nodeOptions],
    env: { ...process.env, TEST_DATABASE_URL: url, TMPDIR: folder },
    signal,
  });
  let isSound = false;
  results.on('test:summary', ({ file, success }) => {
    if (file === undefined) isSound = success;
  });
  for await (const text of results.compose(reporters[reporter])) process.stdout.write(text);
  if (signal.aborted) return 130;
  return isSound ? 0 : 1;
}
