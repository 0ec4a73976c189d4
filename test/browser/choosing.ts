import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { until } from '../../src/platform/testing/until.ts';
import type { ProductInput } from '../../src/services/catalog/api.ts';
import { buyerParts, pay, toCheckout, toReview } from './buyer.ts';
import { createStaff } from './staff.ts';
import type { Storefront } from './storefront.ts';

const prices = [{ currency: 'USD', amountMinor: 6800 }];
const jumper: ProductInput = {
  slug: 'choosing-jumper',
  title: 'Choosing Jumper',
  state: 'published',
  optionNames: ['Size', 'Colour'],
  variants: [
    { sku: 'CHOOSING-M-INK', options: { Size: 'M', Colour: 'Ink' }, prices },
    { sku: 'CHOOSING-S-INK', options: { Size: 'S', Colour: 'Ink' }, prices },
    { sku: 'CHOOSING-M-RUST', options: { Size: 'M', Colour: 'Rust' }, prices },
  ],
};
const lamp: ProductInput = {
  slug: 'choosing-lamp',
  title: 'Choosing Lamp',
  state: 'published',
  variants: [{ sku: 'CHOOSING-LAMP', prices }],
};

const scarf: ProductInput = {
  slug: 'choosing-scarf',
  title: 'Choosing Scarf',
  state: 'published',
  optionNames: ['Colour'],
  variants: ['Ink', 'Rust'].map((Colour) => ({ sku: `CHOOSING-SCARF-${Colour}`, options: { Colour }, prices })),
};

