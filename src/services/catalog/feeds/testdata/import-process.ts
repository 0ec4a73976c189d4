// Imports a file into the database of a test and says how far it is, to be killed meanwhile.
import { openDatabase } from '../../../../platform/database/database.ts';
import { createSigner } from '../../../../platform/signing/signer.ts';
import { loadSigningKeys } from '../../../../platform/signing/store.ts';
import { contextOn } from '../../../../platform/testing/context.ts';
import type { Sink } from '../shop-sink.ts';
import { shopOn, testImport } from '../testing.ts';

const [url = '', file = ''] = process.argv.slice(2);
const database = openDatabase({
  url,
  poolMax: 4,
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 30_000,
  applicationName: 'onrush-test-import',
  onIdleError: () => {},
});
const { sink } = shopOn(contextOn(database, { signer: createSigner(await loadSigningKeys(database)) }));
let batchCount = 0;
const telling: Sink = {
  async deliver(parcels, options) {
    const delivery = await sink.deliver(parcels, options);
    batchCount++;
    process.stdout.write(`batch ${batchCount}\n`);
    return delivery;
  },
};
await testImport({ files: [file] }, { sink: telling, batchMax: 20 });
process.stdout.write('done\n');
