import assert from 'node:assert/strict';
import type { Database } from '../database/database.ts';
import { type Queryable, sql } from '../database/sql.ts';
import { newSigningKey, type SigningKey } from './signer.ts';

/** The shop's signing keys, the one that signs first. A shop without keys is given its first one. */
export async function loadSigningKeys(database: Database): Promise<[SigningKey, ...SigningKey[]]> {
  const [newest, ...older] = await readKeys(database);
  if (newest !== undefined) return [newest, ...older];
  return database.transaction(async (tx) => {
    // Two processes that start at once must not end up with a key each: the second waits here, and then finds the first's.
    await sql`
      select pg_advisory_xact_lock(hashtextextended('onrush/signing-key', 0))`.execute(tx);
    if ((await readKeys(tx)).length === 0) await insertKey(tx, newSigningKey());
    const [first, ...others] = await readKeys(tx);
    assert(first !== undefined, 'a shop has a signing key');
    return [first, ...others];
  });
}

/** A new key that signs from the next start on; what older keys signed stays valid. */
export async function addSigningKey(database: Database): Promise<SigningKey> {
  const key = newSigningKey();
  await insertKey(database, key);
  return key;
}

async function insertKey(on: Queryable, key: SigningKey): Promise<void> {
  await sql`
    insert into platform.signing_key (key_id, secret)
    values (${key.keyId}::text, ${key.secret}::bytea)`.execute(on);
}

async function readKeys(on: Queryable): Promise<SigningKey[]> {
  const { rows } = await sql<{ keyId: string; secret: Buffer }>`
    select key_id as "keyId", secret
      from platform.signing_key
     order by created_at desc, key_id`.execute(on);
  return rows;
}
