import { openDatabase } from '../../../platform/database/database.ts';
import { openStore, thingKind } from './things.ts';

// Builds a page for the first time and stops for good between its blob and its row: the test kills it there.
const [url = '', path = ''] = process.argv.slice(2);
const database = openDatabase({
  url,
  poolMax: 4,
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 30_000,
  applicationName: 'doomed-build',
  onIdleError: () => {},
});
const store = openStore(
  {
    database,
    clock: { nowMs: () => Date.now(), advance() {} },
    files: {
      read: async () => undefined,
      revision: async () => undefined,
      delete: async () => {},
      async *list() {},
      async write() {
        process.stdout.write('written\n');
        await new Promise(() => {});
      },
    },
  },
  [thingKind(database)],
);
await store.builds.build([store.ref(path)]);
