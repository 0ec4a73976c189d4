import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EngineFault } from '../engines/engine-fault.ts';
import { adminTokenOf, openHome, rotateLog } from './home.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-home-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('the admin token is made once, for its owner alone; what the owner sets wins', () => {
  const home = openHome(join(folder, 'token'));
  const first = adminTokenOf(home, undefined);
  assert.equal(first.isNew, true);
  assert.match(first.token, /^onr_[\w-]{32}$/);
  assert.equal(statSync(home.adminTokenFile).mode & 0o077, 0);
  assert.deepEqual(adminTokenOf(home, undefined), { token: first.token, isNew: false });
  assert.equal(adminTokenOf(home, 'set-by-the-owner').token, 'set-by-the-owner');

  writeFileSync(home.adminTokenFile, '');
  assert.equal(adminTokenOf(home, undefined).isNew, true, 'an empty file would let everybody in');
});

test('where no home can be made, one sentence says why and what to do', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  assert.throws(() => openHome(join(file, 'home')), {
    name: 'EngineFault',
    message: `${file}/home cannot be made, because a part of that path is a file. Move the file or set ONRUSH_HOME elsewhere.`,
  });
  assert.throws(() => openHome(file), EngineFault);
});

test('a folder of somebody else is refused in one sentence', {
  skip: process.getuid?.() === 0 && 'root may write anywhere',
}, () => {
  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0o500 });
  assert.throws(() => openHome(join(closed, 'home')), /^EngineFault: .* may not be written by this user\./);
  chmodSync(closed, 0o700);
});

test('a log that has grown large steps aside at the next start, and three old ones are kept', () => {
  const log = join(folder, 'shop.jsonl');
  for (const round of [1, 2, 3, 4, 5]) {
    writeFileSync(log, `round ${round}\n`);
    rotateLog(log);
    assert(existsSync(log), 'a small one stays');
    truncateSync(log, 17 * 2 ** 20);
    rotateLog(log);
    assert(!existsSync(log));
  }
  assert.match(readFileSync(`${log}.1`, 'utf8').slice(0, 8), /^round 5/);
  assert.match(readFileSync(`${log}.3`, 'utf8').slice(0, 8), /^round 3/);
  assert(!existsSync(`${log}.4`));
});
