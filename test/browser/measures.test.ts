import assert from 'node:assert/strict';
import test from 'node:test';
import { axe } from './axe.ts';
import { tabTo } from './keyboard.ts';
import { layoutShift, sidewaysOverflow } from './measures.ts';
import { launchBrowser } from './storefront.ts';

// Checks that find nothing on a good page must find something on a bad one.
test('a bad page is found out', async (t) => {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
  // A page of its own each time: Chromium does not measure what is written into an empty one.
  const show = (body: string) => {
    const html = `<!doctype html><html lang="en"><title>Bad</title><main>${body}</main></html>`;
    return page.goto(`data:text/html,${encodeURIComponent(html)}`);
  };

  await t.test('what jumps', async () => {
    await show('<div id="late"></div><p>Up the path</p>');
    assert.equal(await layoutShift(page), 0);
    await page.evaluate(async () => {
      await new Promise(requestAnimationFrame);
      document.querySelector('#late')?.setAttribute('style', 'height: 200px');
    });
    assert((await layoutShift(page)) > 0.01);
  });

  await t.test('what is wider than the window, and what may be', async () => {
    await show('<div style="overflow: auto"><p style="width: 900px">in a box of its own</p></div>');
    assert.deepEqual(await sidewaysOverflow(page), []);
    await show('<section><p style="width: 900px">too wide</p></section>');
    assert.deepEqual(await sidewaysOverflow(page), ['<p style="width: 900px">too wide</p> reaches beyond']);
  });

  await t.test('what cannot be read', async () => {
    await show('<p style="color: #bbb; background: #fff">hardly there</p>');
    const found = await axe(page);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^color-contrast: p: .*hardly there/);
  });

  await t.test('a focus that is not seen, and what Tab does not reach', async () => {
    await show('<button>One</button><button id="two">Two</button><button tabindex="-1" id="three">Three</button>');
    await tabTo(page, page.locator('#two'));
    await assert.rejects(tabTo(page, page.locator('#three')), /was not reached/);
    await page.addStyleTag({ content: 'button { outline: none }' });
    await assert.rejects(tabTo(page, page.locator('#two')), /one sees that .* has the focus/);
  });
});
