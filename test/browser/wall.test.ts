import assert from 'node:assert/strict';
import test from 'node:test';
import type { SignedQuote } from '../../src/services/quote/api.ts';
import type { StartedShop } from '../started-shop.ts';
import { axe } from './axe.ts';
import { sidewaysOverflow } from './measures.ts';
import { createStaff } from './staff.ts';
import { assertNone, openStorefront } from './storefront.ts';

const television = { width: 1920, height: 1080 };
const narrow = { width: 320, height: 640 };

test('the sale wall', async (t) => {
  const { shop, visit } = await openStorefront(t);
  const staff = createStaff(shop);
  const lantern = { sku: 'WALL-LANTERN', prices: [{ currency: 'USD', amountMinor: 9000 }] };
  const product = await staff.stock(
    { slug: 'wall-lantern', title: 'Wall Lantern', state: 'published', variants: [lantern] },
    10,
  );
  const variantId = product.variants[0]?.variantId ?? '';
  const startsAtMs = Date.now() - 5_000;
  await staff.openSale({ name: 'The night', variantId, amountMinor: 5000, startsAtMs, endsAtMs: startsAtMs + 600_000 });
  const { path } = (await getJson(shop, '/v1/admin/wall-link')) as { path: string };

  const tolerates = /status of 401 /;
  await visit('who has no key is asked for it, and let in with it', { tolerates }, async ({ page, open }) => {
    assert.equal(await open('/wall'), 401);
    assertNone(await axe(page), 'axe');
    await page.locator('#key').fill(new URL(path, shop.url).searchParams.get('key') ?? '');
    await page.locator('button').click();
    await page.locator('[data-state="live"]').waitFor();
  });

  await visit('an order is on the wall of everybody who watches', { viewport: television }, async (first) => {
    const walls = [first, await first.another()];
    await Promise.all(walls.map(({ open }) => open(path)));
    await Promise.all(walls.map(({ page }) => page.locator('[data-state="live"]').waitFor()));
    await order(shop, variantId, 2);
    for (const { page } of walls) {
      const row = page.locator('.wall__variant', { hasText: 'Wall Lantern' });
      await row.locator('.wall__variant-left', { hasText: '8 left' }).waitFor();
      await page.locator('.wall__country', { hasText: 'NO' }).waitFor();
      assert.equal(await page.locator('[data-figure="sale"]').textContent(), 'The night');
    }
  });

  await visit('axe finds nothing in either theme and language, and it fits 320 px', {}, async ({ page, open }) => {
    for (const each of [path, `${path}&theme=light`, `/zh${path}`]) {
      await page.setViewportSize(television);
      await open(each);
      await page.locator('[data-state="live"]').waitFor();
      assertNone(await axe(page), `axe, ${each.split('?')[0]}, 1920 px`);
      await page.setViewportSize(narrow);
      assertNone(await axe(page), `axe, ${each.split('?')[0]}, 320 px`);
      assertNone(await sidewaysOverflow(page), `${each.split('?')[0]} at 320 px`);
    }
  });

  await visit('a replay is played by keyboard, and left for what is live', {}, async ({ page, open }) => {
    await open(path);
    const sales = page.locator('[data-part="sales"]');
    await sales.locator('option', { hasText: 'The night' }).waitFor({ state: 'attached' });
    await sales.selectOption({ index: 1 });
    await page.locator('[data-state="replay"]').waitFor();
    await page.locator('[data-part="position"]').focus();
    const position = () => page.locator('[data-figure="position"]').textContent();
    if ((await page.locator('[data-part="play"]').getAttribute('aria-pressed')) === 'true') {
      await page.keyboard.press('Space');
    }
    await page.locator('[data-part="play"][aria-pressed="false"]').waitFor();
    await page.keyboard.press('Home');
    assert.match((await position()) ?? '', /^0:01 \//);
    await page.keyboard.press('ArrowRight');
    assert.match((await position()) ?? '', /^0:06 \//);
    await page.keyboard.press('l');
    await page.locator('[data-state="live"]').waitFor();
  });

  const lost = /ERR_|Failed to load|net::/;
  await visit(
    'without a connection the wall says so, and comes back by itself',
    { tolerates: lost },
    async (visitor) => {
      const { page, context, open } = visitor;
      await open(path);
      await page.locator('[data-state="live"]').waitFor();
      await context.setOffline(true);
      // An open stream survives the switch; without its stream a wall that is opened anew would be no test of this one.
      await page.evaluate(() => dispatchEvent(new Event('offline')));
      await page.locator('[data-state="lost"]').waitFor();
      assert.match((await page.locator('[data-figure="state"]').textContent()) ?? '', /^Reconnecting/);
      await context.setOffline(false);
      await page.locator('[data-state="live"]').waitFor();
    },
  );

  await visit('without a script it shows the figures of the moment', { javaScriptEnabled: false }, async (visitor) => {
    assert.equal(await visitor.open(path), 200);
    await visitor.page.locator('.wall__variant', { hasText: '8 left' }).waitFor();
    // Playwright's locators see no text of a `noscript`.
    assert.match(await visitor.page.content(), /Without JavaScript/);
  });
});

async function getJson(shop: StartedShop, path: string): Promise<unknown> {
  const answer = await fetch(shop.url + path, { headers: { authorization: `Bearer ${shop.adminToken}` } });
  assert.equal(answer.status, 200, path);
  return answer.json();
}

async function order(shop: StartedShop, variantId: string, quantity: number): Promise<void> {
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(shop.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 201, path);
    return answer.json();
  };
  const deliveryAddress = { name: 'A', line1: 'B', city: 'C', countryCode: 'NO' };
  const { quote } = (await post('/v1/quotes', { lines: [{ variantId, quantity }], deliveryAddress })) as SignedQuote;
  await post('/v1/orders', { quote });
}
