import assert from 'node:assert/strict';
import test from 'node:test';
import { axe } from './axe.ts';
import { layoutShift, onSlow4g, readThrough, sidewaysOverflow, weigh } from './measures.ts';
import { createStaff } from './staff.ts';
import { assertNone, openStorefront } from './storefront.ts';
import { prepareShop, views } from './views.ts';

const desk = { width: 1280, height: 800 };
/** The narrowest window that WCAG 2.2 asks for (1.4.10, reflow). */
const narrow = { width: 320, height: 640 };

test('every page', async (t) => {
  const { shop, visit } = await openStorefront(t);
  const facts = await prepareShop(shop.url, createStaff(shop));

  for (const view of views) {
    // The browser itself reports that a page was not found.
    const options = view.status === undefined ? {} : { tolerates: new RegExp(`status of ${view.status} `) };
    await visit(
      `${view.name}: axe finds nothing, and it fits 320 px`,
      // A colour that is still on its way to the other theme has the contrast of neither.
      { ...options, viewport: desk, reducedMotion: 'reduce' },
      async ({ page }) => {
        await view.show(page, 'en', facts);
        assertNone(await axe(page), 'axe, English, light, 1280 px');
        await page.setViewportSize(narrow);
        assertNone(await sidewaysOverflow(page), 'English at 320 px');
        await page.context().clearCookies();
        await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
        await view.show(page, 'zh', facts);
        assertNone(await axe(page), 'axe, Chinese, dark, 320 px');
        assertNone(await sidewaysOverflow(page), 'Chinese at 320 px');
        assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
      },
    );
  }

  for (const [name, path] of Object.entries({ home: '/', product: `/products/${facts.productSlug}` })) {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, deviceScaleFactor: 2 };
    await visit(`${name}: nothing jumps while it loads over a slow network`, phone, async ({ page, open }) => {
      await onSlow4g(page);
      assert.equal(await open(path), 200);
      await readThrough(page);
      const shift = await layoutShift(page);
      assert(shift < 0.001, `${(shift * 100).toFixed(2)} % of the window moved`);
    });
  }

  await visit('a product page weighs at most 15 KB of script and 12 KB of style', {}, async ({ page, open }) => {
    const scale = weigh(page);
    assert.equal(await open(`/products/${facts.productSlug}`), 200);
    await page.waitForLoadState('networkidle');
    const weights = await scale.weights();
    const sum = (kind: string) => {
      const ofKind = weights.filter((weight) => weight.kind === kind);
      assert(ofKind.length > 0, `the page has a ${kind}`);
      for (const { url, encoding } of ofKind) assert.equal(encoding, 'br', url);
      return ofKind.reduce((total, { bytes }) => total + bytes, 0);
    };
    const script = sum('script');
    const style = sum('stylesheet');
    assert(script <= 15 * 1024, `${script} bytes of script`);
    assert(style <= 12 * 1024, `${style} bytes of style`);
  });
});
