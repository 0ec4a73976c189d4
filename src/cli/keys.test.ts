import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { passTime } from '../platform/signing/testing.ts';
import { testDatabase } from '../platform/testing/database.ts';
import { runCommandLine } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const database = await testDatabase([]);
const env = { ONRUSH_HOME: join(folder, 'home'), DATABASE_URL: database.url };

async function onrush(...line: string[]) {
  return runCommandLine(line, { env, cwd: folder });
}

test('a key is added, signs, and the one before it is retired', async () => {
  const listed = await onrush('keys');
  assert.equal(listed.code, 0, listed.err);
  assert.match(listed.out, /^[0-9a-f]{8} {2}created \S+Z {2}signs since \S+Z\n$/);
  const first = listed.out.slice(0, 8);
  const refused = await onrush('keys', 'retire', first);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /^\S* ?Key [0-9a-f]{8} signs, or is about to: add another with `onrush keys rotate`/);
  assert.match((await onrush('keys', 'rotate')).out, /^.* signs from \S+Z\n.* signs since \S+Z\n$/);
  await passTime(database, 61);
  assert.match((await onrush('keys', 'retire', first)).err, /try again in a minute/);
  await passTime(database, 60);
  const retired = await onrush('keys', 'retire', first);
  assert.equal(retired.code, 0, retired.err);
  assert.match(retired.err, /tickets, passes, quotes, carts and links to orders that it signed are no longer valid/);
  assert.match(retired.out, new RegExp(`^.* signs since \\S+Z\n${first} .* signed from \\S+Z {2}retired \\S+Z\n$`));
  assert.match((await onrush('keys', 'retire', 'none')).err, /There is no key none/);
});

test('a secret is never shown', async () => {
  const known = JSON.parse((await onrush('keys', 'list', '--json')).out) as object[];
  assert(known.length > 0);
  for (const key of known) {
    assert.deepEqual(Object.keys(key), ['keyId', 'createdAtMs', 'signsFromMs', 'retiredAtMs', 'role']);
  }
});

test('a command line that makes no sense ends before anything is started', async () => {
  const cases: [string[], RegExp][] = [
    [['turn'], /keys list\|rotate\|retire/],
    [['retire'], /needs the id/],
    [['rotate', 'x'], /takes no key/],
  ];
  for (const [line, words] of cases) {
    const answer = await onrush('keys', ...line);
    assert.equal(answer.code, 2, line.join(' '));
    assert.match(answer.err, words);
  }
});
