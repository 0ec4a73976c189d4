import { type Queryable, sql } from '../platform/database/sql.ts';

export async function insertTokenHash(on: Queryable, tokenHash: Buffer): Promise<void> {
  await sql`
    insert into gateway.admin_token (token_hash)
    values (${tokenHash}::bytea)
        on conflict on constraint admin_token_pkey do nothing`.execute(on);
}

export async function hasTokens(on: Queryable): Promise<boolean> {
  const { rows } = await sql<{ exists: boolean }>`
    select exists (select from gateway.admin_token) as exists`.execute(on);
  return rows[0]?.exists === true;
}

export async function isKnownTokenHash(on: Queryable, tokenHash: Buffer): Promise<boolean> {
  const { rows } = await sql<{ exists: boolean }>`
    select exists (select from gateway.admin_token where token_hash = ${tokenHash}::bytea) as exists`.execute(on);
  return rows[0]?.exists === true;
}
