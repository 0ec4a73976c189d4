import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { processesIn } from '../engines/os-process.ts';
import { readConfig } from '../platform/config/config.ts';
import { sql } from '../platform/database/sql.ts';
import { HomeBusy } from '../runtime/home-lock.ts';
import { serviceNames } from '../runtime/service-names.ts';
import { withDatabase } from './with-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-with-database-'));
// Started by root, PostgreSQL runs as another user, who must be able to pass.
chmodSync(folder, 0o711);
after(() => rmSync(folder, { recursive: true, force: true }));

const home = join(folder, 'home');
const read = (env: Record<string, string> = {}) =>
  readConfig({ env: { ONRUSH_HOME: home, ...env }, cwd: folder, serviceNames });
const options = { command: 'import', poolMax: 1, statementTimeoutMs: 10_000, tell: () => {} };
const isStarted = () => processesIn(join(home, 'postgres', 'data')).length > 0;

test('without a running shop the embedded database is started for the work, and stopped after it', async () => {
  const answer = await withDatabase(read(), options, async (database) => {
    assert(isStarted());
    await assert.rejects(
      withDatabase(read(), { ...options, command: 'migrate' }, async () => {}),
      (error) => error instanceof HomeBusy && error.message.startsWith('`onrush import` is at work on this shop'),
    );
    const { rows } = await database.run(sql<{ answer: number }>`select ${42}::integer as answer`);
    return rows[0]?.answer;
  });
  assert.equal(answer, 42);
  assert(!isStarted());
  assert(!existsSync(join(home, 'run', 'lock')));
});

test('work that fails stops what was started, too', async () => {
  const work = withDatabase(read(), options, () => Promise.reject(new Error('row 7 is bad')));
  await assert.rejects(work, /^Error: row 7 is bad$/);
  assert(!isStarted());
});

test("the owner's own server is used where there is one, and nothing is started", async () => {
  const url = process.env.TEST_DATABASE_URL;
  assert(url !== undefined, 'TEST_DATABASE_URL is not set. Run tests with `npm test -- <files>`.');
  await withDatabase(read({ DATABASE_URL: url }), options, async (database) => {
    assert.equal(database.url, url);
    await database.ping(5_000);
    assert(!isStarted());
  });
});
