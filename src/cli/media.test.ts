import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { testDatabase } from '../platform/testing/database.ts';
import { runCommandLine } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-media-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const database = await testDatabase([]);
const env = { ONRUSH_HOME: join(folder, 'home'), DATABASE_URL: database.url };

async function onrush(...line: string[]) {
  return runCommandLine(line, { env, cwd: folder });
}

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const svg = (inside: string) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30">${inside}</svg>`;

test('pictures are uploaded and their URLs printed; what is refused is named and keeps nothing else out', async () => {
  const good = file('lamp.svg', svg('<circle r="5"/>'));
  const evil = file('evil.svg', svg('<script/>'));
  const text = file('notes.txt', 'a lamp');
  const large = file('film.jpg', Buffer.alloc(20 * 1024 * 1024 + 1));
  const added = await onrush('media', 'add', evil, text, large, good);
  assert.equal(added.code, 3, added.err);
  assert.match(added.out, /^\/media\/[\w-]{22}\.svg {2}40 × 30 {2}lamp\.svg\n$/);
  assert.match(added.err, /evil\.svg was not taken\. An SVG may not have <script>\./);
  assert.match(added.err, /notes\.txt was not taken\. It is no JPEG/);
  assert.match(added.err, /film\.jpg was not taken\. It has 20\.0 MB/);

  const again = await onrush('media', 'add', good, '--alt', 'A lamp', '--json');
  assert.equal(again.code, 0, again.err);
  const { url, alt, name } = JSON.parse(again.out);
  assert.deepEqual([`${url}  40 × 30  lamp.svg\n`, alt, name], [added.out, 'A lamp', 'lamp.svg']);
  const list = await onrush('media', 'list');
  assert.deepEqual([list.code, list.out], [0, added.out]);
});

test('a command line that makes no sense, and a file that is not there, end before anything is started', async () => {
  const cases: [string[], number, RegExp][] = [
    [['media'], 2, /media add <file…>/],
    [['media', 'remove', 'a'], 2, /media add <file…>/],
    [['media', 'add'], 2, /needs <file…>/],
    [['media', 'list', 'a'], 2, /takes no files/],
    [['media', 'add', 'a', 'b', '--alt', 'both'], 2, /one file at a time/],
    [['media', 'add', join(folder, 'absent.jpg')], 1, /absent\.jpg: There is no such file\./],
    [['media', 'add', folder], 1, /is no file/],
  ];
  for (const [line, code, words] of cases) {
    const answer = await onrush(...line);
    assert.equal(answer.code, code, line.join(' '));
    assert.match(answer.err, words);
  }
});
