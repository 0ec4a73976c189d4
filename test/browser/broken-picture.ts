import assert from 'node:assert/strict';
import { createStaff } from './staff.ts';
import type { Storefront } from './storefront.ts';

/** A picture that is not there leaves a calm plate, its text for who cannot see, and the rest of the page as it was. */
export async function brokenPicture({ shop, visit }: Storefront): Promise<void> {
  const lantern = await (await fetch(`${shop.url}/v1/products/beacon-lantern`)).json();
  await createStaff(shop).stock(
    {
      slug: 'lost-picture',
      title: 'A lost picture',
      state: 'published',
      collections: ['lost'],
      media: [
        { url: '/media/abcdefghijklmnopqrst-_.svg', width: 800, height: 1000, alt: 'What was there' },
        { url: lantern.media[0].url },
      ],
      variants: [{ sku: 'LOST-1', prices: [{ currency: 'USD', amountMinor: 100 }] }],
    },
    5,
  );
  await visit('a picture that is not there leaves a plate', { tolerates: /404/ }, async ({ page, open }) => {
    for (const path of ['/products/lost-picture', '/collections/lost']) {
      assert.equal(await open(path), 200);
      const lost = page.locator('main .picture').first();
      await page.waitForFunction(() => document.querySelector('main .picture--none') !== null);
      assert.match((await lost.getAttribute('class')) ?? '', /picture--none/);
      assert.equal(await lost.locator('img').evaluate((image) => getComputedStyle(image).opacity), '0');
      const box = await lost.boundingBox();
      assert(box !== null && box.height > 100, 'it keeps its place');
    }
    await open('/products/lost-picture');
    assert.equal(await page.getByRole('img', { name: 'What was there' }).count(), 1);
    assert.equal(await page.locator('main .picture--none').count(), 1);
  });
}
