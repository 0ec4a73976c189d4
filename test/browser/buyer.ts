import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { type Locale, localPath } from './view.ts';

/**
 * What a buyer does on the pages, found by what holds in every language: where forms go and what fields say they are for.
 * None of it needs scripts.
 */
export const buyerParts = {
  addToCart: (page: Page) => page.locator('form[action$="/cart/lines"] button[type="submit"]'),
  buyNow: (page: Page) => page.locator('form[action$="/checkout/buy-now"] button[type="submit"]'),
  added: (page: Page) => page.locator('buy-box output a[href$="/cart"]'),
  cartLines: (page: Page) => page.locator('main form.cart-line__quantity'),
  cartLink: (page: Page) => page.locator('header a[href$="/cart"]'),
  checkoutLink: (page: Page) => page.locator('main a[href$="/checkout"]'),
  field: (page: Page, purpose: string) => page.locator(`main [autocomplete~="${purpose}"]`),
  delivery: (page: Page, method: string) => page.locator(`main input[type="radio"][value="${method}"]`),
  toReview: (page: Page) => page.locator('main form[action$="/checkout"] button[type="submit"]'),
  card: (page: Page, card: string) => page.locator(`main input[type="radio"][value="${card}"]`),
  pay: (page: Page) => page.locator('main form[action$="/checkout/pay"] button[type="submit"]'),
} as const;

/** A guest's own words, by what the fields say they are for (HTML, autofill detail tokens). */
export const guest: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  name: 'Ada Byron',
  'address-line1': '12 High Street',
  'address-level2': 'London',
  'postal-code': 'N1 9GU',
};
export const guestCountry = 'GB';

/** From a product to its line in the cart. */
export async function putIntoCart(
  page: Page,
  shop: { readonly url: string },
  locale: Locale,
  slug: string,
): Promise<void> {
  await page.goto(`${shop.url}${localPath(locale, `/products/${slug}`)}`);
  await buyerParts.addToCart(page).click();
  // With scripts the page stays and says that it is in the cart; without, the form leads there.
  const isStaying = buyerParts
    .added(page)
    .waitFor()
    .then(() => true);
  const isLed = page.waitForURL(`**${localPath(locale, '/cart')}`).then(() => false);
  if (await Promise.any([isStaying, isLed])) await buyerParts.cartLink(page).click();
  await page.waitForURL(`**${localPath(locale, '/cart')}`);
}

/** From the cart to the address. */
export async function toCheckout(page: Page): Promise<void> {
  await buyerParts.checkoutLink(page).click();
  await page.waitForURL(/\/checkout$/);
}

/** From the address to the review of the order. */
export async function toReview(page: Page, leadsTo = /\/checkout\/review/): Promise<void> {
  await fillIn(page);
  await buyerParts.toReview(page).click();
  await page.waitForURL(leadsTo);
}

async function fillIn(page: Page): Promise<void> {
  for (const [purpose, value] of Object.entries(guest)) await buyerParts.field(page, purpose).fill(value);
  await buyerParts.field(page, 'country').selectOption(guestCountry);
  await choose(buyerParts.delivery(page, 'standard'));
}

export async function pay(page: Page, card = 'test-ok'): Promise<void> {
  await choose(buyerParts.card(page, card));
  await buyerParts.pay(page).click();
}

/** A radio button may be drawn by its label, which is what one clicks then. */
async function choose(radio: Locator): Promise<void> {
  await radio.check({ force: true });
  assert(await radio.isChecked());
}
