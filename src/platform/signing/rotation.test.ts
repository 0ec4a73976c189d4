import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sql } from '../database/sql.ts';
import { createLog } from '../telemetry/log.ts';
import { testClock } from '../testing/context.ts';
import { testDatabase } from '../testing/database.ts';
import { signingMigrations } from './migrations.ts';
import { followSigningKeys, signingKeyRotation } from './rotation.ts';
import { createSigner } from './signer.ts';
import { addSigningKey, listSigningKeys, loadSigningKeys, retireSigningKey } from './store.ts';
import { passTime } from './testing.ts';

const database = await testDatabase([signingMigrations], { poolMax: 10 });
const silentLog = createLog({ level: 'silent', destination: process.stderr, clock: testClock() });

async function forgetKeys(): Promise<void> {
  await sql`
    delete from platform.signing_key`.execute(database);
}

/** A process of the shop, as far as keys go, that reads them when it is told to. */
async function startProcess(warnings: string[] = []) {
  const signer = createSigner(await loadSigningKeys(database));
  const log = { ...silentLog, warn: (_fields: object, message: string) => void warnings.push(message) };
  const follower = followSigningKeys({ database, log, signer });
  await follower.stop();
  return { signer, read: follower.read };
}

function instants(firstS: number, everyS: number, endS: number): number[] {
  return Array.from({ length: Math.ceil((endS - firstS) / everyS) }, (_, n) => firstS + n * everyS);
}

async function roles(): Promise<string[]> {
  return (await listSigningKeys(database)).map(({ role }) => role);
}

test('ten processes that start at once have the same key, which signs', async () => {
  const starts = await Promise.all(Array.from({ length: 10 }, () => loadSigningKeys(database)));
  assert.equal(new Set(starts.flat().map((key) => key.keyId)).size, 1);
  for (const start of starts) assert.equal(start.length, 1);
  assert.deepEqual(await roles(), ['signs']);
});

test('whenever keys are added and processes start, what one has signed no other refuses', async () => {
  const endS = 200;
  const anyInstantS = fc.integer({ min: 0, max: endS });
  const anyCourse = {
    addsAtS: fc.array(anyInstantS, { minLength: 1, maxLength: 3 }),
    startsAtS: fc.array(anyInstantS, { maxLength: 3 }),
    // One process reads every 15 s; the other misses three readings of four.
    readsAtS: fc.integer({ min: 0, max: 14 }).map((phaseS) => instants(phaseS, 15, endS)),
    seldomReadsAtS: fc.integer({ min: 0, max: 58 }).map((phaseS) => instants(phaseS, 59, endS)),
  };
  await fc.assert(
    fc.asyncProperty(fc.record(anyCourse), async ({ addsAtS, startsAtS, readsAtS, seldomReadsAtS }) => {
      await forgetKeys();
      let one = await startProcess();
      const other = await startProcess();
      const happenings = [
        ...addsAtS.map((atS) => ({ atS, happen: () => addSigningKey(database) })),
        ...startsAtS.map((atS) => ({
          atS,
          happen: async () => {
            one = await startProcess();
          },
        })),
        ...readsAtS.map((atS) => ({ atS, happen: () => one.read() })),
        ...seldomReadsAtS.map((atS) => ({ atS, happen: () => other.read() })),
      ].sort((earlier, later) => earlier.atS - later.atS);
      const tokens: string[] = [];
      let nowS = 0;
      for (const { atS, happen } of happenings) {
        await passTime(database, atS - nowS);
        nowS = atS;
        await happen();
        for (const { signer } of [one, other]) tokens.push(signer.sign('ticket', { n: tokens.length }));
        for (const { signer } of [one, other]) {
          tokens.forEach((token, n) => {
            assert.deepEqual(signer.verify('ticket', token), { n }, `at ${nowS} s`);
          });
        }
      }
    }),
    { numRuns: 20 },
  );
});

test('a new key waits a minute, also in a process that starts in it; then it signs, and the old ticket is good', async () => {
  await forgetKeys();
  const running = await startProcess();
  const ticket = running.signer.sign('ticket', { place: 7 });
  await addSigningKey(database);
  await passTime(database, 59);
  const restarted = await startProcess();
  await running.read();
  assert.deepEqual(await roles(), ['waits', 'signs']);
  assert.equal(running.signer.sign('ticket', { place: 7 }), ticket);
  assert.equal(restarted.signer.sign('ticket', { place: 7 }), ticket);
  await passTime(database, 2);
  await running.read();
  const renewed = running.signer.sign('ticket', { place: 7 });
  assert.notEqual(renewed, ticket);
  assert.deepEqual(restarted.signer.verify('ticket', renewed), { place: 7 });
  assert.deepEqual(running.signer.verify('ticket', ticket), { place: 7 });
});

test('a key is retired once all sign with a newer one, and then what it signed is refused', async () => {
  await forgetKeys();
  const { signer, read } = await startProcess();
  const ticket = signer.sign('ticket', { place: 7 });
  const retire = async (keyId = '') => (await retireSigningKey(database, keyId)).kind;
  const [first] = await listSigningKeys(database);
  await passTime(database, 3600);
  assert.equal(await retire(first?.keyId), 'needed', 'the only one');
  await addSigningKey(database);
  const [second] = await listSigningKeys(database);
  assert.equal(await retire(first?.keyId), 'needed', 'it signs');
  assert.equal(await retire(second?.keyId), 'needed', 'it will sign');
  await passTime(database, 61);
  assert.equal(await retire(first?.keyId), 'too-early');
  await passTime(database, 60);
  assert.equal(await retire('none'), 'unknown');
  assert.equal(await retire(first?.keyId), 'retired');
  assert.equal(await retire(second?.keyId), 'needed');
  assert.deepEqual(await roles(), ['signs', 'retired']);
  await read();
  assert.equal(signer.verify('ticket', ticket), undefined);
});

test('keys that cannot be read stay as they were; it is said once each time, and tried again', async () => {
  await forgetKeys();
  const warnings: string[] = [];
  const { signer, read } = await startProcess(warnings);
  const ticket = signer.sign('ticket', { place: 7 });
  for (const said of [1, 2]) {
    await sql`alter table platform.signing_key rename to away`.execute(database);
    await read();
    await read();
    await sql`alter table platform.away rename to signing_key`.execute(database);
    assert.equal(warnings.length, said);
    assert.equal(signer.sign('ticket', { place: 7 }), ticket);
    await read();
  }
});

test('a shop whose newest key is older than 90 days is given a new one', async () => {
  await forgetKeys();
  await loadSigningKeys(database);
  const clock = testClock();
  const rotation = signingKeyRotation({ database, clock });
  clock.advance(89 * 24 * 3_600_000);
  await rotation.run(undefined);
  assert.deepEqual(await roles(), ['signs']);
  clock.advance(2 * 24 * 3_600_000);
  await rotation.run(undefined);
  assert.deepEqual(await roles(), ['waits', 'signs']);
});
