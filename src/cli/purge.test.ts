import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sql } from '../platform/database/sql.ts';
import { eventsMigrations } from '../platform/events/migrations.ts';
import { testDatabase } from '../platform/testing/database.ts';
import { runCommandLine } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-purge-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const database = await testDatabase([eventsMigrations]);
const env = { ONRUSH_HOME: join(folder, 'home'), DATABASE_URL: database.url };

async function onrush(...line: string[]) {
  return runCommandLine(line, { env, cwd: folder });
}

async function announced() {
  const { rows } = await sql<{ topic: string; payload: string }>`
    select topic, payload from events.outbox order by id`.execute(database);
  return rows.map(({ topic, payload }) => ({ topic, ...JSON.parse(payload) }));
}

test('what is to be forgotten is written down as an event that every process hears', async () => {
  const { code, out } = await onrush(
    ...[
      'purge',
      '--tag',
      'product:a',
      '--tag',
      'product:b',
      '--group',
      'sales',
      '--url',
      '/v1/sales',
      '--reason',
      'typo',
    ],
  );
  assert.equal(code, 0);
  assert.match(out, /^Purge [0-9a-f-]{36} is written down: every process forgets within a second\.\n$/);
  const [event, ...others] = await announced();
  assert.equal(others.length, 0);
  const { purgeId, ...told } = event;
  assert(out.includes(purgeId));
  assert.deepEqual(told, {
    topic: 'cache.purged',
    version: 1,
    tags: ['product:a', 'product:b'],
    groups: ['sales'],
    urls: ['/v1/sales'],
    reason: 'typo',
  });
  assert.equal((await onrush('purge', '--everything')).code, 0);
  assert.equal((await announced())[1].everything, true);
});

test('a purge of nothing, or of an address of nowhere, is refused in one sentence', async () => {
  const nothing = await onrush('purge');
  assert.equal(nothing.code, 2);
  assert.match(nothing.err, /Say what to purge: --tag, --group, --url or --everything\./);
  const nowhere = await onrush('purge', '--url', '/a', '--url', 'product:a');
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.err, /--url product:a must be an address of the shop/);
  // A variable of a script that is not set.
  const nameless = await onrush('purge', '--tag', '');
  assert.equal(nameless.code, 2);
  assert.match(nameless.err, /--tag is empty: nothing has that name\./);
  const two = await onrush('purge', '--tag', 'media', '--tag', 'product:a product:b');
  assert.equal(two.code, 2);
  assert.match(two.err, /--tag product:a product:b is no tag: a tag has no blanks and no commas\./);
  const long = await onrush('purge', '--group', 'a'.repeat(501));
  assert.equal(long.code, 2);
  assert.match(long.err, /--group a{80}… is longer than any name may be: 500 characters\./);
  assert.match((await onrush('purge', '--tag')).err, /--tag needs a value: --tag <tag>\./);
});

test('an address of another host than the shop’s is told what it means here', async () => {
  const topology = join(folder, 'topology.yaml');
  const laptop = readFileSync(new URL('../../topologies/laptop.yaml', import.meta.url), 'utf8');
  writeFileSync(topology, laptop.replace(/^shop:$/m, 'shop:\n  url: https://shop.example'));
  const own = await onrush('purge', '--url', 'https://shop.example/a', '--url', '/a', '--topology', topology);
  assert.deepEqual([own.code, own.err], [0, '']);
  const other = await onrush('purge', '--url', 'https://b.example/a?b=1', '--topology', topology);
  assert.equal(other.code, 0);
  assert.equal(
    other.err,
    'https://b.example/a?b=1 is not at https://shop.example: the shop forgets /a?b=1, under every host.\n',
  );
});
