import assert from 'node:assert/strict';
import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import type { PriceRule, Sale } from './api.ts';
import { couponKey } from './coupon.ts';

/** Sales whose end is later than this, by their start; those that were ended early only if they are wanted too. */
export async function loadSales(on: Queryable, endsAfterMs: number, { withEnded = false } = {}): Promise<Sale[]> {
  const { rows } = await sql<SaleRow>`
    select sale.sale_id as "saleId", name, starts_at as "startsAtMs", coalesce(ended_at, ends_at) as "endsAtMs",
           pay_within_ms as "payWithinMs", is_held_until_start as "isHeldUntilStart", items
      from promotion.sale
     cross join lateral (
             select json_agg(json_strip_nulls(json_build_object(
                      'saleItemId', sale_item_id, 'variantId', variant_id, 'currency', currency,
                      'amountMinor', amount_minor, 'limitPerBuyer', limit_per_buyer,
                      'limitPerInstrument', limit_per_instrument))
                      order by variant_id, currency) as items
               from promotion.sale_item
              where sale_item.sale_id = sale.sale_id
           ) as item
     where (ended_at is null or ${withEnded}::boolean)
       and coalesce(ended_at, ends_at) > ${instant(endsAfterMs)}::timestamptz
     order by starts_at, sale.sale_id`.execute(on);
  return rows.map(saleOf);
}

type SaleRow = Omit<Sale, 'payWithinMs' | 'isHeldUntilStart'> & {
  readonly payWithinMs: number | null;
  readonly isHeldUntilStart: boolean;
};

function saleOf({ payWithinMs, isHeldUntilStart, ...sale }: SaleRow): Sale {
  return {
    ...sale,
    ...(payWithinMs !== null && { payWithinMs }),
    ...(isHeldUntilStart && { isHeldUntilStart }),
  };
}

/** Writes the sale; one with this id is replaced whole, and is open again if it had been ended. */
export async function writeSale(tx: Queryable, sale: Sale): Promise<void> {
  // The first statement locks the sale, so that of two replacements at once the later one is what stands, not a mixture.
  await Promise.all([
    sql`
      insert into promotion.sale (sale_id, name, starts_at, ends_at, pay_within_ms, is_held_until_start)
      values (${sale.saleId}::uuid, ${sale.name}::text, ${instant(sale.startsAtMs)}::timestamptz,
              ${instant(sale.endsAtMs)}::timestamptz, ${sale.payWithinMs ?? null}::integer,
              ${sale.isHeldUntilStart ?? false}::boolean)
          on conflict on constraint sale_pkey do update
         set name = excluded.name, starts_at = excluded.starts_at, ends_at = excluded.ends_at, ended_at = null,
             pay_within_ms = excluded.pay_within_ms, is_held_until_start = excluded.is_held_until_start`.execute(tx),
    sql`
      delete from promotion.sale_item
       where sale_id = ${sale.saleId}::uuid`.execute(tx),
    sql`
      insert into promotion.sale_item (sale_id, variant_id, currency, sale_item_id, amount_minor, limit_per_buyer,
                                       limit_per_instrument)
      select ${sale.saleId}::uuid, item.*
        from unnest(${plainArray(sale.items.map((item) => item.variantId))}::uuid[],
                    ${plainArray(sale.items.map((item) => item.currency))}::text[],
                    ${plainArray(sale.items.map((item) => item.saleItemId))}::uuid[],
                    ${plainArray(sale.items.map((item) => item.amountMinor))}::bigint[],
                    ${plainArray(sale.items.map((item) => item.limitPerBuyer ?? null))}::integer[],
                    ${plainArray(sale.items.map((item) => item.limitPerInstrument ?? null))}::integer[]) as item`.execute(
      tx,
    ),
  ]);
}

