import type { Writes } from '../../platform/database/commit.ts';
import { plainArray, type Queryable, type Statement, sql } from '../../platform/database/sql.ts';
import type { DeliveryMethod } from './api.ts';
import type { StoredCart, StoredLine } from './cart.ts';

type CartRow = {
  readonly [K in keyof StoredCart]: undefined extends StoredCart[K]
    ? Exclude<StoredCart[K], undefined> | null
    : StoredCart[K];
};

type LineRow = Omit<StoredLine, 'seenUnitPriceMinor'> & { readonly seenUnitPriceMinor?: number | null };

/** These carts, locked until the transaction ends; unknown ones are left out. */
export async function lockCarts(tx: Queryable, cartIds: readonly string[]): Promise<Map<string, StoredCart>> {
  const [{ rows: carts }, { rows: lines }] = await Promise.all([
    // In key order, so that two batches never wait for each other in a circle.
    sql<Omit<CartRow, 'lines'>>`
      select cart_id as "cartId", buyer_id as "buyerId", currency, contact, delivery_address as "deliveryAddress",
             delivery_method as "deliveryMethod", coupon_code as "couponCode", version, updated_at as "updatedAtMs"
        from cart.cart
       where cart_id = any(${plainArray(cartIds)}::uuid[])
       order by cart_id
         for no key update`.execute(tx),
    // A statement of its own: it begins when the locks are held, and so sees what the last holder of each committed. As a
    // part of the first one it would see the lines as they were before the wait.
    sql<LineRow & { readonly cartId: string }>`
      select cart_id as "cartId", line_id as "lineId", variant_id as "variantId", quantity, position,
             seen_unit_price_minor as "seenUnitPriceMinor"
        from cart.line
       where cart_id = any(${plainArray(cartIds)}::uuid[])
       order by cart_id, position`.execute(tx),
  ]);
  const linesByCart = Map.groupBy(lines, (line) => line.cartId);
  return new Map(
    carts.map((row) => {
      const own = linesByCart.get(row.cartId) ?? [];
      return [row.cartId, toCart({ ...row, lines: own.map(({ cartId: _, ...line }) => toLine(line)) })];
    }),
  );
}

/** These carts as they are at one instant; unknown ones are left out. */
export async function loadCarts(on: Queryable, cartIds: readonly string[]): Promise<Map<string, StoredCart>> {
  const { rows } = await sql<CartRow>`
    select cart_id as "cartId", buyer_id as "buyerId", currency, contact, delivery_address as "deliveryAddress",
           delivery_method as "deliveryMethod", coupon_code as "couponCode", version, updated_at as "updatedAtMs",
           lines
      from cart.cart
     cross join lateral (
             select coalesce(json_agg(json_build_object(
                      'lineId', line_id, 'variantId', variant_id, 'quantity', quantity, 'position', position,
                      'seenUnitPriceMinor', seen_unit_price_minor) order by position), '[]') as lines
               from cart.line
              where line.cart_id = cart.cart_id
           ) as line
     where cart_id = any(${plainArray(cartIds)}::uuid[])`.execute(on);
  return new Map(rows.map((row) => [row.cartId, toCart(row)]));
}

/** What writes the difference between the carts as they were (under lockCarts) and as they are to be. */
export function writingCarts(before: ReadonlyMap<string, StoredCart>, after: ReadonlyMap<string, StoredCart>): Writes {
  const begun = [...after.values()].filter((cart) => !before.has(cart.cartId));
  const changed = [...after.values()].filter((cart) => before.has(cart.cartId) && before.get(cart.cartId) !== cart);
  const [restated, touched] = partition(changed, (cart) => isRestated(before.get(cart.cartId), cart));
  const lines = lineChanges(before, [...begun, ...changed]);
  return [
    begun.length > 0 && insertingCarts(begun),
    touched.length > 0 && touchingCarts(touched),
    restated.length > 0 && restatingCarts(restated),
    lines.removed.length > 0 && deletingLines(lines.removed),
    lines.changed.length > 0 && updatingLines(lines.changed),
    lines.added.length > 0 && insertingLines(lines.added),
  ];
}

