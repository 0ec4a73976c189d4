import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../../drills/free-port.ts';
import { until } from '../../src/platform/testing/until.ts';

/** What an independent suite (http-cache-tests, as on cache-tests.fyi) says of a cache, or of what others have published. */
export interface SuiteScore {
  readonly name: string;
  readonly required: { readonly passed: number; readonly total: number };
  readonly optional: { readonly passed: number; readonly total: number };
}

export interface SuiteRun extends SuiteScore {
  readonly version: string;
  /** Ids of checks that were not passed, and why. */
  readonly failed: readonly { readonly id: string; readonly kind: 'required' | 'optional'; readonly why: string }[];
  /** What the suite keeps of other caches, counted by the same rule over the same checks. */
  readonly others: readonly SuiteScore[];
}

interface Check {
  readonly id: string;
  readonly kind?: 'required' | 'optimal' | 'check';
  readonly browser_only?: boolean;
  readonly cdn_only?: boolean;
}
type Results = Readonly<Record<string, true | readonly [string, string] | undefined>>;

/**
 * Runs the installed suite, its origin and its client in processes of their own, against the cache that `startCache` starts
 * before that origin. About 30 s, nearly all of it waiting for answers to become stale.
 */
export async function runHttpCacheSuite(
  startCache: (upstream: URL) => Promise<AsyncDisposable & { url: string }>,
): Promise<SuiteRun> {
  return withOrigin(async (home, origin) => {
    await using cache = await startCache(origin);
    const client = run(home, 'cli.mjs', { base: cache.url.replace(/\/$/, ''), id: '' });
    return scoreOf(home, JSON.parse(await outputOf(client)) as Results);
  });
}

/** Those checks of the suite that wait for nothing to become stale, with its client in this process. Ids in their order. */
export async function runQuickChecks(
  startCache: (upstream: URL) => Promise<AsyncDisposable & { url: string }>,
): Promise<{ count: number; failed: string[] }> {
  return withOrigin(async (home, origin) => {
    const suites = (await load(home, 'tests/index.mjs')).default as {
      tests: (Check & { requests: { pause_after?: boolean }[] })[];
    }[];
    const quick = suites.map(({ tests }) => ({
      tests: tests.filter(
        ({ kind, browser_only, requests }) =>
          kind !== 'check' && browser_only !== true && !requests.some((one) => one.pause_after === true),
      ),
    }));
    const { runTests, getResults } = await load(home, 'client/runner.mjs');
    const fetch = createRequire(join(home, 'cli.mjs'))('node-fetch');
    await using cache = await startCache(origin);
    await runTests(quick, fetch, false, cache.url.replace(/\/$/, ''), 20);
    const results = getResults() as Results;
    const ids = quick.flatMap(({ tests }) => tests.map(({ id }) => id));
    return { count: ids.length, failed: ids.filter((id) => results[id] !== true).sort() };
  });
}

async function withOrigin<T>(work: (home: string, origin: URL) => Promise<T>): Promise<T> {
  const home = dirname(createRequire(import.meta.url).resolve('http-cache-tests/package.json'));
  const folder = mkdtempSync(join(tmpdir(), 'onrush-suite-'));
  const port = await freePort('127.0.0.1');
  const origin = run(home, 'server/server.mjs', { protocol: 'http', port: String(port), pidfile: join(folder, 'pid') });
  try {
    const url = new URL(`http://127.0.0.1:${port}/`);
    await until(() => isAnswering(url.href), { timeoutMs: 20_000, what: "the suite's origin answers" });
    return await work(home, url);
  } finally {
    origin.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function load(home: string, file: string) {
  return import(pathToFileURL(join(home, file)).href);
}

function run(home: string, file: string, config: Readonly<Record<string, string>>): ChildProcess {
  // The suite is told by npm, which puts an option into each of these.
  const env = Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => [
      [`npm_config_${name}`, value],
      [`npm_package_config_${name}`, value],
    ]),
  );
  return spawn(process.execPath, ['--no-warnings', file], {
    cwd: home,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', file === 'cli.mjs' ? 'pipe' : 'ignore', 'ignore'],
  });
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) text += chunk;
  return text;
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function scoreOf(home: string, results: Results): Promise<SuiteRun> {
  const suites = [
    ...(await load(home, 'tests/index.mjs')).default,
    (await load(home, 'tests/surrogate-control.mjs')).default,
  ] as {
    tests: Check[];
  }[];
  const checks = suites.flatMap(({ tests }) => tests).filter((check) => check.browser_only !== true);
  const index = (await load(home, 'results/index.mjs')).default as { file: string; name: string; type: string }[];
  const others = index
    .filter(({ type }) => type !== 'browser')
    .map(({ file, name }) => score(name, checks, JSON.parse(readFileSync(join(home, 'results', file), 'utf8'))));
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  const failed = checks
    .filter((check) => check.kind !== 'check' && results[check.id] !== true)
    .map((check) => ({ id: check.id, kind: kindOf(check), why: (results[check.id] || ['not run']).toString() }));
  return { ...score('Onrush', checks, results), version, failed, others };
}

function kindOf({ kind }: Check): 'required' | 'optional' {
  return kind === 'optimal' ? 'optional' : 'required';
}

/** `check` kinds are questions without a right answer, and not counted. */
function score(name: string, checks: readonly Check[], results: Results): SuiteScore {
  const count = (wanted: string) => {
    const those = checks.filter((check) => check.kind !== 'check' && kindOf(check) === wanted);
    return { passed: those.filter(({ id }) => results[id] === true).length, total: those.length };
  };
  return { name, required: count('required'), optional: count('optional') };
}
