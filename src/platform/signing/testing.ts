import { type Queryable, sql } from '../database/sql.ts';

/** Time passes for the shop's keys. Their clock is the database's, which a test does not turn: it makes them older. */
export async function passTime(on: Queryable, seconds: number): Promise<void> {
  await sql`
    update platform.signing_key
       set created_at = created_at - make_interval(secs => ${seconds}::int),
           signs_from = signs_from - make_interval(secs => ${seconds}::int),
           retired_at = retired_at - make_interval(secs => ${seconds}::int)`.execute(on);
}