function insertingCarts(carts: readonly StoredCart[]): Statement {
  return sql`
    insert into cart.cart
           (cart_id, buyer_id, currency, contact, delivery_address, delivery_method, coupon_code, version, updated_at)
    select *
      from unnest(${plainArray(carts.map((cart) => cart.cartId))}::uuid[],
                  ${plainArray(carts.map((cart) => cart.buyerId))}::uuid[],
                  ${carts.map((cart) => cart.currency)}::text[],
                  ${carts.map((cart) => jsonOf(cart.contact))}::json[],
                  ${carts.map((cart) => jsonOf(cart.deliveryAddress))}::json[],
                  ${carts.map((cart) => cart.deliveryMethod)}::text[],
                  ${carts.map((cart) => cart.couponCode)}::text[],
                  ${plainArray(carts.map((cart) => cart.version))}::integer[],
                  ${plainArray(carts.map(updatedAt))}::timestamptz[])`;
}

/** Of carts of which only lines have changed: nothing but the version is written. */
function touchingCarts(carts: readonly StoredCart[]): Statement {
  return sql`
    update cart.cart
       set version = touched.version, updated_at = touched.updated_at
      from unnest(${plainArray(carts.map((cart) => cart.cartId))}::uuid[],
                  ${plainArray(carts.map((cart) => cart.version))}::integer[],
                  ${plainArray(carts.map(updatedAt))}::timestamptz[]) as touched (cart_id, version, updated_at)
     where cart.cart_id = touched.cart_id`;
}

/**
 * From arrays, whose length the planner knows: of one JSON value it expects a hundred carts, and would read the whole table for
 * one as long as that is small, which on the night of a sale it is not for long.
 */
export function restatingCarts(carts: readonly StoredCart[]): Statement {
  return sql`
    update cart.cart
       set contact = restated.contact, delivery_address = restated.delivery_address,
           delivery_method = restated.delivery_method, coupon_code = restated.coupon_code,
           version = restated.version, updated_at = restated.updated_at
      from unnest(${plainArray(carts.map((cart) => cart.cartId))}::uuid[],
                  ${carts.map((cart) => jsonOf(cart.contact))}::json[],
                  ${carts.map((cart) => jsonOf(cart.deliveryAddress))}::json[],
                  ${carts.map((cart) => cart.deliveryMethod)}::text[],
                  ${carts.map((cart) => cart.couponCode)}::text[],
                  ${plainArray(carts.map((cart) => cart.version))}::integer[],
                  ${plainArray(carts.map(updatedAt))}::timestamptz[])
        as restated (cart_id, contact, delivery_address, delivery_method, coupon_code, version, updated_at)
     where cart.cart_id = restated.cart_id`;
}

interface LineOfCart extends StoredLine {
  readonly cartId: string;
}

function insertingLines(lines: readonly LineOfCart[]): Statement {
  return sql`
    insert into cart.line (cart_id, line_id, variant_id, quantity, position, seen_unit_price_minor)
    select *
      from unnest(${plainArray(lines.map((line) => line.cartId))}::uuid[],
                  ${plainArray(lines.map((line) => line.lineId))}::uuid[],
                  ${plainArray(lines.map((line) => line.variantId))}::uuid[],
                  ${plainArray(lines.map((line) => line.quantity))}::integer[],
                  ${plainArray(lines.map((line) => line.position))}::integer[],
                  ${plainArray(lines.map(seenPriceOf))}::bigint[])`;
}

function updatingLines(lines: readonly LineOfCart[]): Statement {
  return sql`
    update cart.line
       set quantity = changed.quantity,
           seen_unit_price_minor = changed.seen_unit_price_minor
      from unnest(${plainArray(lines.map((line) => line.cartId))}::uuid[],
                  ${plainArray(lines.map((line) => line.lineId))}::uuid[],
                  ${plainArray(lines.map((line) => line.quantity))}::integer[],
                  ${plainArray(lines.map(seenPriceOf))}::bigint[])
        as changed (cart_id, line_id, quantity, seen_unit_price_minor)
     where line.cart_id = changed.cart_id
       and line.line_id = changed.line_id`;
}

function deletingLines(lines: readonly LineOfCart[]): Statement {
  return sql`
    delete from cart.line
     using unnest(${plainArray(lines.map((line) => line.cartId))}::uuid[],
                  ${plainArray(lines.map((line) => line.lineId))}::uuid[]) as removed (cart_id, line_id)
     where line.cart_id = removed.cart_id
       and line.line_id = removed.line_id`;
}

/**
 * Deletes carts, `countMax` at most, that nobody has changed since; the oldest first. Returns how many. Carts in use are
 * passed over: they are not abandoned.
 */
