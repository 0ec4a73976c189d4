import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StorageFault } from './blob-store.ts';
import { createDirectoryStore } from './directory-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'onrush-files-'));
after(() => rm(folder, { recursive: true, force: true }));
const store = createDirectoryStore(folder);

test('what was written is read, and what was not is absent', async () => {
  assert.equal(await store.read('pages/en/a.page'), undefined);
  await store.write('pages/en/a.page', Buffer.from('one'));
  await store.write('pages/en/a.page', Buffer.from('two'));
  assert.equal((await store.read('pages/en/a.page'))?.toString(), 'two');
  await store.delete('pages/en/a.page');
  await store.delete('pages/en/a.page');
  assert.equal(await store.read('pages/en/a.page'), undefined);
});

test('the revision is another after each write, of the same bytes too', async () => {
  assert.equal(await store.revision('rev/a'), undefined);
  const seen = new Set<string | undefined>();
  for (let round = 0; round < 20; round++) {
    await store.write('rev/a', Buffer.from('same'));
    seen.add(await store.revision('rev/a'));
    assert.equal(await store.revision('rev/a'), [...seen].at(-1));
  }
  assert.equal(seen.size, 20);
});

test('fifty writers at once leave one of their texts, whole, and no drafts', async () => {
  const texts = Array.from({ length: 50 }, (_, index) => String(index).repeat(20_000));
  await Promise.all(texts.map((text) => store.write('race/one', Buffer.from(text))));
  assert(texts.includes(String(await store.read('race/one'))));
  assert.deepEqual(await readdir(join(folder, 'race')), ['one']);
});

test('a list has the keys under its prefix and nothing half-written', async () => {
  for (const key of ['list/a', 'list/b/c', 'listing/d']) await store.write(key, Buffer.from(key));
  await writeFile(join(folder, 'list', '.1234.part'), 'half');
  assert.deepEqual((await Array.fromAsync(store.list('list'))).sort(), ['list/a', 'list/b/c']);
  assert.deepEqual(await Array.fromAsync(store.list('nowhere')), []);
});

test('a key that would leave the folder fails an assertion', async () => {
  for (const key of ['../a', 'a/../b', '/a', 'a//b', '.hidden', 'a/.b', '', 'a\0b', 'a\\b', 'a b']) {
    await assert.rejects(store.read(key), { name: 'AssertionError' }, key);
  }
});

test('a disk that refuses is a fault with its cause', async () => {
  await store.write('full', Buffer.from('a file where a folder should be'));
  await assert.rejects(
    store.write('full/blob', Buffer.from('x')),
    (error: Error) => error instanceof StorageFault && error.cause !== undefined,
  );
});
