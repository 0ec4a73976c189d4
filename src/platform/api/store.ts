import type { Queryable } from '../database/sql.ts';
import { sql } from '../database/sql.ts';

export interface BegunKey {
  readonly keyHash: Buffer;
  readonly leaseId: string;
}

export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly location: string | undefined;
  readonly body: string | undefined;
}

/**
 * Takes the key: true if it is free, has expired, or its holder's lease has run out while it worked on the same request.
 * One statement, so that of many at once exactly one gets true.
 */
export async function leaseKey(
  on: Queryable,
  key: BegunKey & { fingerprint: Buffer; nowMs: number; leasedUntilMs: number; expiresAtMs: number },
): Promise<boolean> {
  const now = new Date(key.nowMs);
  const { rowCount } = await sql`
    insert into platform.idempotency_key as kept (key_hash, fingerprint, lease_id, leased_until, expires_at)
    values (
      ${key.keyHash}::bytea,
      ${key.fingerprint}::bytea,
      ${key.leaseId}::uuid,
      ${new Date(key.leasedUntilMs)}::timestamptz,
      ${new Date(key.expiresAtMs)}::timestamptz
    )
    on conflict (key_hash) do update
       set fingerprint = excluded.fingerprint,
           lease_id = excluded.lease_id,
           leased_until = excluded.leased_until,
           expires_at = excluded.expires_at,
           status = null,
           content_type = null,
           location = null,
           body = null
     where kept.expires_at <= ${now}::timestamptz
        or (kept.status is null
            and kept.leased_until <= ${now}::timestamptz
            and kept.fingerprint = excluded.fingerprint)`.execute(on);
  return rowCount === 1;
}

export interface HeldKey {
  readonly isSameRequest: boolean;
  readonly status: number | null;
  readonly contentType: string | null;
  readonly location: string | null;
  readonly body: string | null;
}

/** What stands under a key that could not be taken; undefined if it was given up in the meantime. */
export async function readKey(on: Queryable, keyHash: Buffer, fingerprint: Buffer): Promise<HeldKey | undefined> {
  const { rows } = await sql<HeldKey>`
    select fingerprint = ${fingerprint}::bytea as "isSameRequest",
           status,
           content_type as "contentType",
           location,
           body
      from platform.idempotency_key
     where key_hash = ${keyHash}::bytea`.execute(on);
  return rows[0];
}

/** Keeps the answer; false if the lease ran out and another request took the key over. */
export async function keepAnswer(on: Queryable, key: BegunKey, answer: KeptAnswer): Promise<boolean> {
  const { rowCount } = await sql`
    update platform.idempotency_key
       set status = ${answer.status}::integer,
           content_type = ${answer.contentType ?? null}::text,
           location = ${answer.location ?? null}::text,
           body = ${answer.body ?? null}::text
     where key_hash = ${key.keyHash}::bytea
       and lease_id = ${key.leaseId}::uuid
       and status is null`.execute(on);
  return rowCount === 1;
}

/** Gives the key up, so that the next request with it runs. */
export async function releaseKey(on: Queryable, key: BegunKey): Promise<void> {
  await sql`
    delete from platform.idempotency_key
     where key_hash = ${key.keyHash}::bytea
       and lease_id = ${key.leaseId}::uuid
       and status is null`.execute(on);
}

/** Deletes some of the keys that have expired; returns how many. */
export async function deleteExpiredKeys(on: Queryable, nowMs: number, countMax: number): Promise<number> {
  const { rowCount } = await sql`
    delete from platform.idempotency_key
     where key_hash in (
       select key_hash
         from platform.idempotency_key
        where expires_at <= ${new Date(nowMs)}::timestamptz
        order by expires_at
        limit ${countMax}::integer
          for update skip locked
     )`.execute(on);
  return rowCount ?? 0;
}