export async function deleteAbandoned(on: Queryable, unchangedSinceMs: number, countMax: number): Promise<number> {
  // An id begins with its cart's birth, so the primary key alone finds who can be that old: an index on updated_at would
  // have to be written with every change of every cart.
  const { rowCount } = await sql`
    with abandoned as (
      select cart_id
        from cart.cart
       where cart_id < ${firstIdAt(unchangedSinceMs)}::uuid
         and updated_at < ${instant(unchangedSinceMs)}::timestamptz
       order by cart_id
       limit ${countMax}::integer
         for update skip locked
    )
    delete from cart.cart
     using abandoned
     where cart.cart_id = abandoned.cart_id`.execute(on);
  return rowCount ?? 0;
}

/** Puts these ways of delivery, in this order, in place of those that there were. */
export async function replaceDeliveryMethods(tx: Queryable, methods: readonly DeliveryMethod[]): Promise<void> {
  // Of two who replace them at once, one after the other.
  await sql`select pg_advisory_xact_lock(hashtextextended('onrush/cart/delivery-methods', 0))`.execute(tx);
  await sql`delete from cart.delivery_method`.execute(tx);
  await sql`
    insert into cart.delivery_method (code, currency, title, amount_minor, position)
    select code, currency, title, amount_minor, position
      from unnest(${methods.map((method) => method.code)}::text[],
                  ${methods.map((method) => method.currency)}::text[],
                  ${methods.map((method) => method.title)}::text[],
                  ${methods.map((method) => method.amountMinor)}::bigint[])
      with ordinality as given (code, currency, title, amount_minor, position)`.execute(tx);
}

export async function loadDeliveryMethods(on: Queryable): Promise<DeliveryMethod[]> {
  const { rows } = await sql<DeliveryMethod>`
    select code, currency, title, amount_minor as "amountMinor"
      from cart.delivery_method
     order by position, code, currency`.execute(on);
  return rows;
}

function toCart(row: CartRow): StoredCart {
  return {
    ...row,
    lines: row.lines.map(toLine),
    contact: row.contact ?? undefined,
    deliveryAddress: row.deliveryAddress ?? undefined,
    deliveryMethod: row.deliveryMethod ?? undefined,
    couponCode: row.couponCode ?? undefined,
  };
}

function toLine({ seenUnitPriceMinor, ...line }: LineRow): StoredLine {
  return typeof seenUnitPriceMinor === 'number' ? { ...line, seenUnitPriceMinor } : line;
}

function seenPriceOf(line: StoredLine): number | null {
  return line.seenUnitPriceMinor ?? null;
}

/** Whether anything but lines differs. Changes keep what they do not touch, so that identity tells. */
function isRestated(before: StoredCart | undefined, after: StoredCart): boolean {
  return (
    before?.contact !== after.contact ||
    before?.deliveryAddress !== after.deliveryAddress ||
    before?.deliveryMethod !== after.deliveryMethod ||
    before?.couponCode !== after.couponCode
  );
}

function lineChanges(before: ReadonlyMap<string, StoredCart>, carts: readonly StoredCart[]) {
  const added: LineOfCart[] = [];
  const changed: LineOfCart[] = [];
  const removed: LineOfCart[] = [];
  for (const { cartId, lines } of carts) {
    const old = before.get(cartId)?.lines ?? [];
    if (old === lines) continue;
    const oldById = new Map(old.map((line) => [line.lineId, line]));
    for (const line of lines) {
      const was = oldById.get(line.lineId);
      oldById.delete(line.lineId);
      if (was === undefined) added.push({ cartId, ...line });
      else if (was !== line) changed.push({ cartId, ...line });
    }
    for (const line of oldById.values()) removed.push({ cartId, ...line });
  }
  return { added, changed, removed };
}

function jsonOf(value: object | undefined): string | undefined {
  return value && JSON.stringify(value);
}

function updatedAt(cart: StoredCart): string {
  return instant(cart.updatedAtMs);
}

function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** The smallest id that can be made at this instant (platform/database/id.ts). */
function firstIdAt(atMs: number): string {
  const time = atMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8000-8000-000000000000`;
}

function partition<T>(values: readonly T[], isFirst: (value: T) => boolean): [first: T[], second: T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const value of values) (isFirst(value) ? first : second).push(value);
  return [first, second];
}
