import assert from 'node:assert/strict';
import { until } from '../../src/platform/testing/until.ts';
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
        const headingAt = async (path: string) => {
          await page.goto(path);
          return page.locator('h1').textContent();
        };
        const told = await headingAt(`${prefix}/offline`);
        await context.setOffline(true);
        // A worker that is being started in this moment hears of the lost network a little later than the page.
        await until(async () => (await headingAt(`${prefix}/search?q=tent`)) === told);
        assert.equal(await page.locator('html').getAttribute('lang'), lang);
        await context.setOffline(false);
        assert.equal(await open(`${prefix}/search?q=tent`), 200);
      }
    },
  );
}
