// A process of its own that uploads one picture: started by crash.test.ts, which says when it is to die.
//   <database url> <folder of the files> <picture> <during-write | before-row | never>

import { readFile } from 'node:fs/promises';
import { connectInProcess } from '../../../platform/api/in-process.ts';
import { openDatabase } from '../../../platform/database/database.ts';
import { createSigner } from '../../../platform/signing/signer.ts';
import { loadSigningKeys } from '../../../platform/signing/store.ts';
import type { BlobStore } from '../../../platform/storage/blob-store.ts';
import { createDirectoryStore } from '../../../platform/storage/directory-store.ts';
import { contextOn } from '../../../platform/testing/context.ts';
import { createMedia } from '../service.ts';

const [url = '', folder = '', picture = '', death = 'never'] = process.argv.slice(2);

const database = openDatabase({
  url,
  poolMax: 2,
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 30_000,
  applicationName: 'onrush-test-uploader',
  onIdleError: () => {},
});
const ctx = contextOn(database, { signer: createSigner(await loadSigningKeys(database)) });
const media = connectInProcess(createMedia({ ...ctx, files: mortal(createDirectoryStore(folder)) }));
const reply = await media.addMedia({ query: {}, body: { contentType: 'image/png', bytes: await readFile(picture) } });
console.log(reply.status);
await database.close();

/** SIGKILL: nothing in the process can react. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function mortal(files: BlobStore): BlobStore {
  return {
    ...files,
    async write(key, bytes) {
      // Some milliseconds are enough to begin a file of megabytes, and not to finish it.
      if (death === 'during-write') setTimeout(die, 3);
      await files.write(key, bytes);
      if (death !== 'never') die();
    },
  };
}