/** Ends the sale; one that is over stays as it ended. Undefined if there is none. */
export async function endSale(tx: Queryable, saleId: string, nowMs: number): Promise<Sale | undefined> {
  const { rows } = await sql<SaleRow>`
    with ended as (
      update promotion.sale
         set ended_at = least(ended_at, ends_at, ${instant(nowMs)}::timestamptz)
       where sale_id = ${saleId}::uuid
      returning sale_id, name, starts_at, ended_at, pay_within_ms, is_held_until_start
    )
    select ended.sale_id as "saleId", name, starts_at as "startsAtMs", ended_at as "endsAtMs",
           pay_within_ms as "payWithinMs", is_held_until_start as "isHeldUntilStart",
           json_agg(json_strip_nulls(json_build_object(
             'saleItemId', sale_item_id, 'variantId', variant_id, 'currency', currency,
             'amountMinor', amount_minor, 'limitPerBuyer', limit_per_buyer,
             'limitPerInstrument', limit_per_instrument))
             order by variant_id, currency) as items
      from ended
      join promotion.sale_item on sale_item.sale_id = ended.sale_id
     group by ended.sale_id, name, starts_at, ended_at, pay_within_ms, is_held_until_start`.execute(tx);
  return rows[0] && saleOf(rows[0]);
}

interface PriceRuleRow {
  readonly ruleId: string;
  readonly name: string;
  readonly basisPoints: number | null;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly collectionPath: string | null;
  readonly variantIds: string[] | null;
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly couponCode: string | null;
  readonly redemptionsMax: number | null;
  readonly limitPerBuyer: number | null;
}

/** Rules that have no end or one later than this, by their ids. Without an instant: all. */
export async function loadPriceRules(on: Queryable, endsAfterMs: number | undefined): Promise<PriceRule[]> {
  const { rows } = await sql<PriceRuleRow>`
    select rule_id as "ruleId", name, basis_points as "basisPoints", amount_minor as "amountMinor", currency,
           collection_path as "collectionPath", variant_ids as "variantIds", starts_at as "startsAtMs",
           ends_at as "endsAtMs", coupon_code as "couponCode", redemptions_max as "redemptionsMax",
           limit_per_buyer as "limitPerBuyer"
      from promotion.price_rule
     where coalesce(ends_at, 'infinity') > coalesce(${endsAfterMs === undefined ? null : instant(endsAfterMs)}::timestamptz, '-infinity')
     order by rule_id`.execute(on);
  return rows.map(toPriceRule);
}

function toPriceRule(row: PriceRuleRow): PriceRule {
  return {
    ruleId: row.ruleId,
    name: row.name,
    reduction: reductionOf(row),
    scope: scopeOf(row),
    ...(row.startsAtMs !== null && { startsAtMs: row.startsAtMs }),
    ...(row.endsAtMs !== null && { endsAtMs: row.endsAtMs }),
    ...(row.couponCode !== null && { couponCode: row.couponCode }),
    ...(row.redemptionsMax !== null && { redemptionsMax: row.redemptionsMax }),
    ...(row.limitPerBuyer !== null && { limitPerBuyer: row.limitPerBuyer }),
  };
}

function reductionOf(row: PriceRuleRow): PriceRule['reduction'] {
  if (row.basisPoints !== null) return { kind: 'percentage', basisPoints: row.basisPoints };
  assert(row.amountMinor !== null && row.currency !== null, 'what is no percentage is an amount in a currency');
  return { kind: 'fixed', amountMinor: row.amountMinor, currency: row.currency };
}

function scopeOf(row: PriceRuleRow): PriceRule['scope'] {
  if (row.collectionPath !== null) return { kind: 'collection', path: row.collectionPath };
  if (row.variantIds !== null) return { kind: 'variants', variantIds: row.variantIds };
  return { kind: 'everything' };
}

