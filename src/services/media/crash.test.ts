import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql } from '../../platform/database/sql.ts';
import { createDirectoryStore } from '../../platform/storage/directory-store.ts';
import { testContext } from '../../platform/testing/context.ts';
import { mediaMigrations } from './migrations.ts';
import { testPhoto } from './testing.ts';

const ctx = await testContext([mediaMigrations]);
const folder = await mkdtemp(join(tmpdir(), 'onrush-media-'));
after(() => rm(folder, { recursive: true, force: true }));
const files = createDirectoryStore(join(folder, 'files'));

// Noise does not compress: some megabytes.
const photo = await testPhoto({ width: 1800, height: 1400 });
const bytes = await photo.png({ compressionLevel: 1 }).toBuffer();
const picture = join(folder, 'picture.png');
await writeFile(picture, bytes);

async function upload(death: string): Promise<number | string | null> {
  const script = fileURLToPath(new URL('./testdata/uploader-process.ts', import.meta.url));
  const args = [script, ctx.database.url, join(folder, 'files'), picture, death];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = await once(child, 'exit');
  return signal ?? code;
}

async function rowCount(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::integer as count from media.media`.execute(
    ctx.database,
  );
  return rows[0]?.count ?? -1;
}

test('killed in the middle of a write, or after it: no half file, no row without its file, and again makes it whole', async () => {
  for (let round = 0; round < 3; round++) {
    assert.equal(await upload('during-write'), 'SIGKILL');
    for await (const key of files.list('media'))
      assert.deepEqual(await files.read(key), bytes, `${key} is half a file`);
    assert.equal(await rowCount(), 0);
  }
  assert.equal(await upload('before-row'), 'SIGKILL');
  assert.equal((await Array.fromAsync(files.list('media'))).length, 1);
  assert.equal(await rowCount(), 0);

  assert.equal(await upload('never'), 0);
  const [key = '', ...others] = await Array.fromAsync(files.list('media'));
  assert.deepEqual(others, []);
  assert.deepEqual(await files.read(key), bytes);
  assert.equal(await rowCount(), 1);
});
