import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../drills/free-port.ts';
import { until } from '../src/platform/testing/until.ts';
import { runHttpCacheSuite } from '../test/conformance/http-cache-suite.ts';
import { type LoadOptions, prepareRequest, runLoad } from './load.ts';
import { describeMachine } from './machine.ts';
import { median } from './median.ts';
import { nginxVersion, runNginx } from './nginx.ts';
import type { BenchOptions, BenchReport, Figure } from './report.ts';

const root = join(import.meta.dirname, '..');

/**
 * What an independent suite says of `onrush edge`, beside the best of what it keeps of others; and how many hits a second it
 * answers beside nginx's proxy_cache, each in one process, with the same answer of 10 kB, over connections that stay open and to
 * clients that have just come. `--quick` leaves the suite out.
 */
export async function run({ isQuick, suiteDir }: BenchOptions): Promise<BenchReport> {
  const figures: Figure[] = [];
  const notes: string[] = [];
  if (!isQuick) {
    const suite = await runHttpCacheSuite(startEdge, suiteDir);
    for (const kind of ['required', 'optional'] as const) {
      const { passed, total } = suite[kind];
      const [first, ...rest] = suite.others;
      const best = first && rest.reduce((one, other) => (other[kind].passed > one[kind].passed ? other : one), first);
      figures.push({
        name: `${kind} checks passed of ${total}`,
        value: passed,
        unit: 'checks',
        ...(best && {
          target: `more than ${best[kind].passed}, the best of the others (${best.name})`,
          isReached: passed > best[kind].passed,
        }),
      });
      const { passed: passedOfAny, total: totalOfAny } = suite.withoutCdn[kind];
      if (totalOfAny < total) {
        notes.push(`${passedOfAny} of ${totalOfAny} ${kind} checks without those that are for CDNs only.`);
      }
    }
    notes.push(`http-cache-tests ${suite.version}; not passed:`);
    notes.push(...suite.failed.map(({ id, kind, why }) => `${kind} ${id}: ${why}`));
  }
  const { hitFigures, note } = await measureHits(isQuick ? 2_000 : 5_000);
  figures.push(...hitFigures);
  if (note !== undefined) notes.push(note);
  return { bench: 'cache', machine: await describeMachine(), figures, notes };
}

async function startEdge(upstream: URL): Promise<AsyncDisposable & { url: string; port: number }> {
  const port = await freePort('127.0.0.1');
  const folder = await mkdtemp(join(tmpdir(), 'onrush-bench-cache-'));
  const tokenFile = join(folder, 'purge-token');
  await writeFile(tokenFile, randomBytes(32).toString('hex'));
  const args = [join(root, 'bin/onrush.mjs'), 'edge', '--upstream', upstream.origin, '--port', String(port)];
  // What is said to CDNs alone is for who can be purged.
  args.push('--purge-port', '0', '--purge-token-file', tokenFile);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await until(() => said.includes('http://'), { timeoutMs: 30_000, what: 'onrush edge listens' });
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

const body = 'a lamp for every desk; '.repeat(435);
const connections = 64;

/** Both before one origin, in turns, after a first request that fills them. */
async function measureHits(durationMs: number): Promise<{ hitFigures: Figure[]; note?: string }> {
  const origin = createServer((_, response) => {
    response.writeHead(200, {
      'cache-control': 'max-age=3600',
      'content-type': 'application/octet-stream',
      'content-length': body.length,
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const upstream = new URL(`http://127.0.0.1:${(origin.address() as AddressInfo).port}/`);
  try {
    await using edge = await startEdge(upstream);
    await using nginx =
      nginxVersion() === undefined ? undefined : await runNginx((dir, port) => nginxConfig(dir, port, upstream));
    await (await fetch(`${edge.url}lamp`)).arrayBuffer();
    await hitsPerS(edge.port, { durationMs: 1_000 });
    if (nginx !== undefined) await hitsPerS(nginx.port, { durationMs: 500 });
    const hitFigures: Figure[] = [];
    for (const isEachOnNew of [false, true]) {
      hitFigures.push(...(await compareHits(edge, nginx, { durationMs: durationMs / 3, isEachOnNew })));
    }
    const note = 'nginx is not here, so there is nothing to compare with: apt-get install nginx';
    return { hitFigures, ...(nginx === undefined && { note }) };
  } finally {
    origin.closeAllConnections();
    origin.close();
  }
}

type HitLoad = Pick<LoadOptions, 'durationMs' | 'isEachOnNew'>;

async function compareHits(edge: { port: number }, nginx: { port: number } | undefined, load: HitLoad) {
  const rounds = [];
  for (let round = 0; round < 3; round += 1) {
    const theirs = nginx === undefined ? undefined : await hitsPerS(nginx.port, load);
    rounds.push({ theirs, ours: await hitsPerS(edge.port, load) });
  }
  const what = load.isEachOnNew ? 'hits of 10 kB, each on a new connection' : 'hits of 10 kB';
  const ours = median(rounds.map((round) => round.ours));
  const figure: Figure = { name: `${what}, onrush edge`, value: ours, unit: 'hits/s' };
  if (nginx === undefined) return [figure];
  const theirs = median(rounds.map((round) => round.theirs ?? 0));
  return [
    { name: `${what}, nginx's proxy_cache`, value: theirs, unit: 'hits/s' },
    { ...figure, ratio: ours / theirs, ratioTo: 'nginx' },
  ];
}

async function hitsPerS(port: number, load: HitLoad): Promise<number> {
  const requests = { prepared: [prepareRequest({ method: 'GET', path: '/lamp' })], isRepeated: true };
  const result = await runLoad({ ...load, host: '127.0.0.1', port, connections, requests });
  if (result.errors > 0 || Object.keys(result.statuses).join() !== '200') {
    throw new Error(`not only hits: ${JSON.stringify(result.statuses)}, ${result.errors} errors`);
  }
  return result.perSecond;
}

/** Its cache is on disk as nginx has it, which the page cache holds in memory. */
function nginxConfig(dir: string, port: number, upstream: URL): string {
  return `
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=60s;
  proxy_cache_path ${dir}/cache levels=1:2 keys_zone=edge:10m use_temp_path=off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location / {
      proxy_pass ${upstream.origin};
      proxy_cache edge;
      proxy_cache_lock on;
      add_header X-Cache $upstream_cache_status;
    }
  }
}
`;
}
