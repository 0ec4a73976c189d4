import type { Page } from 'playwright-core';
import { buyerParts, pay, putIntoCart, toCheckout, toReview } from './buyer.ts';
import type { Locale, ShopFacts, View } from './view.ts';

async function toCart(page: Page, locale: Locale, facts: ShopFacts): Promise<void> {
  await putIntoCart(page, facts, locale, facts.choiceSlug);
  await putIntoCart(page, facts, locale, facts.productSlug);
}

async function toReviewPage(page: Page, locale: Locale, facts: ShopFacts): Promise<void> {
  await toCart(page, locale, facts);
  await toCheckout(page);
  await toReview(page);
}

/** An order, with this card tried on it. */
async function toOrder(page: Page, locale: Locale, facts: ShopFacts, card: string): Promise<void> {
  await toReviewPage(page, locale, facts);
  await pay(page, card);
  await page.waitForURL(/\/orders\//);
}

/** What a purchase leads through. */
export const purchaseViews: readonly View[] = [
  { name: 'cart', show: toCart },
  {
    name: 'checkout',
    async show(page, locale, facts) {
      await toCart(page, locale, facts);
      await toCheckout(page);
    },
  },
  {
    name: 'checkout-faults',
    status: 422,
    async show(page, locale, facts) {
      await toCart(page, locale, facts);
      await toCheckout(page);
      await buyerParts.field(page, 'email').fill('ada@');
      await buyerParts.toReview(page).click();
      await page.locator('[aria-invalid="true"]').first().waitFor();
    },
  },
  { name: 'review', show: toReviewPage },
  { name: 'order-paid', show: (page, locale, facts) => toOrder(page, locale, facts, 'test-ok') },
  { name: 'order-declined', show: (page, locale, facts) => toOrder(page, locale, facts, 'test-decline') },
];
