import assert from 'node:assert/strict';
import type { Database } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { newSigningKey, type SigningKey } from './signer.ts';

/** The shop's signing keys, the one that signs first. A shop without keys is given its first one. */
export async function loadSigningKeys(database: Database): Promise<[SigningKey, ...SigningKey[]]> {
  const [newest, ...older] = await readKeys(database);
  if (newest !== undefined) return [newest, ...older];
  const key = newSigningKey();
  // Two processes that start at once must not end up with a key each.
  await sql`
    insert into platform.signing_key (key_id, secret)
    select ${key.keyId}::text, ${key.secret}::bytea
     where not exists (select from platform.signing_key)`.execute(database);
  const [first, ...others] = await readKeys(database);
  assert(first !== undefined, 'a shop has a signing key');
  return [first, ...others];
}

/** A new key that signs from the next start on; what older keys signed stays valid. */
export async function addSigningKey(database: Database): Promise<SigningKey> {
  const key = newSigningKey();
  await sql`
    insert into platform.signing_key (key_id, secret)
    values (${key.keyId}::text, ${key.secret}::bytea)`.execute(database);
  return key;
}

async function readKeys(database: Database): Promise<SigningKey[]> {
  const { rows } = await sql<{ keyId: string; secret: Buffer }>`
    select key_id as "keyId", secret
      from platform.signing_key
     order by created_at desc, key_id`.execute(database);
  return rows;
}
