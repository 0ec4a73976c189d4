import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isRunning, processesIn, waitForEnd } from '../engines/os-process.ts';
import { type RunFile, readLastRunFile, readRunFile } from './run-file.ts';

// Real processes, killed for real: the tiny shop stands for the shop, the rest is what `onrush up` runs.

interface Fact {
  readonly kind: string;
  readonly [key: string]: unknown;
}

interface Started {
  readonly child: ChildProcess;
  readonly facts: Fact[];
  /** The first fact of this kind, told already or yet to come. */
  fact(kind: string, line?: RegExp): Promise<Fact>;
  readonly exited: Promise<number | null>;
}

let folder: string;
let home: string;
const started: Started[] = [];

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'onrush-supervisor-'));
  // Started by root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(folder, 0o711);
  home = join(folder, 'home');
});

afterEach(async () => {
  for (const { child, exited } of started.splice(0)) {
    child.kill('SIGINT');
    const late = delay(20_000, 'late', { ref: false });
    if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL');
  }
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('a shop starts, answers, remembers, and stops without leaving anything behind', async () => {
  const first = start();
  const { url, adminToken } = await first.fact('ready');
  assert.equal((adminToken as { isNew: boolean }).isNew, true);
  assert.deepEqual((await visit(url)).services, [
    'catalog',
    'stock',
    'cart',
    'promotion',
    'quote',
    'checkout',
    'payment',
    'media',
    'pulse',
  ]);

  const run = readRunFile(home);
  assert(run?.state === 'ready' && run.url === url && run.database.kind === 'embedded');
  assert.equal(run.supervisor.pid, first.child.pid);
  assert.equal(statSync(join(home, 'run', 'onrush.json')).mode & 0o077, 0, 'it holds a password');
  assert.match(readFileSync(join(home, 'log', 'shop.jsonl'), 'utf8'), /the tiny shop is open/);

  first.child.kill('SIGTERM');
  assert.equal(await first.exited, 0);
  assertNothingRuns(run);
  assert.equal(readLastRunFile(home), undefined);
  assert(!existsSync(join(home, 'run', 'lock')));

  const second = start();
  const again = await second.fact('ready');
  assert.equal((again.adminToken as { isNew: boolean }).isNew, false);
  assert.equal((await visit(again.url)).visits, 2);
});

test('a home that is in use is refused, and the sentence says by whom', async () => {
  const first = start();
  const { url } = await first.fact('ready');
  const second = start();
  const { message } = await second.fact('failed');
  assert.equal(
    message,
    `This shop is running already (pid ${first.child.pid}, ${url}). Stop it with Ctrl-C there, or with \`kill ${first.child.pid}\`.`,
  );
  assert.equal(await second.exited, 1);
  assert.equal((await fetch(url as string)).status, 200, 'the first one runs on');
});

test('a taken port is told in one sentence, before anything is started', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const run = start(String(port));
  const { message } = await run.fact('failed');
  assert.equal(
    message,
    `Port ${port} on 127.0.0.1 is taken by another program. End it, or choose another port: PORT=${port + 1} npm start.`,
  );
  assert.equal(run.facts.length, 1, 'no step was taken');
  assert.equal(await run.exited, 1);
  other.close();
});

test('what a shop says when it cannot start is passed on, and the database is stopped again', async () => {
  const run = start('0', './failing-shop.ts');
  assert.equal((await run.fact('failed')).message, 'The till is jammed. Open it with a key.');
  assert.equal(await run.exited, 1);
  assertNoPostgres();
});

test('the shop is killed, and is back by itself', async () => {
  const port = await freePort();
  const run = start(String(port));
  const { url } = await run.fact('ready');
  const before = await visit(url);
  process.kill(before.pid, 'SIGKILL');
  await run.fact('event', /^the shop is back$/);
  const afterwards = await visit(url);
  assert.notEqual(afterwards.pid, before.pid);
  assert.equal(afterwards.visits, before.visits + 1);
  assert.equal(readRunFile(home)?.processes[0]?.pid, afterwards.pid);
});

test('the database is killed, and is back by itself, while the shop stays', async () => {
  const run = start();
  const { url } = await run.fact('ready');
  const before = await visit(url);
  const database = readRunFile(home)?.database.pid;
  assert(database !== undefined);
  process.kill(database, 'SIGKILL');
  await run.fact('event', /^PostgreSQL is back$/);
  // The shop's own connections find out one by one that they are dead.
  const afterwards = await retry(() => visit(url));
  assert.equal(afterwards.pid, before.pid);
  assert(afterwards.visits > before.visits);
  assert.notEqual(readRunFile(home)?.database.pid, database);
});

test('the supervisor is killed: the shop ends by itself, and the next start takes over the orphaned database', async () => {
  const port = String(await freePort());
  const first = start(port);
  const { url } = await first.fact('ready');
  const before = await visit(url);
  const orphaned = readRunFile(home);
  assert(orphaned !== undefined);
  first.child.kill('SIGKILL');
  await first.exited;
  assert.equal(readRunFile(home), undefined, 'nobody supervises it any more');

  // At once, on the same port, which the orphan may still hold.
  const second = start(port);
  const afterwards = await visit((await second.fact('ready')).url);
  assert.equal(afterwards.visits, before.visits + 1);
  assert(orphaned.processes.every((process) => !isRunning(process)));
  assert.equal(processesIn(dataDir()).filter(({ pid }) => pid === orphaned.database.pid).length, 0);
});

test('without a next start, too, an orphaned shop ends by itself', async () => {
  const run = start();
  await run.fact('ready');
  const [shop] = readRunFile(home)?.processes ?? [];
  assert(shop !== undefined);
  run.child.kill('SIGKILL');
  assert(await waitForEnd(shop, 5_000));
});

test('everything is killed at once, and the next start finds every row', async () => {
  const first = start();
  const before = await visit((await first.fact('ready')).url);
  const run = readRunFile(home);
  assert(run?.database.pid !== undefined);
  for (const pid of [run.supervisor.pid, run.database.pid, ...run.processes.map(({ pid }) => pid)]) {
    process.kill(pid, 'SIGKILL');
  }
  await first.exited;
  const second = start();
  assert.equal((await visit((await second.fact('ready')).url)).visits, before.visits + 1);
});

test('a stop in the middle of the start ends cleanly', async () => {
  const run = start();
  await run.fact('step');
  run.child.kill('SIGTERM');
  assert.equal(await run.exited, 0);
  assertNoPostgres();
  assert(!existsSync(join(home, 'run', 'lock')));
});

test('a second, impatient stop ends everything at once', async () => {
  const run = start();
  await run.fact('ready');
  run.child.kill('SIGTERM');
  run.child.kill('SIGINT');
  assert.equal(await run.exited, 0);
  assertNoPostgres();
});

function start(port = '0', shop = './tiny-shop.ts'): Started {
  const script = join(import.meta.dirname, 'testdata', 'run-tiny-shop.ts');
  const child = spawn(process.execPath, [script, home, port, shop], { stdio: ['ignore', 'pipe', 'inherit'] });
  const facts: Fact[] = [];
  const waiting = new Set<() => void>();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    facts.push(JSON.parse(line) as Fact);
    for (const wake of waiting) wake();
  });
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const run: Started = {
    child,
    facts,
    exited,
    fact: (kind, line) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = facts.find(
            (fact) => fact.kind === kind && (line === undefined || line.test(String(fact.line))),
          );
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        exited.then(() => reject(new Error(`it ended before it told ${kind}: ${JSON.stringify(facts)}`)));
        look();
      }),
  };
  started.push(run);
  return run;
}

async function visit(url: unknown): Promise<{ pid: number; visits: number; services: string[] }> {
  const response = await fetch(String(url), { headers: { connection: 'close' } });
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()) as { pid: number; visits: number; services: string[] };
}

async function retry<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

function assertNothingRuns(run: RunFile): void {
  for (const process of run.processes) assert(!isRunning(process));
  assertNoPostgres();
}

function assertNoPostgres(): void {
  assert.deepEqual(
    processesIn(dataDir()).filter(({ pid }) => identify(pid) !== undefined),
    [],
  );
}

function dataDir(): string {
  return join(home, 'postgres', 'data');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
