import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { buyerParts, pay, toReview } from './buyer.ts';
import { createStaff } from './staff.ts';
import type { Storefront, VisitOptions, Visitor } from './storefront.ts';

const units = 2;

/** A sale of a few units, from its announcement to its end, as those see it who wait for it. */
export async function flashSale({ shop, visit }: Storefront): Promise<void> {
  const staff = createStaff(shop);
  const product = await staff.stock(
    {
      slug: 'last-lantern',
      title: 'Last Lantern',
      state: 'published',
      variants: [{ sku: 'LAST-LANTERN', prices: [{ currency: 'USD', amountMinor: 9000 }] }],
    },
    units,
  );
  const variantId = product.variants[0]?.variantId ?? '';

  const options: VisitOptions = {
    // The browser itself reports that the latecomer's order was refused.
    tolerates: /status of 409 |registration blocked by Playwright/,
    // What a service worker fetches cannot be replaced with what was kept.
    serviceWorkers: 'block',
  };
  await visit('a flash sale: from the countdown to sold out, in three tabs', options, async (first) => {
    const tabs = [first, await first.another(), await first.another()];
    const [, ...buyers] = tabs;
    const latecomer = first;
    // Everything that takes its time at the first look is done before the sale is announced.
    await Promise.all(tabs.map(({ open }) => open('/sales')));
    const startsAtMs = Date.now() + 8000;
    const { saleId } = await staff.openSale({
      name: 'The last lanterns',
      variantId,
      amountMinor: 5000,
      startsAtMs,
      endsAtMs: startsAtMs + 3_600_000,
    });
    const path = `/sales/${saleId}`;
    await Promise.all(tabs.map(({ open }) => open(path)));
    const kept = await fetch(`${shop.url}${path}`);
    const keptPage = { headers: Object.fromEntries(kept.headers), body: await kept.text() };
    for (const { page } of tabs) assert.equal(await buyerParts.buyNow(page).isEnabled(), false, 'not open yet');

    // Everyone waits on the page and presses the button when it opens; nobody loads the page again.
    await Promise.all(tabs.map(({ page }) => canBuy(page)));
    assert(Date.now() >= startsAtMs, 'the button does not open early');
    // Who comes now may be given the page as it was kept before the opening, and can buy all the same.
    const watching = await first.context.newPage();
    await watching.route(`**${path}`, (route) => route.fulfill(keptPage));
    await watching.goto(path);
    await canBuy(watching);
    await Promise.all(tabs.map(review));
    await Promise.all(
      buyers.map(async ({ page }) => {
        await pay(page);
        await page.locator('[data-state="paid"]').waitFor();
      }),
    );

    // Who has come as far as paying is told at once that there is nothing left, and who only looks on sees it happen.
    await pay(latecomer.page);
    await latecomer.page.locator('[role="alert"]', { hasText: 'Last Lantern' }).waitFor();
    await soldOut(watching).waitFor();
    for (const { page, open } of tabs) {
      await open(path);
      await soldOut(page).waitFor();
    }
    for (const page of [watching, ...tabs.map((tab) => tab.page)]) {
      assert.equal(await buyerParts.buyNow(page).isEnabled(), false, 'there is no button to press for nothing');
    }
    const level = await staff.levelOf(variantId);
    assert.deepEqual([level.sold, level.reserved, level.available], [units, 0, 0]);
  });
}

const soldOut = (page: Page) => page.locator('.sale-item__sold-out');

async function canBuy(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('form[action$="/checkout/buy-now"] button:not([disabled])'));
}

/** From the button to what is left to be paid. */
async function review({ page }: Visitor): Promise<void> {
  await buyerParts.buyNow(page).click();
  await page.waitForURL(/\/checkout/);
  await toReview(page);
}
