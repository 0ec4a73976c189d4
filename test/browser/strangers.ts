import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { buyerParts, putIntoCart } from './buyer.ts';
import { createStaff } from './staff.ts';
import type { Storefront } from './storefront.ts';

const script = '<script>alert(1)</script>';
const hostileTexts = [
  script,
  '"><img src=x onerror=alert(1)>',
  "'; drop table product; --",
  '{{7*7}}<%= 7*7 %>',
  '%00%0d%0aSet-Cookie: a=b',
  '\u202e\uffff\ud83d\ude80',
];

/** What strangers write into products, addresses and cookies does nothing but be shown. */
export async function strangers({ shop, visit }: Storefront): Promise<void> {
  const staff = createStaff(shop);

  await visit(
    'a product named <script> is a name and nothing else, wherever it is shown',
    {},
    async ({ page, open }) => {
      const dialogs = countDialogs(page);
      await staff.stock(
        {
          slug: 'script-alert',
          title: script,
          description: `${script} </script><!-- ]]> ${script}`,
          vendor: script,
          state: 'published',
          collections: ['hostile'],
          optionNames: ['Size'],
          attributes: { [script]: script },
          variants: [
            { sku: 'SCRIPT-1', options: { Size: script }, prices: [{ currency: 'USD', amountMinor: 100 }] },
            { sku: 'SCRIPT-2', options: { Size: '"' }, prices: [{ currency: 'USD', amountMinor: 100 }] },
          ],
        },
        5,
      );
      for (const path of ['/products/script-alert', '/zh/products/script-alert']) {
        assert.equal(await open(path), 200);
        assert.equal(await page.locator('h1').textContent(), script);
        assert((await page.title()).startsWith(script));
        for (const data of await page.locator('script[type="application/ld+json"]').allTextContents()) JSON.parse(data);
      }
      for (const path of ['/collections/hostile', '/search?q=alert', '/']) {
        assert.equal(await open(path), 200);
        assert.equal(await page.locator('main script:not([type="application/ld+json"])').count(), 0, path);
      }
      assert.equal(dialogs(), 0);
    },
  );

  await visit('a hostile search string is shown as it was written', {}, async ({ page, open }) => {
    const dialogs = countDialogs(page);
    for (const text of hostileTexts) {
      assert.equal(await open(`/search?q=${encodeURIComponent(text)}`), 200, text);
      assert.equal(await page.locator('main input[name="q"]').inputValue(), text);
    }
    assert.equal(dialogs(), 0);
  });

  await visit('a search for a novel is refused in words', { tolerates: /status of 400 / }, async ({ page, open }) => {
    assert.equal(await open(`/search?q=${'a'.repeat(5000)}`), 400);
    assert.match((await page.locator('main').textContent()) ?? '', /more than \d+ characters/);
  });

  await visit('a forged cart cookie is no cart, and the next thing bought goes into a new one', {}, async (visitor) => {
    const { page, context, open } = visitor;
    for (const value of ['forged', 'x'.repeat(3000), '..%2F..', '0191d2a0-0000-7000-8000-000000000000.AAAA']) {
      await context.addCookies([{ name: 'onrush_cart', value, url: shop.url }]);
      assert.equal(await open('/cart'), 200, value);
      assert.equal(await buyerParts.cartLines(page).count(), 0);
    }
    await putIntoCart(page, shop, 'en', 'script-alert');
    await buyerParts.cartLines(page).first().waitFor();
    const cookie = (await context.cookies()).find(({ name }) => name === 'onrush_cart');
    assert(cookie?.httpOnly && cookie.sameSite === 'Lax' && !cookie.value.includes('forged'));
  });

  await visit(
    'a page that does not exist is said to be so',
    { tolerates: /status of 404 / },
    async ({ page, open }) => {
      for (const path of [
        '/products/nothing-of-the-kind',
        '/collections/nothing',
        '/sales/nothing',
        '/orders/x?key=y',
        '/nothing',
        '/zh/nothing',
      ]) {
        assert.equal(await open(path), 404, path);
        assert.match((await page.locator('h1').textContent()) ?? '', /\S/, path);
        assert.equal(await page.locator('header a[href$="/cart"]').count(), 1, `${path} has the way on`);
      }
    },
  );
}

/** How many dialogs have opened: `alert` would. */
function countDialogs(page: Page): () => number {
  let count = 0;
  page.on('dialog', (dialog) => {
    count++;
    void dialog.dismiss();
  });
  return () => count;
}
