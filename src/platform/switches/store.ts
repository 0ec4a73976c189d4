import { type Queryable, sql } from '../database/sql.ts';
import type { SwitchState } from './rule.ts';

export interface SwitchRow extends SwitchState {
  readonly name: string;
  readonly reason: string;
  readonly changedAtMs: number;
}

export interface ChangeRow {
  readonly changeId: number;
  readonly name: string;
  readonly position: SwitchState['position'];
  readonly isOff: boolean;
  readonly who: string;
  readonly reason: string;
  readonly untilMs: number | null;
  readonly changedAtMs: number;
}

export async function loadSwitches(on: Queryable): Promise<SwitchRow[]> {
  const { rows } = await sql<SwitchRow & { untilMs: number | null }>`
    select name, position, is_thrown as "isThrown", reason, until_at as "untilMs", changed_at as "changedAtMs"
      from platform.feature_switch`.execute(on);
  return rows.map((row) => ({ ...row, untilMs: row.untilMs ?? undefined }));
}

export interface Setting {
  readonly name: string;
  readonly position: SwitchState['position'];
  readonly reason: string;
  readonly untilMs?: number | undefined;
}

/** Sets it by hand. Left to its rule, it begins as on. */
export async function saveSetting(tx: Queryable, setting: Setting, nowMs: number): Promise<void> {
  await sql`
    insert into platform.feature_switch (name, position, reason, until_at, changed_at)
    values (
      ${setting.name}::text,
      ${setting.position}::text,
      ${setting.reason}::text,
      to_timestamp(${setting.untilMs ?? null}::double precision / 1000),
      to_timestamp(${nowMs}::double precision / 1000)
    )
    on conflict (name) do update
       set position = excluded.position,
           is_thrown = false,
           asserted_at = null,
           reason = excluded.reason,
           until_at = excluded.until_at,
           changed_at = excluded.changed_at`.execute(tx);
}

/** The rule switches it off, or says that its reason lasts. True if it was on until now. */
export async function throwSwitch(tx: Queryable, name: string, reason: string, nowMs: number): Promise<boolean> {
  await sql`
    insert into platform.feature_switch (name, position, reason, changed_at)
    values (${name}::text, 'rule', ${reason}::text, to_timestamp(${nowMs}::double precision / 1000))
    on conflict (name) do nothing`.execute(tx);
  // Of two processes the second waits for the first's commit and finds it thrown.
  const { rowCount } = await sql`
    update platform.feature_switch
       set is_thrown = true,
           reason = ${reason}::text,
           changed_at = to_timestamp(${nowMs}::double precision / 1000)
     where name = ${name}::text
       and not is_thrown
       and (position = 'rule' or until_at <= to_timestamp(${nowMs}::double precision / 1000))`.execute(tx);
  await sql`
    update platform.feature_switch
       set asserted_at = greatest(asserted_at, to_timestamp(${nowMs}::double precision / 1000))
     where name = ${name}::text`.execute(tx);
  return rowCount === 1;
}

/** The rule switches it on again, unless a process said within `calmMs` that the reason lasts. True if it was off until now. */
export async function restoreSwitch(
  tx: Queryable,
  name: string,
  reason: string,
  at: { nowMs: number; calmMs: number },
): Promise<boolean> {
  const { rowCount } = await sql`
    update platform.feature_switch
       set is_thrown = false,
           reason = ${reason}::text,
           changed_at = to_timestamp(${at.nowMs}::double precision / 1000)
     where name = ${name}::text
       and is_thrown
       and asserted_at <= to_timestamp(${at.nowMs - at.calmMs}::double precision / 1000)`.execute(tx);
  return rowCount === 1;
}

export async function insertChange(tx: Queryable, change: Omit<ChangeRow, 'changeId'>): Promise<void> {
  await sql`
    insert into platform.feature_switch_change (name, position, is_off, who, reason, until_at, changed_at)
    values (
      ${change.name}::text,
      ${change.position}::text,
      ${change.isOff}::boolean,
      ${change.who}::text,
      ${change.reason}::text,
      to_timestamp(${change.untilMs}::double precision / 1000),
      to_timestamp(${change.changedAtMs}::double precision / 1000)
    )`.execute(tx);
}

/** The newest first. */
export async function loadChanges(on: Queryable, limit: number): Promise<ChangeRow[]> {
  const { rows } = await sql<ChangeRow>`
    select change_id as "changeId",
           name,
           position,
           is_off as "isOff",
           who,
           reason,
           until_at as "untilMs",
           changed_at as "changedAtMs"
      from platform.feature_switch_change
     order by change_id desc
     limit ${limit}::integer`.execute(on);
  return rows;
}
