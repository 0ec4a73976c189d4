import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, opendir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type BlobStore, StorageFault } from './blob-store.ts';

const keyForm = /^[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*){0,7}$/;

/** Blobs as files of one folder, which is made when the first is written. */
export function createDirectoryStore(folder: string): BlobStore {
  const fileOf = (key: string) => {
    assert(keyForm.test(key), `${JSON.stringify(key)} is not a key`);
    return join(folder, key);
  };

  return {
    async read(key) {
      try {
        return await readFile(fileOf(key));
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw faultOf(error, `${key} cannot be read`);
      }
    },

    async revision(key) {
      try {
        // Each write makes a new file: the number of one that was deleted may come back, but not within the same nanosecond.
        const { ino, mtimeNs, size } = await stat(fileOf(key), { bigint: true });
        return `${ino}-${mtimeNs}-${size}`;
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw faultOf(error, `${key} cannot be looked up`);
      }
    },

    async write(key, bytes) {
      const file = fileOf(key);
      // Beside it, so that the rename stays within one file system. A name that begins with a dot is no key.
      const draft = join(dirname(file), `.${randomBytes(6).toString('hex')}.part`);
      try {
        await writeFile(draft, bytes).catch(async (error: unknown) => {
          if (!isAbsent(error)) throw error;
          await mkdir(dirname(file), { recursive: true });
          await writeFile(draft, bytes);
        });
        await rename(draft, file);
      } catch (error) {
        await rm(draft, { force: true }).catch(() => {});
        throw faultOf(error, `${key} cannot be written`);
      }
    },

    async delete(key) {
      try {
        await rm(fileOf(key), { force: true });
      } catch (error) {
        throw faultOf(error, `${key} cannot be deleted`);
      }
    },

    async *list(prefix) {
      for await (const file of filesIn(fileOf(prefix))) yield relative(folder, file).replaceAll('\\', '/');
    },
  };
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  let entries: Awaited<ReturnType<typeof opendir>>;
  try {
    entries = await opendir(folder);
  } catch (error) {
    if (isAbsent(error)) return;
    throw faultOf(error, `${folder} cannot be listed`);
  }
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile()) yield path;
  }
}

function isAbsent(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function faultOf(error: unknown, what: string): Error {
  // An assertion has a code too; only what the system refused has a number.
  const { code, errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? (error as Error) : new StorageFault(`${what} (${code}).`, { cause: error });
}