/** Choosing among variants, by what is made and what is left. */
export async function choosing({ shop, visit }: Storefront): Promise<void> {
  const staff = createStaff(shop);
  await staff.stock(jumper, 3);
  await staff.stock(lamp, 0);
  const choose = (page: Page, value: string) =>
    page.locator(`buy-box input[type="radio"][value="${value}"]`).check({ force: true });
  const chosen = (page: Page) =>
    page
      .locator('buy-box input[type="radio"]:checked')
      .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));

  await visit('a combination that is not made moves to one that is, and can be bought', {}, async ({ page, open }) => {
    await open(`/products/${jumper.slug}`);
    await choose(page, 'S');
    await page.locator('.chip[data-state="not-made"] input[value="Rust"]').waitFor();
    await choose(page, 'Rust');
    assert.deepEqual(await chosen(page), ['M', 'Rust']);
    assert.match((await page.locator('buy-box output').textContent()) ?? '', /M/);
    await buyerParts.addToCart(page).click();
    await buyerParts.added(page).waitFor();
    await open('/cart');
    assert.match((await page.locator('main').textContent()) ?? '', /M.*Rust/);
  });

  await visit('what is sold out now cannot be pressed, and its button says why', {}, async ({ page, open }) => {
    await open(`/products/${lamp.slug}`);
    const button = page.locator('buy-box button:disabled');
    await button.waitFor();
    assert.equal((await button.textContent())?.trim(), 'Sold out');
    // An answer that is on its way when the units come back may be a second old, and the browser may keep it for as long.
    await staff.stock(lamp, 2);
    await comesByReload(page, page.locator('buy-box .stock--low'));
    assert.equal((await page.locator('buy-box button:enabled').textContent())?.trim(), 'Add to cart');
  });

  await visit('what a sale holds says from when it is sold, and the rest is sold', {}, async ({ page, open }) => {
    const { variants } = await staff.stock(scarf, 2);
    const rust = variants.find(({ options }) => options.Colour === 'Rust');
    const startsAtMs = Date.now() + 3_600_000;
    const plan = { name: 'Rust', amountMinor: 4900, startsAtMs, endsAtMs: startsAtMs + 3_600_000 };
    await staff.openSale({ ...plan, variantId: rust?.variantId ?? '', isHeldUntilStart: true });
    await open(`/products/${scarf.slug}`);
    // A page that was rendered before the sale was planned is rendered again within a moment.
    const hint = page.locator('buy-box .buy-box__stock', { hasText: /^\s*For sale from / });
    await comesByReload(page, hint, { again: () => choose(page, 'Rust') });
    assert(await page.locator('buy-box button').isDisabled());
    await choose(page, 'Ink');
    await buyerParts.addToCart(page).click();
    await buyerParts.added(page).waitFor();
  });

  /** A product that is not for sale when a visitor has `seen` it, and is some seconds later. Returns when. */
  const dropSoon = async (slug: string, seen: (path: string, withinMs: number) => Promise<void>) => {
    const tryIn = async (inMs: number) => {
      const own = `${slug}-${inMs}`;
      const { variants } = await staff.stock({ ...lamp, slug: own, variants: [{ sku: own, prices }] }, 3);
      const startsAtMs = Date.now() + inMs;
      const plan = { name: own, amountMinor: 4900, startsAtMs, endsAtMs: startsAtMs + 3_600_000 };
      await staff.openSale({ ...plan, variantId: variants[0]?.variantId ?? '', isHeldUntilStart: true });
      const fault = await seen(`/products/${own}`, inMs).catch((error: Error) => error);
      return { startsAtMs, fault, isInTime: Date.now() < startsAtMs };
    };
    let drop = await tryIn(4_000);
    // A machine too busy for that has more time with another product.
    if (!drop.isInTime) drop = await tryIn(32_000);
    assert.ifError(drop.fault);
    assert(drop.isInTime, 'it was seen before the start');
    return drop.startsAtMs;
  };

  await visit(
    'a page that is open before the start sells from then on, whatever the visitor’s clock says',
    {},
    async (visitor) => {
      const { page, context, open } = visitor;
      await context.addInitScript(() => {
        const nowMs = Date.now;
        Date.now = () => nowMs() + 7_200_000;
      });
      await open('/');
      const button = buyerParts.addToCart(page);
      const startsAtMs = await dropSoon('choosing-drop', async (path, withinMs) => {
        await page.unrouteAll();
        await open(path);
        // A page that was rendered before the sale was planned is rendered again within a moment.
        await comesByReload(page, page.locator('buy-box [role="timer"]', { hasText: /^In 00:\d\d$/ }), { withinMs });
        assert.deepEqual([await button.isEnabled(), await button.textContent()], [false, 'Not for sale yet']);
        assert.equal(await page.locator('.buy-box__price strong').textContent(), '$49.00');
        await page.evaluate(() => document.body.setAttribute('data-not-loaded-again', ''));
        // It knows all that it needs: the shop may have no time for it at the start.
        await page.route('**/v1/storefront/variants*', () => {});
      });

      await page.locator('[data-not-loaded-again] buy-box button:enabled').waitFor();
      assert(Date.now() >= startsAtMs, 'it does not open early');
      assert.equal(await button.textContent(), 'Add to cart');
      await page.locator('buy-box .buy-box__stock', { hasText: 'Only 3 left' }).waitFor();
      assert(await page.locator('buy-box [role="timer"]').isHidden());
      await button.click();
      await buyerParts.added(page).waitFor();
      assert.equal(await page.locator('[data-not-loaded-again]').count(), 1);
      await buyerParts.cartLink(page).click();
      await page.waitForURL('**/cart');
      await toCheckout(page);
      await toReview(page);
      await pay(page);
      await page.locator('[data-state="paid"]').waitFor();
    },
  );

  await visit(
    'without scripts the page says to load it again, and sells then',
    { javaScriptEnabled: false },
    async ({ page, open }) => {
      await dropSoon('choosing-late-drop', async (path, withinMs) => {
        await open(path);
        await comesByReload(page, page.locator('buy-box button:disabled'), { withinMs });
        // Playwright's locators see no text of a `noscript`.
        assert.match((await page.locator('main').textContent()) ?? '', /To buy it, load this page again then\./);
      });
      await comesByReload(page, page.locator('buy-box button:enabled'));
      await buyerParts.addToCart(page).click();
      await page.waitForURL('**/cart');
      await toCheckout(page);
    },
  );

  await visit('without scripts the button can be pressed', { javaScriptEnabled: false }, async ({ page, open }) => {
    await open(`/products/${lamp.slug}`);
    assert(await buyerParts.addToCart(page).isEnabled());
  });
}

/** Reloads the page, and does again what was done on it, until it shows this. */
function comesByReload(
  page: Page,
  wanted: Locator,
  { again, withinMs = 60_000 }: { again?: () => Promise<void>; withinMs?: number } = {},
): Promise<void> {
  return until(
    async () => {
      await page.reload();
      await again?.();
      return wanted.waitFor({ timeout: 1000 }).then(
        () => true,
        () => false,
      );
    },
    { timeoutMs: withinMs, what: `${wanted}` },
  );
}
