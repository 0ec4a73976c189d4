import type { Tx } from '../../platform/database/database.ts';
import { plainArray, type Queryable, type Statement, sql } from '../../platform/database/sql.ts';
import { type InstrumentRequest, type InstrumentState, instrumentKey } from './instrument.ts';

/** What these instruments have taken under these limits, by `instrumentKey`, locked until the transaction ends. */
export async function lockTakings(
  tx: Tx,
  pairs: readonly { limitId: string; instrument: string; max: number }[],
): Promise<Map<string, number>> {
  const limitIds = plainArray(pairs.map(({ limitId }) => limitId));
  const instruments = pairs.map(({ instrument }) => instrument);
  // In key order, as everywhere. A row that is there already is not written.
  const [, { rows }] = await Promise.all([
    sql`
      insert into payment.instrument_taking (limit_id, instrument, taken, limit_max)
      select limit_id, instrument, 0, limit_max
        from unnest(${limitIds}::uuid[], ${instruments}::text[],
                    ${plainArray(pairs.map(({ max }) => max))}::integer[]) as given (limit_id, instrument, limit_max)
       order by limit_id, instrument
          on conflict on constraint instrument_taking_pkey do nothing`.execute(tx),
    sql<{ limitId: string; instrument: string; taken: number }>`
      select limit_id as "limitId", instrument, taken
        from payment.instrument_taking
       where (limit_id, instrument) in (
               select limit_id, instrument
                 from unnest(${limitIds}::uuid[], ${instruments}::text[]) as given (limit_id, instrument))
       order by limit_id, instrument
         for no key update`.execute(tx),
  ]);
  return new Map(rows.map((row) => [instrumentKey(row.limitId, row.instrument), row.taken]));
}

/** Stable under the locks of lockTakings: who decides of a payment has locked what it takes. */
export async function loadDecisions(
  tx: Queryable,
  paymentIds: readonly string[],
): Promise<Map<string, InstrumentState>> {
  const { rows } = await sql<{ paymentId: string; state: InstrumentState }>`
    select payment_id as "paymentId", state
      from payment.instrument_decision
     where payment_id = any(${plainArray(paymentIds)}::uuid[])`.execute(tx);
  return new Map(rows.map((row) => [row.paymentId, row.state]));
}

export function insertingDecisions(
  decisions: readonly (InstrumentRequest & { readonly state: InstrumentState })[],
): Statement {
  const list = (values: readonly (string | number)[]) => `{${values.join(',')}}`;
  return sql`
    insert into payment.instrument_decision (payment_id, instrument, state, limit_ids, quantities)
    select payment_id, instrument, state, limit_ids::uuid[], quantities::integer[]
      from unnest(${plainArray(decisions.map(({ paymentId }) => paymentId))}::uuid[],
                  ${decisions.map(({ instrument }) => instrument)}::text[],
                  ${plainArray(decisions.map(({ state }) => state))}::text[],
                  ${decisions.map(({ takes }) => list(takes.map(({ limitId }) => limitId)))}::text[],
                  ${decisions.map(({ takes }) => list(takes.map(({ quantity }) => quantity)))}::text[])
        as decided (payment_id, instrument, state, limit_ids, quantities)`;
}

export function addingTakings(
  changes: readonly { limitId: string; instrument: string; quantity: number; max: number }[],
): Statement {
  return sql`
    update payment.instrument_taking
       set taken = instrument_taking.taken + added.quantity,
           limit_max = added.limit_max
      from unnest(${plainArray(changes.map(({ limitId }) => limitId))}::uuid[],
                  ${changes.map(({ instrument }) => instrument)}::text[],
                  ${plainArray(changes.map(({ quantity }) => quantity))}::integer[],
                  ${plainArray(changes.map(({ max }) => max))}::integer[])
           as added (limit_id, instrument, quantity, limit_max)
     where instrument_taking.limit_id = added.limit_id
       and instrument_taking.instrument = added.instrument`;
}

/** Gives back what these payments took, once however often it is asked: of payments that came to nothing. */
export function returningTakings(paymentIds: readonly string[]): Statement {
  return sql`
    with returned as (
      update payment.instrument_decision
         set state = 'returned'
       where payment_id = any(${plainArray(paymentIds)}::uuid[])
         and state = 'taken'
      returning instrument, limit_ids, quantities
    ), freed as (
      select limit_id, instrument, sum(quantity) as quantity
        from returned
       cross join lateral unnest(limit_ids, quantities) as took (limit_id, quantity)
       group by limit_id, instrument
    ), locked as materialized (
      -- In key order, as everywhere: an update alone takes its rows as they come.
      select limit_id, instrument, freed.quantity
        from payment.instrument_taking
        join freed using (limit_id, instrument)
       order by limit_id, instrument
         for no key update of instrument_taking
    )
    update payment.instrument_taking
       set taken = instrument_taking.taken - locked.quantity
      from locked
     where instrument_taking.limit_id = locked.limit_id
       and instrument_taking.instrument = locked.instrument`;
}

/** The same for the payments of orders that were cancelled: the buyer's own limit is given back to him then, too. */
export async function returnTakingsOfOrders(tx: Queryable, orderIds: readonly string[]): Promise<void> {
  const { rows } = await sql<{ paymentId: string }>`
    select payment_id as "paymentId"
      from payment.instrument_decision
      join payment.payment using (payment_id)
     where order_id = any(${plainArray(orderIds)}::uuid[])
       and payment.state <> 'started'
       and instrument_decision.state = 'taken'
     order by payment_id`.execute(tx);
  if (rows.length > 0) await returningTakings(rows.map(({ paymentId }) => paymentId)).execute(tx);
}
