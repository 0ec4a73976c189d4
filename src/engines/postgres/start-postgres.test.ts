import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { processesIn, signal } from '../os-process.ts';
import { type RunningPostgres, startPostgres } from './start-postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-postgres-'));
// Started by root, PostgreSQL runs as another user, who must be able to pass.
chmodSync(folder, 0o711);
const running = new Set<RunningPostgres>();
after(async () => {
  await Promise.all([...running].map((server) => server.stop('immediate')));
  rmSync(folder, { recursive: true, force: true });
});

const told: string[] = [];
const isRoot = process.getuid?.() === 0;

async function start(name: string, more: { settings?: Record<string, string> } = {}): Promise<RunningPostgres> {
  told.length = 0;
  const server = await startPostgres({
    dir: join(folder, name),
    systemDir: join(folder, 'system'),
    logFile: join(folder, `${name}.log`),
    durable: false,
    tell: (line) => told.push(line),
    ...more,
  });
  running.add(server);
  void server.exited.then(() => running.delete(server));
  return server;
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

test('it starts, takes connections by socket and by TCP, stops, and starts again with all that it had', async () => {
  const first = await start('shop');
  await query(first.url, 'create table kept (word text)');
  await query(first.tcpUrl, "insert into kept values ('ünïcode ✓')");
  await first.stop('fast');
  assert.deepEqual(await first.exited, { code: 0, signal: null });

  const second = await start('shop');
  assert.deepEqual(await query(second.url, 'select word from kept'), [{ word: 'ünïcode ✓' }]);
  assert.equal(second.url, first.url, 'port and password stay');
  assert.deepEqual(told, []);
  assert.equal(statSync(join(folder, 'shop', 'password')).mode & 0o077, 0);
  await assert.rejects(query(second.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1'), /password authentication failed/);
  if (isRoot) assert.notEqual(statSync(second.dataDir).uid, 0);
  await second.stop('fast');
});

test('a shop is durable, a test is not', async () => {
  const settings =
    "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')";
  const careless = await start('shop');
  assert.deepEqual(new Set((await query(careless.url, settings)).map(({ setting }) => setting)), new Set(['off']));
  await careless.stop('fast');
  const careful = await startPostgres({
    dir: join(folder, 'shop'),
    logFile: join(folder, 'shop.log'),
    durable: true,
    tell: () => {},
  });
  running.add(careful);
  assert.deepEqual(new Set((await query(careful.url, settings)).map(({ setting }) => setting)), new Set(['on']));
  await careful.stop('fast');
  running.delete(careful);
});

test('the owner may put settings of his own into local.conf', async () => {
  writeFileSync(join(folder, 'shop', 'data', 'local.conf'), 'work_mem = 13MB\n', { mode: 0o644 });
  const server = await start('shop');
  assert.deepEqual(await query(server.url, 'show work_mem'), [{ work_mem: '13MB' }]);
  await server.stop('fast');
  writeFileSync(join(folder, 'shop', 'data', 'local.conf'), 'wrk_mem = 13MB\n');
  await assert.rejects(start('shop'), {
    name: 'EngineFault',
    message: /local\.conf is not one that PostgreSQL understands\. Correct it\.$/,
  });
  rmSync(join(folder, 'shop', 'data', 'local.conf'));
});

test('a server that an earlier run left behind is ended first', async () => {
  const orphan = await start('shop');
  await query(orphan.url, 'create table of_orphan ()');
  const next = await start('shop');
  assert.match(told[0] ?? '', new RegExp(`left behind \\(pid ${orphan.pid}\\)$`));
  assert.deepEqual(await orphan.exited, { code: 0, signal: null });
  assert.deepEqual(await query(next.url, 'table of_orphan'), []);
  await next.stop('fast');
});

test('a killed server with a child that is too busy to notice does not stop the next start', async () => {
  const killed = await start('shop');
  const client = new pg.Client({ connectionString: killed.url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const busy = client.query('select count(*) from generate_series(1, 100000000000) as n').catch(() => 'cut off');
  process.kill(killed.pid, 'SIGKILL');
  await killed.exited;
  assert(
    processesIn(killed.dataDir).some(({ pid }) => pid === rows[0]?.pid),
    'the child lives on',
  );

  const next = await start('shop');
  assert.equal(await busy, 'cut off');
  assert(!processesIn(next.dataDir).some(({ pid }) => pid === rows[0]?.pid));
  await next.stop('fast');
});

test('a pid file whose pid has passed to another process misleads nobody', async () => {
  const other = spawn('sleep', ['60']);
  assert(other.pid !== undefined);
  writeFileSync(join(folder, 'shop', 'data', 'postmaster.pid'), `${other.pid}\n/elsewhere\n`);
  writeFileSync(join(folder, 'shop', 'run', `.s.PGSQL.1.lock`), `${other.pid}\n`);
  const server = await start('shop');
  await server.stop('fast');
  assert.equal(other.exitCode, null, 'the other process is left alone');
  signal(other.pid, 'SIGKILL');
});

test('a port that another program took meanwhile is given up for a new one', async () => {
  const taken = createServer();
  const portFile = join(folder, 'shop', 'port');
  await new Promise<void>((resolve) => taken.listen(Number(readFileSync(portFile, 'utf8')), '127.0.0.1', resolve));
  const server = await start('shop');
  assert.notEqual(new URL(server.tcpUrl).port, String((taken.address() as { port: number }).port));
  assert.equal((await query(server.tcpUrl, 'select 1')).length, 1);
  await server.stop('fast');
  taken.close();
});

test('a lost password is replaced by a new one', async () => {
  rmSync(join(folder, 'shop', 'password'));
  const server = await start('shop');
  assert.equal((await query(server.url, 'select 1')).length, 1);
  await server.stop('fast');
});

test('a creation that was cut short leaves nothing that counts', async () => {
  const data = join(folder, 'shop', 'data');
  const draft = join(folder, 'half', 'data.draft');
  mkdirSync(join(draft, 'base'), { recursive: true });
  writeFileSync(join(draft, 'PG_VERSION'), '18\n');
  writeFileSync(`${draft}.password`, 'secret');
  if (isRoot) chmodSync(join(folder, 'half'), 0o711);
  const server = await start('half');
  assert.deepEqual(told, ['creating the database']);
  await server.stop('immediate');
  assert.deepEqual(readdirSync(join(folder, 'half')).sort(), ['data', 'password', 'port', 'run']);
  assert(existsSync(data));
});

test('data of another version, or of something else, are left alone, and the sentence says so', async () => {
  const version = join(folder, 'half', 'data', 'PG_VERSION');
  writeFileSync(version, '17\n');
  await assert.rejects(
    start('half'),
    /^EngineFault: .*\/half\/data was written by PostgreSQL 17, and this Onrush brings 18\./,
  );
  rmSync(version);
  await assert.rejects(start('half'), /^EngineFault: .*\/half\/data is not a PostgreSQL data directory\. Move it away/);
});

test('a path too long for a socket is no obstacle', async () => {
  const name = `long-${'x'.repeat(90)}`;
  const server = await start(name);
  assert.equal((await query(server.url, 'select 1')).length, 1);
  const socketDir = new URL(server.url).searchParams.get('host');
  assert.match(socketDir ?? '', /^\/tmp\/onrush-[0-9a-f]{12}$/);
  await server.stop('immediate');
  if (socketDir) rmSync(socketDir, { recursive: true });
});

test('where the unprivileged user cannot go, data lie in the system folder, and are found again', {
  skip: !isRoot && 'for root only',
}, async () => {
  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const first = await start('closed/postgres');
  assert(first.dataDir.startsWith(join(folder, 'system')), first.dataDir);
  await query(first.url, 'create table far_away ()');
  await first.stop('fast');
  chmodSync(closed, 0o755);
  const second = await start('closed/postgres');
  assert.equal(second.dataDir, first.dataDir, 'though the folder near by could be used now');
  assert.deepEqual(await query(second.url, 'table far_away'), []);
  await second.stop('immediate');
});

test("root looks after another user's shop as that user, and never puts an empty one in its place", {
  skip: !isRoot && 'for root only',
}, async () => {
  const home = join(folder, 'of-another');
  const nobody = 65_534;
  mkdirSync(home, { mode: 0o700 });
  // As if that user had made it.
  cpSync(join(folder, 'shop'), join(home, 'postgres'), { recursive: true, filter: (path) => !path.endsWith('/run') });
  spawnSync('chown', ['-R', `${nobody}:${nobody}`, home]);

  const server = await start('of-another/postgres');
  assert.equal(server.dataDir, join(home, 'postgres', 'data'));
  assert.deepEqual(await query(server.url, 'table of_orphan'), [], 'the old data');
  assert.equal(statSync(join(server.dataDir, 'postmaster.pid')).uid, nobody);
  await server.stop('fast');

  chownSync(home, 0, 0);
  await assert.rejects(start('of-another/postgres'), /data lies where the user nobody, .* cannot go\. Let others pass/);
});

test('a full disk is told in one sentence, and a later start with room succeeds', {
  skip: !isRoot && 'for root only',
}, async (t) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk, { mode: 0o755 });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=755', 'tmpfs', disk]).status !== 0) {
    t.skip('file systems cannot be mounted here');
    return;
  }
  try {
    await assert.rejects(start('disk/postgres'), {
      name: 'EngineFault',
      message: `The disk that holds ${disk}/postgres/data is full. Free some space and start again.`,
    });
    spawnSync('mount', ['-o', 'remount,size=200m', disk]);
    const server = await start('disk/postgres');
    await server.stop('immediate');
    spawnSync('mount', ['-o', 'remount,ro', disk]);
    await assert.rejects(start('disk/postgres'), /^EngineFault: .*disk\/postgres is on a read-only file system\./);
  } finally {
    spawnSync('umount', [disk]);
  }
});

test('the socket is open to its owner alone', async () => {
  const server = await start('shop');
  const socketDir = new URL(server.url).searchParams.get('host') ?? '';
  assert.equal(lstatSync(socketDir).mode & 0o077, 0);
  await server.stop('fast');
});
