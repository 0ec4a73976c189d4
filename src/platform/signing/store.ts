import assert from 'node:assert/strict';
import type { Database } from '../database/database.ts';
import { type Queryable, sql } from '../database/sql.ts';
import { newSigningKey, type SigningKey, type SigningKeys } from './signer.ts';

/** How often a process reads the keys again (rotation.ts). */
export const readEveryMs = 15_000;

/**
 * A new key waits this long before anybody signs with it, so that by then every process has read it and takes what the others
 * sign: four readings, of which three may fail. By the database's clock, which is the same for all.
 */
const waitS = 60;

/** What is to be told of a key: all but its secret. */
export interface KeyView {
  readonly keyId: string;
  readonly createdAtMs: number;
  readonly signsFromMs: number;
  readonly retiredAtMs: number | null;
  /** `signs`: what is signed now is signed with it. `verifies`: it signed what is still out there. */
  readonly role: 'waits' | 'signs' | 'verifies' | 'retired';
}

export type RetireOutcome =
  | { readonly kind: 'retired' }
  | { readonly kind: 'unknown' }
  /** It signs, or will. */
  | { readonly kind: 'needed' }
  /** Its successor signs, but not every process may have read that yet. */
  | { readonly kind: 'too-early' };

/** The shop's signing keys, the newest first. A shop without keys is given its first one. */
export async function loadSigningKeys(database: Database): Promise<SigningKeys> {
  const [newest, ...older] = await readKeys(database);
  if (newest !== undefined) return [newest, ...older];
  return database.transaction(async (tx) => {
    // Two processes that start at once must not end up with a key each: the second waits here, and then finds the first's.
    await sql`
      select pg_advisory_xact_lock(hashtextextended('onrush/signing-key', 0))`.execute(tx);
    // It signs at once: there is no process that does not know it.
    if ((await readKeys(tx)).length === 0) await insertKey(tx, 0);
    const [first, ...others] = await readKeys(tx);
    assert(first !== undefined, 'a shop has a signing key');
    return [first, ...others];
  });
}

/** A new key, which signs in a minute, for a shop that has one already; what older keys signed stays valid. */
export async function addSigningKey(on: Queryable): Promise<void> {
  await insertKey(on, waitS);
}

/** The newest first. */
export async function listSigningKeys(on: Queryable): Promise<KeyView[]> {
  const rows = await readKeys(on);
  const signing = rows.find(({ state }) => state === 'good');
  return rows.map(({ secret: _, state, ...row }) => {
    if (state !== 'good') return { ...row, role: state === 'waiting' ? 'waits' : 'retired' };
    return { ...row, role: row.keyId === signing?.keyId ? 'signs' : 'verifies' };
  });
}

/** Ends what a key signed. Only one that no process signs with any more is retired, so one that signs always remains. */
export async function retireSigningKey(on: Queryable, keyId: string): Promise<RetireOutcome> {
  // The newest of all that have signed for a while stays, and what is newer: a process that missed readings may sign with it.
  const { rowCount } = await sql`
    update platform.signing_key
       set retired_at = coalesce(retired_at, now())
     where key_id = ${keyId}::text
       and signs_from < (
             select max(signs_from)
               from platform.signing_key
              where signs_from <= now() - make_interval(secs => ${waitS}::int)
           )`.execute(on);
  if (rowCount === 1) return { kind: 'retired' };
  const key = (await listSigningKeys(on)).find((each) => each.keyId === keyId);
  if (key === undefined) return { kind: 'unknown' };
  return { kind: key.role === 'verifies' ? 'too-early' : 'needed' };
}

async function insertKey(on: Queryable, signsInS: number): Promise<void> {
  const { keyId, secret } = newSigningKey();
  await sql`
    insert into platform.signing_key (key_id, secret, signs_from)
    values (${keyId}::text, ${secret}::bytea, now() + make_interval(secs => ${signsInS}::int))`.execute(on);
}

async function readKeys(on: Queryable): Promise<(SigningKey & Omit<KeyView, 'role'>)[]> {
  const { rows } = await sql<SigningKey & Omit<KeyView, 'role'>>`
    select key_id as "keyId",
           secret,
           created_at as "createdAtMs",
           signs_from as "signsFromMs",
           retired_at as "retiredAtMs",
           case when retired_at is not null then 'retired' when signs_from > now() then 'waiting' else 'good' end as state
      from platform.signing_key
     order by signs_from desc, key_id`.execute(on);
  return rows;
}
