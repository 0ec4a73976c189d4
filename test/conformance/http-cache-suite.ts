import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
  /** Of those, what is counted for a cache that is no CDN: without the checks of `CDN-Cache-Control`. */
  readonly withoutCdn: SuiteScore;
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
 * Runs the suite, its origin and its client in processes of their own, against the cache that `startCache` starts before that
 * origin: the installed one, or a checkout of it at `home`, with what its package.json asks for installed there. About 40 s,
 * nearly all of it waiting for answers to become stale.
 */
export async function runHttpCacheSuite(
  startCache: (upstream: URL) => Promise<AsyncDisposable & { url: string }>,
  home = installedHome(),
): Promise<SuiteRun> {
  return withOrigin(home, async (origin) => {
    await using cache = await startCache(origin);
    const client = run(home, 'cli.mjs', { base: cache.url.replace(/\/$/, ''), id: '' });
    const output = await outputOf(client);
    let results: Results;
    try {
      results = JSON.parse(output) as Results;
    } catch (cause) {
      throw new Error(`The client of the suite in ${home} printed no results; is it installed there?`, { cause });
    }
    return scoreOf(home, results);
  });
}

/** Those checks of the suite that wait for nothing to become stale, with its client in this process. Ids in their order. */
export async function runQuickChecks(
  startCache: (upstream: URL) => Promise<AsyncDisposable & { url: string }>,
): Promise<{ count: number; failed: string[] }> {
  const home = installedHome();
  return withOrigin(home, async (origin) => {
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

function installedHome(): string {
  return dirname(createRequire(import.meta.url).resolve('http-cache-tests/package.json'));
}

/** Where the suite's programs are: younger versions have them in a folder of their own. */
function engineOf(home: string): string {
  return existsSync(join(home, 'test-engine')) ? 'test-engine' : '';
}

async function withOrigin<T>(home: string, work: (origin: URL) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'onrush-suite-'));
  const port = await freePort('127.0.0.1');
  const origin = run(home, 'server/server.mjs', { protocol: 'http', port: String(port), pidfile: join(folder, 'pid') });
  try {
    const url = new URL(`http://127.0.0.1:${port}/`);
    await until(() => isAnswering(url.href), { what: "the suite's origin answers" });
    return await work(url);
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
  return spawn(process.execPath, ['--no-warnings', join(engineOf(home), file)], {
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
  const suites = (await load(home, 'tests/index.mjs')).default as { tests: Check[] }[];
  // Once a file beside the others, as those of CDNs.
  const surrogate = 'tests/surrogate-control.mjs';
  if (existsSync(join(home, surrogate))) suites.push((await load(home, surrogate)).default);
  const checks = suites.flatMap(({ tests }) => tests).filter((check) => check.browser_only !== true);
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  const failed = checks
    .filter((check) => check.kind !== 'check' && results[check.id] !== true)
    .map((check) => ({ id: check.id, kind: kindOf(check), why: (results[check.id] || ['not run']).toString() }));
  const ofAnyCache = checks.filter((check) => check.cdn_only !== true);
  return {
    ...score('Onrush', checks, results),
    withoutCdn: score('Onrush', ofAnyCache, results),
    version,
    failed,
    others: await scoresOfOthers(home, checks),
  };
}

async function scoresOfOthers(home: string, checks: readonly Check[]): Promise<SuiteScore[]> {
  if (!existsSync(join(home, 'results/index.mjs'))) return [];
  const index = (await load(home, 'results/index.mjs')).default as { file: string; name: string; type: string }[];
  return index
    .filter(({ type }) => type !== 'browser')
    .map(({ file, name }) => score(name, checks, JSON.parse(readFileSync(join(home, 'results', file), 'utf8'))));
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