/** Writes the rule; one with this id is replaced whole. A code that another rule has breaks price_rule_coupon_unique. */
export async function writePriceRule(tx: Queryable, rule: PriceRule): Promise<void> {
  const { reduction, scope, startsAtMs, endsAtMs, couponCode } = rule;
  await sql`
    insert into promotion.price_rule
           (rule_id, name, basis_points, amount_minor, currency, collection_path, variant_ids, starts_at, ends_at,
            coupon_code, coupon_key, redemptions_max, limit_per_buyer)
    values (${rule.ruleId}::uuid, ${rule.name}::text,
            ${reduction.kind === 'percentage' ? reduction.basisPoints : null}::integer,
            ${reduction.kind === 'fixed' ? reduction.amountMinor : null}::bigint,
            ${reduction.kind === 'fixed' ? reduction.currency : null}::text,
            ${scope.kind === 'collection' ? scope.path : null}::text,
            ${scope.kind === 'variants' ? plainArray(scope.variantIds) : null}::uuid[],
            ${startsAtMs === undefined ? null : instant(startsAtMs)}::timestamptz,
            ${endsAtMs === undefined ? null : instant(endsAtMs)}::timestamptz,
            ${couponCode ?? null}::text, ${couponCode === undefined ? null : couponKey(couponCode)}::text,
            ${rule.redemptionsMax ?? null}::integer, ${rule.limitPerBuyer ?? null}::integer)
        on conflict on constraint price_rule_pkey do update
       set name = excluded.name, basis_points = excluded.basis_points, amount_minor = excluded.amount_minor,
           currency = excluded.currency, collection_path = excluded.collection_path,
           variant_ids = excluded.variant_ids, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
           coupon_code = excluded.coupon_code, coupon_key = excluded.coupon_key,
           redemptions_max = excluded.redemptions_max, limit_per_buyer = excluded.limit_per_buyer`.execute(tx);
}

/** The rule that has this code. */
export async function findRuleByCode(on: Queryable, code: string): Promise<string | undefined> {
  const { rows } = await sql<{ ruleId: string }>`
    select rule_id as "ruleId"
      from promotion.price_rule
     where coupon_key = ${couponKey(code)}::text`.execute(on);
  return rows[0]?.ruleId;
}

/** Until the transaction ends nobody else asks for redemptions of this rule or writes it, whether it exists yet or not. */
export async function lockRule(tx: Queryable, ruleId: string): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtextextended('onrush/promotion/' || ${ruleId}::uuid::text, 0))`.execute(tx);
}

export interface CouponGrant {
  readonly grantId: string;
  readonly quantity: number;
}

export interface GrantedSoFar {
  /** How many redemptions the rule has been granted for sure. */
  readonly granted: number;
  /** What checkout was asked for and perhaps did. */
  readonly inDoubt: readonly CouponGrant[];
}

/** Nothing is added to it until the transaction ends only under `lockRule`; what is in doubt may be settled any time. */
export async function loadGrants(tx: Queryable, ruleId: string): Promise<GrantedSoFar> {
  // One statement: read apart, a grant that is settled in between would be in neither.
  const { rows } = await sql<GrantedSoFar>`
    select coalesce(sum(quantity) filter (where state = 'applied'), 0) as granted,
           coalesce(json_agg(json_build_object('grantId', grant_id, 'quantity', quantity) order by requested_at, grant_id)
                      filter (where state = 'requested'), '[]') as "inDoubt"
      from promotion.coupon_grant
     where rule_id = ${ruleId}::uuid`.execute(tx);
  assert(rows[0] !== undefined, 'a sum is one row');
  return rows[0];
}

export async function requestGrant(
  tx: Queryable,
  { ruleId, grantId, quantity, nowMs }: CouponGrant & { readonly ruleId: string; readonly nowMs: number },
): Promise<void> {
  await sql`
    insert into promotion.coupon_grant (grant_id, rule_id, quantity, requested_at)
    values (${grantId}::uuid, ${ruleId}::uuid, ${quantity}::bigint, ${instant(nowMs)}::timestamptz)`.execute(tx);
}

export interface SettledGrant {
  readonly grantId: string;
  readonly state: 'applied' | 'refused';
}

/** Records what became of grants, for good. */
export async function settleGrants(on: Queryable, grants: readonly SettledGrant[]): Promise<void> {
  await sql`
    update promotion.coupon_grant
       set state = settled.state
      from unnest(${plainArray(grants.map((grant) => grant.grantId))}::uuid[],
                  ${plainArray(grants.map((grant) => grant.state))}::text[]) as settled (grant_id, state)
     where coupon_grant.grant_id = settled.grant_id
       and coupon_grant.state = 'requested'`.execute(on);
}

/** Exact to the millisecond for every instant of the schema; seconds as a binary fraction would not be. */
function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}
