import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { buyerParts, guest, guestCountry, pay, putIntoCart, toCheckout, toReview } from './buyer.ts';
import { arrowTo, tabTo } from './keyboard.ts';
import { createStaff, type Staff } from './staff.ts';
import type { Storefront } from './storefront.ts';
import { type Locale, locales, localPath } from './view.ts';

/** A guest buys, in each language, with scripts, without them, and without a mouse. */
export async function buying({ shop, visit }: Storefront): Promise<void> {
  const staff = createStaff(shop);
  const product = await staff.stock(
    {
      slug: 'field-mug',
      title: 'Field Mug',
      state: 'published',
      translations: { 'zh-Hans': { title: '野外马克杯' } },
      variants: [{ sku: 'FIELD-MUG', prices: [{ currency: 'USD', amountMinor: 1800 }] }],
    },
    100,
  );
  const variantId = product.variants[0]?.variantId ?? '';
  const titles = { en: 'Field Mug', zh: '野外马克杯' };

  for (const locale of locales) {
    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
      await visit(`buying: ${how}, in ${locale}, through to a paid order`, { javaScriptEnabled }, async ({ page }) => {
        await soldUnits(staff, variantId, 1, async () => {
          await putIntoCart(page, shop, locale, 'field-mug');
          await page.locator('main', { hasText: titles[locale] }).waitFor();
          await toCheckout(page);
          await toReview(page);
          await pay(page);
          await paidOrder(page, locale);
        });
      });
    }
  }

  await visit('buying: with the keyboard alone, and one sees where one is', {}, async ({ page, open }) => {
    await soldUnits(staff, variantId, 1, async () => {
      await open('/products/field-mug');
      const press = async (target: ReturnType<typeof buyerParts.pay>) => {
        await tabTo(page, target);
        await page.keyboard.press('Enter');
      };
      await press(buyerParts.addToCart(page));
      await buyerParts.added(page).waitFor();
      const isStillThere = await buyerParts.addToCart(page).evaluate((button) => button === document.activeElement);
      assert(isStillThere, 'the focus is where it was left');
      await press(buyerParts.cartLink(page));
      await page.waitForURL(/\/cart$/);
      await press(buyerParts.checkoutLink(page));
      await page.waitForURL(/\/checkout$/);
      for (const [purpose, value] of Object.entries(guest)) {
        await tabTo(page, buyerParts.field(page, purpose));
        await page.keyboard.type(value);
      }
      await tabTo(page, buyerParts.field(page, 'country'));
      await page.keyboard.type('United K');
      assert.equal(await buyerParts.field(page, 'country').inputValue(), guestCountry);
      await arrowTo(page, buyerParts.delivery(page, 'standard'));
      await press(buyerParts.toReview(page));
      await page.waitForURL(/\/checkout\/review/);
      await arrowTo(page, buyerParts.card(page, 'test-ok'));
      await press(buyerParts.pay(page));
      await paidOrder(page, 'en');
    });
  });
}

/** Runs a purchase and makes sure that this many units more are sold after it. */
async function soldUnits(staff: Staff, variantId: string, units: number, purchase: () => Promise<void>): Promise<void> {
  const before = await staff.levelOf(variantId);
  await purchase();
  const after = await staff.levelOf(variantId);
  assert.equal(after.sold, before.sold + units);
  assert.equal(after.reserved, before.reserved);
}

async function paidOrder(page: Page, locale: Locale): Promise<void> {
  await page.waitForURL(new RegExp(`${localPath(locale, '/orders/')}[0-9a-f-]+\\?key=`));
  await page.locator('[data-state="paid"]').waitFor();
}
