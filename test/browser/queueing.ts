import assert from 'node:assert/strict';
import type { BrowserContext, Page } from 'playwright-core';
import { createHttpPool, targetOf } from '../../drills/http-client.ts';
import type { Room, RoomInput } from '../../src/edge/waiting-room/api.ts';
import { until } from '../../src/platform/testing/until.ts';
import { buyerParts, pay, toReview } from './buyer.ts';
import { createStaff } from './staff.ts';
import type { Storefront } from './storefront.ts';

const othersCount = 5_000;

/** A sale that five thousand others have lined up for. */
export async function queueing({ shop, visit }: Storefront): Promise<void> {
  const staff = createStaff(shop);
  const product = await staff.stock(
    {
      slug: 'queued-lantern',
      title: 'Queued Lantern',
      state: 'published',
      variants: [{ sku: 'QUEUED-LANTERN', prices: [{ currency: 'USD', amountMinor: 9000 }] }],
    },
    // Of the others nobody comes when he is called: what they were promised must not keep the visitor out.
    20_000,
  );
  const variantId = product.variants[0]?.variantId ?? '';
  const startsAtMs = Date.now();
  const times = { startsAtMs, endsAtMs: startsAtMs + 3_600_000 };
  const { saleId } = await staff.openSale({ name: 'The long queue', variantId, amountMinor: 5000, ...times });
  const room: RoomInput = { name: 'The long queue', saleId, switchedBy: 'schedule', queueFromMs: startsAtMs - 1000 };
  const roomId = await staff.putRoom({ ...room, opensAtMs: startsAtMs + 600_000, pacePerSMax: 3_000 });
  await lineUp(shop.url, roomId, othersCount);
  // Five thousand at once are more than a busy machine serves: whoever looks meanwhile is told so, and comes a moment later.
  await until(async () => (await fetch(`${shop.url}/sales/${saleId}`)).status === 200);

  const options = { tolerates: /ERR_INTERNET_DISCONNECTED/ };
  await visit(
    'a queue: lined up before the opening, kept through reload, tab and network, let in, bought',
    options,
    async (visitor) => {
      const { page, context, open } = visitor;
      assert.equal(await open(`/sales/${saleId}`), 200);
      await page.locator('sale-queue a').click();
      await inState(page, 'before');
      const number = await numberIn(context, roomId);
      assert.equal(number, othersCount, 'the next one after all the others');
      await page.reload();
      const tab = await context.newPage();
      await tab.goto(page.url());
      await inState(tab, 'before');
      await tab.close();
      assert.equal(await numberIn(context, roomId), number);

      await context.setOffline(true);
      await page.locator('#net').waitFor();
      await context.setOffline(false);
      await page.locator('#net').waitFor({ state: 'hidden' });

      // The opening is put forward, as a page that is loaded now says.
      const opensAtMs = Date.now() + 3_000;
      await staff.putRoom({ ...room, opensAtMs, pacePerSMax: 3_000 }, roomId);
      await heardOf(shop.url, roomId, opensAtMs);
      await page.reload();
      await page.waitForURL(`**/sales/${saleId}`);
      assert.equal(await numberIn(context, roomId), number);
      await page.locator('.sale-queue__in').waitFor();
      assert.equal(await page.locator('sale-queue a').isVisible(), false, 'who has been let in does not line up again');
      await buy(page);
    },
  );

  await visit('a queue: the same without JavaScript', { javaScriptEnabled: false }, async ({ page, open }) => {
    assert.equal(await open(`/sales/${saleId}`), 200);
    // Pressing the button leads to the queue by itself, and from there back to where it was.
    await buyerParts.buyNow(page).click();
    await page.waitForURL(/\/checkout/);
    await toReview(page, /\/(checkout\/review|waiting-room)/);
    await page.waitForURL(/\/checkout\/review/);
    await pay(page);
    await page.locator('[data-state="paid"]').waitFor();
  });
}

async function buy(page: Page): Promise<void> {
  await buyerParts.buyNow(page).click();
  await page.waitForURL(/\/checkout/);
  await toReview(page);
  await pay(page);
  await page.locator('[data-state="paid"]').waitFor();
}

async function inState(page: Page, state: string): Promise<void> {
  await page.locator(`body[data-view="${state}"]`).waitFor();
}

/** The room is told of by its next step. */
async function heardOf(url: string, roomId: string, opensAtMs: number): Promise<void> {
  for (;;) {
    const room = (await (await fetch(`${url}/v1/waiting-rooms/${roomId}`)).json()) as Room;
    if (room.opensAtMs === opensAtMs) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The number of the ticket that the browser holds, as the ticket says itself. */
async function numberIn(context: BrowserContext, roomId: string): Promise<number> {
  const cookie = (await context.cookies()).find(({ name }) => name === `onrush_ticket_${roomId}`);
  assert(cookie?.httpOnly, 'the ticket is kept from scripts');
  const payload = cookie.value.split('~')[1]?.split('.')[1] ?? '';
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { n: number }).n;
}

/** So many others take tickets, and are not heard of again. Who is told that the shop is busy tries again, as people do. */
async function lineUp(url: string, roomId: string, count: number): Promise<void> {
  const pool = createHttpPool({ ...targetOf(url), connectionsMax: 64 });
  const request = { method: 'POST', path: `/v1/waiting-rooms/${roomId}/tickets`, body: '{}' };
  const take = async () => {
    for (;;) {
      const { status } = await pool.request(request);
      if (status !== 503) return status;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const statuses = await Promise.all(Array.from({ length: count }, take));
  assert(statuses.every((status) => status === 201));
  pool.close();
}
