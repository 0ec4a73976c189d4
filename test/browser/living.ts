import assert from 'node:assert/strict';
import type { ProductInput } from '../../src/services/catalog/api.ts';
import { buyerParts, pay, putIntoCart, toCheckout, toReview } from './buyer.ts';
import { createStaff } from './staff.ts';
import type { Storefront } from './storefront.ts';
import { locales, localPath } from './view.ts';

const kettle: ProductInput = {
  slug: 'living-kettle',
  title: 'Living Kettle',
  state: 'published',
  translations: { 'zh-Hans': { title: '会唱歌的水壶' } },
  variants: [{ sku: 'LIVING-KETTLE', prices: [{ currency: 'USD', amountMinor: 4200 }] }],
};

/** What scripts add, and what must hold however quickly one clicks or the shop changes its mind. */
export async function living({ shop, visit }: Storefront): Promise<void> {
  const staff = createStaff(shop);
  const product = await staff.stock(kettle, 20);
  const variantId = product.variants[0]?.variantId ?? '';
  // What they tried to buy but did not is reported by the browser itself.
  const tolerates = /status of 4(09|22) /;

  await visit('an order page follows its order, paid in another tab', { tolerates }, async ({ page, context }) => {
    await putIntoCart(page, shop, 'en', kettle.slug);
    await toCheckout(page);
    await toReview(page);
    await pay(page, 'test-decline');
    await page.locator('[data-state="placed"]').waitFor();
    const other = await context.newPage();
    await other.goto(page.url());
    await page.evaluate(() => document.body.setAttribute('data-not-loaded-again', ''));
    await other.locator('main input[type="radio"][value="test-ok"]').check({ force: true });
    await other.locator('main form[action$="/pay"] button[type="submit"]').click();
    await page.locator('[data-not-loaded-again] [data-state="paid"]').waitFor();
  });

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with' : 'without';
    await visit(`a double click ${how} JavaScript orders and pays once`, { javaScriptEnabled }, async ({ page }) => {
      const before = await staff.levelOf(variantId);
      await putIntoCart(page, shop, 'en', kettle.slug);
      await toCheckout(page);
      await toReview(page);
      await buyerParts.pay(page).dblclick();
      await page.locator('[data-state="paid"]').waitFor();
      const after = await staff.levelOf(variantId);
      assert.deepEqual([after.sold - before.sold, after.reserved], [1, 0]);
    });
  }

  for (const locale of locales) {
    await visit(`the search box suggests, and the arrows choose, in ${locale}`, {}, async ({ page, open }) => {
      assert.equal(await open(localPath(locale, '/')), 200);
      const box = page.locator('header input[name="q"]');
      await box.pressSequentially({ en: 'living ket', zh: '水壶' }[locale]);
      const option = page.getByRole('option', { name: { en: 'Living Kettle', zh: '会唱歌的水壶' }[locale] });
      await option.waitFor();
      while ((await option.getAttribute('aria-selected')) !== 'true') await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${localPath(locale, `/products/${kettle.slug}`)}`);
    });
  }

  await visit('a price that changes on the way is told and agreed to', { tolerates }, async ({ page }) => {
    await putIntoCart(page, shop, 'en', kettle.slug);
    const [variant] = kettle.variants;
    const dearer = [{ currency: 'USD', amountMinor: 4700 }];
    await staff.stock({ ...kettle, variants: variant ? [{ ...variant, prices: dearer }] : [] }, 0);
    await toCheckout(page);
    await toReview(page);
    const agreement = page.locator('main input[name="agree"]');
    await agreement.waitFor();
    const told = (await page.locator('main').textContent()) ?? '';
    assert(told.includes('$42.00') && told.includes('$47.00'), 'both prices are told');
    const before = await staff.levelOf(variantId);
    await pay(page);
    assert.match(page.url(), /\/checkout\//, 'nothing is ordered that was not agreed to');
    assert.equal((await staff.levelOf(variantId)).sold, before.sold);
    await agreement.check();
    await pay(page);
    await page.locator('[data-state="paid"]').waitFor();
    assert((await page.locator('main').textContent())?.includes('$47.00'));
  });
}
