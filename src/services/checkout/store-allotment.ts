import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';

/** A dealing of units to this shard, or a taking back (negative), by an id that who deals has chosen. */
export interface Grant {
  readonly grantId: string;
  readonly subjectId: string;
  readonly quantity: number;
}

/** Remembers the grants; what was remembered before is left out of the answer. */
export async function insertGrants(tx: Queryable, grants: readonly Grant[]): Promise<Set<string>> {
  const { rows } = await sql<{ grantId: string }>`
    insert into checkout.allotment_grant (grant_id, subject_id, quantity)
    select *
      from unnest(${plainArray(grants.map((grant) => grant.grantId))}::uuid[],
                  ${plainArray(grants.map((grant) => grant.subjectId))}::uuid[],
                  ${plainArray(grants.map((grant) => grant.quantity))}::bigint[]) as given (grant_id, subject_id, quantity)
     order by grant_id
        on conflict on constraint allotment_grant_pkey do nothing
    returning grant_id as "grantId"`.execute(tx);
  return new Set(rows.map((row) => row.grantId));
}

export async function loadGrants(tx: Queryable, grantIds: readonly string[]): Promise<Map<string, Grant>> {
  const { rows } = await sql<{ grantId: string; subjectId: string; quantity: number }>`
    select grant_id as "grantId", subject_id as "subjectId", quantity
      from checkout.allotment_grant
     where grant_id = any(${plainArray(grantIds)}::uuid[])`.execute(tx);
  return new Map(rows.map((row) => [row.grantId, row]));
}

/** A refused grant leaves no trace, so that it can be asked for again when there are units to take back. */
export async function forgetGrants(tx: Queryable, grantIds: readonly string[]): Promise<void> {
  await sql`
    delete from checkout.allotment_grant
     where grant_id = any(${plainArray(grantIds)}::uuid[])`.execute(tx);
}

export async function insertEmptyAllotments(tx: Queryable, subjectIds: readonly string[]): Promise<void> {
  await sql`
    insert into checkout.allotment (subject_id)
    select distinct subject_id
      from unnest(${plainArray(subjectIds)}::uuid[]) as given (subject_id)
     order by subject_id
        on conflict on constraint allotment_pkey do nothing`.execute(tx);
}

export async function addGranted(tx: Queryable, unitsBySubject: ReadonlyMap<string, number>): Promise<void> {
  await sql`
    update checkout.allotment
       set granted = allotment.granted + given.quantity
      from unnest(${plainArray([...unitsBySubject.keys()])}::uuid[],
                  ${plainArray([...unitsBySubject.values()])}::bigint[]) as given (subject_id, quantity)
     where allotment.subject_id = given.subject_id`.execute(tx);
}

export interface Allotment {
  readonly granted: number;
  readonly reserved: number;
  readonly sold: number;
}

/** The allotments as they are, locked until the transaction ends; in key order, as everywhere. */
export async function lockAllotments(tx: Queryable, subjectIds: readonly string[]): Promise<Map<string, Allotment>> {
  const { rows } = await sql<Allotment & { subjectId: string }>`
    select subject_id as "subjectId", granted, reserved, sold
      from checkout.allotment
     where subject_id = any(${plainArray(subjectIds)}::uuid[])
     order by subject_id
       for no key update`.execute(tx);
  return new Map(rows.map((row) => [row.subjectId, row]));
}

export async function loadAllotments(on: Queryable, subjectIds: readonly string[]) {
  const { rows } = await sql<{ subjectId: string; granted: number; reserved: number; sold: number }>`
    select subject_id as "subjectId", granted, reserved, sold
      from checkout.allotment
     where subject_id = any(${plainArray(subjectIds)}::uuid[])`.execute(on);
  return rows;
}
