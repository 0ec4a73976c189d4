import { type Queryable, sql } from '../../platform/database/sql.ts';

/** A process that keeps pages, and what it makes them with. */
export interface Keeper {
  readonly keeperId: string;
  readonly buildId: string;
}

/** It is there, and is taken to be until then. Keepers that are long gone are forgotten. */
export async function keepAlive(on: Queryable, keeper: Keeper, nowMs: number, aliveMs: number): Promise<void> {
  await sql`
    with gone as (
      delete from page.keeper
       where alive_until < to_timestamp(${nowMs}::double precision / 1000) - interval '1 hour'
    )
    insert into page.keeper (keeper_id, build_id, alive_until)
    values (
      ${keeper.keeperId}::uuid,
      ${keeper.buildId}::text,
      to_timestamp(${nowMs + aliveMs}::double precision / 1000)
    )
    on conflict (keeper_id) do update
       set build_id = excluded.build_id,
           alive_until = excluded.alive_until`.execute(on);
}

export async function dismissKeeper(on: Queryable, keeperId: string): Promise<void> {
  await sql`delete from page.keeper where keeper_id = ${keeperId}::uuid`.execute(on);
}

/** Whether somebody keeps pages now that are made with something else. */
export async function hasOtherKeeper(on: Queryable, buildId: string, nowMs: number): Promise<boolean> {
  const { rows } = await sql`
    select 1
      from page.keeper
     where build_id <> ${buildId}::text
       and alive_until > to_timestamp(${nowMs}::double precision / 1000)
     limit 1`.execute(on);
  return rows.length > 0;
}

/** Takes over some pages that another version of the shop made. Returns how many; 0 when there are no more. */
export async function adoptPages(on: Queryable, buildId: string, limit: number): Promise<number> {
  return adopt(on, { buildId, limit, aliveAtMs: undefined });
}

/** The same of pages whose keepers are gone: of a version that was tried and taken back, of a build with other settings. */
export async function adoptOrphans(on: Queryable, buildId: string, limit: number, nowMs: number): Promise<number> {
  return adopt(on, { buildId, limit, aliveAtMs: nowMs });
}

async function adopt(
  on: Queryable,
  { buildId, limit, aliveAtMs }: { buildId: string; limit: number; aliveAtMs: number | undefined },
): Promise<number> {
  const { rowCount } = await sql`
    update page.page
       set build_id = ${buildId}::text,
           wanted = nextval('page.mark'),
           leased_until = null,
           failed_count = 0
     where path in (
             select path
               from page.page
              where build_id <> ${buildId}::text
                and build_id not in (
                      select keeper.build_id
                        from page.keeper
                       where alive_until > to_timestamp(${aliveAtMs ?? null}::double precision / 1000)
                    )
              order by path
              limit ${limit}::integer
                for update skip locked
           )`.execute(on);
  return rowCount ?? 0;
}
