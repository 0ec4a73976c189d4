import assert from 'node:assert/strict';
import test from 'node:test';
import { findChromium, isPackaged } from './chromium.ts';
import { launchBrowser } from './storefront.ts';

test('where no Chromium is installed, the one that comes by npm shows a page', async (t) => {
  if (!isPackaged) {
    await assert.rejects(findChromium(''), /Install Chromium or Chrome/);
    return;
  }
  const { executablePath } = await findChromium('');
  assert.match(executablePath, /onrush-chromium-[\d.]+\/chromium$/);
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.setContent('<p id="lead">Up the path</p>');
  assert.equal(await page.locator('#lead').textContent(), 'Up the path');
});
