import assert from 'node:assert/strict';
import type { Storefront } from './storefront.ts';

/** The network goes and comes back. */
export async function offline({ visit }: Storefront): Promise<void> {
  const tolerates = /ERR_INTERNET_DISCONNECTED|ERR_FAILED/;

  await visit(
    'offline: who loses the network is told so in the language of the page, and gets back',
    { tolerates },
    async (visitor) => {
      const { page, context, open } = visitor;
      for (const [prefix, lang] of [
        ['', 'en'],
        ['/zh', 'zh-Hans'],
      ] as const) {
        assert.equal(await open(`${prefix}/search?q=lamp`), 200);
        await page.evaluate(async () => {
          await navigator.serviceWorker.ready;
        });
        await context.setOffline(true);
        await page.goto(`${prefix}/search?q=tent`);
        assert.equal(await page.locator('html').getAttribute('lang'), lang);
        const heading = await page.locator('h1').textContent();
        await context.setOffline(false);
        await open(`${prefix}/offline`);
        assert.equal(heading, await page.locator('h1').textContent(), 'it was the page for those who are offline');
        assert.equal(await open(`${prefix}/search?q=tent`), 200);
      }
    },
  );
}
