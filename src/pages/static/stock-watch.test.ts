import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../../platform/database/sql.ts';
import { until } from '../../platform/testing/until.ts';
import { pagesBench, textOf, type Visitor, well } from '../testing.ts';
import { outdatedStockTags, stockTag } from './stock-tags.ts';

const shop = await pagesBench();
await shop.start();

const address = {
  email: 'ann@example.org',
  name: 'Ann Example',
  line1: 'Street 1',
  city: 'Ulm',
  postalCode: '89073',
  countryCode: 'DE',
};

async function order(thing: { variantId: string; amountMinor: number }, quantity: number): Promise<string> {
  const visitor: Visitor = shop.visitor();
  const { variantId, amountMinor } = thing;
  await visitor.post('/cart/lines', { variantId, quantity: String(quantity), seen: String(amountMinor) });
  const review = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  const { url } = await visitor.send(review, '/checkout/pay', {});
  return /\/orders\/([\w-]{36})/.exec(url)?.[1] ?? assert.fail(`no order: ${url}`);
}

async function says(path: string, text: RegExp): Promise<void> {
  await until(async () => text.test(textOf((await shop.visitor().get(path)).html)), { what: `${path} says ${text}` });
}

async function versionOf(path: string): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from page.page where path = ${path}::text`.execute(
    shop.ctx.database,
  );
  return rows[0]?.version ?? assert.fail(`${path} is stored`);
}

/** Whatever was to follow from the events so far has: they were handled, what moved was looked at, and no page is stale. */
async function isSettled(): Promise<boolean> {
  const { rows } = await sql<{ isSettled: boolean }>`
    select not exists (select from page.page where version < wanted)
       and not exists (select from page.moved_variant)
       and not exists (
             select from events.outbox, events.progress
              where group_name in ('pages', 'pages-stock')
                and not pg_visible_in_snapshot(outbox.txid, progress.passed)
           ) as "isSettled"`.execute(shop.ctx.database);
  return rows[0]?.isSettled === true;
}

test('a page says what is left as orders take it and give it back, in every language', async () => {
  const thing = await shop.newVariant(1000, 3);
  const path = `/products/${thing.slug}`;
  await says(path, /Only 3 left/i);
  await says(`/zh${path}`, /仅剩 ?3/);
  const orderId = await order(thing, 3);
  await says(path, /Sold out/i);
  await says(`/zh${path}`, /售罄/);
  const credential = shop.ctx.signer.code('order-capability', orderId);
  well(await shop.peers.checkout.cancelOrder({ params: { orderId } }, { credential }));
  await says(path, /Only 3 left/i);
});

test('orders that leave plenty build no page anew', async () => {
  const thing = await shop.newVariant(1000, 1000);
  const path = `/products/${thing.slug}`;
  await says(path, /In stock/i);
  // What the delivery of the units has marked comes first.
  await until(isSettled);
  const before = await versionOf(path);
  for (let n = 0; n < 5; n++) await order(thing, 2);
  const { rows } = await sql`select 1 from page.moved_variant where variant_id = ${thing.variantId}::uuid`.execute(
    shop.ctx.database,
  );
  assert(rows.length <= 1, 'one row, however many orders');
  await until(isSettled);
  assert.equal(await versionOf(path), before);
});

test('whatever a page shows, it is outdated by every other level and not by its own', () => {
  const id = '0190';
  for (const shown of [0, 1, 5, 6, 1000]) {
    for (const now of [0, 1, 5, 6, 1000]) {
      const isSame = shown === now || (shown > 5 && now > 5);
      assert.equal(outdatedStockTags(id, now).includes(stockTag(id, shown)), !isSame, `${shown} shown, ${now} left`);
    }
  }
});
