// npm run screenshots -- --url http://127.0.0.1:7070 --token <admin token> --out <folder> [--only <part of a name>]
// Every kind of page of a running shop at three widths, in both themes and languages: the whole page, the part above the
// fold, and one sheet a kind with all of them side by side. The demo catalogue must be in it; sales are
// announced and orders placed in it, so it should not be anybody's real shop.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { readThrough } from './measures.ts';
import { createStaff } from './staff.ts';
import { launchBrowser } from './storefront.ts';
import { type Locale, locales, type ShopFacts, type View } from './view.ts';
import { prepareShop, views } from './views.ts';

const widthsPx = [390, 768, 1440] as const;
const heightPx: Readonly<Record<number, number>> = { 390: 844, 768: 1024, 1440: 900 };
const themes = ['light', 'dark'] as const;

interface Shot {
  readonly file: string;
  readonly widthPx: number;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      out: { type: 'string' },
      only: { type: 'string' },
    },
  });
  if (values.url === undefined || values.token === undefined || values.out === undefined) {
    console.error('Usage: npm run screenshots -- --url <shop> --token <admin token> --out <folder> [--only <name>]');
    return 2;
  }
  const out = resolve(values.out);
  await mkdir(out, { recursive: true });
  const url = new URL(values.url).origin;
  const facts = await prepareShop(url, createStaff({ url, adminToken: values.token }));
  const browser = await launchBrowser();
  let failedCount = 0;
  try {
    for (const view of views.filter(({ name }) => name.includes(values.only ?? ''))) {
      for (const locale of locales) {
        try {
          const shots = await shoot(browser, view, locale, facts, out);
          await writeSheet(browser, join(out, `${view.name}-${locale}`), shots);
          console.log(`✔ ${view.name} (${locale})`);
        } catch (error) {
          failedCount++;
          console.log(`✖ ${view.name} (${locale}): ${(error as Error).message}`);
        }
      }
    }
  } finally {
    await browser.close();
  }
  return failedCount === 0 ? 0 : 1;
}

async function shoot(browser: Browser, view: View, locale: Locale, facts: ShopFacts, out: string): Promise<Shot[]> {
  const context = await browser.newContext({ baseURL: facts.url, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  try {
    await view.show(page, locale, facts);
    const shots: Shot[] = [];
    for (const widthPx of widthsPx) {
      await page.setViewportSize({ width: widthPx, height: heightPx[widthPx] ?? 900 });
      await readThrough(page);
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const name = join(out, `${view.name}-${locale}-${widthPx}-${colorScheme}`);
        await page.screenshot({ path: `${name}.png`, fullPage: true, animations: 'disabled' });
        await page.screenshot({ path: `${name}-fold.png`, animations: 'disabled' });
        shots.push({ file: `${name}.png`, widthPx });
      }
    }
    return shots;
  } finally {
    await context.close();
  }
}

/** All of one kind on one picture, at a third of their size and cut off where they get long. */
async function writeSheet(browser: Browser, name: string, shots: readonly Shot[]): Promise<void> {
  const pictures = shots.map(
    ({ file, widthPx }) => `<img src="${pathToFileURL(file)}" width="${Math.round(widthPx / 3)}">`,
  );
  const html = `<!doctype html><style>
    body { margin: 16px; display: flex; gap: 12px; align-items: start; background: #888; width: max-content }
    img { max-height: 900px; object-fit: cover; object-position: top }
  </style>${pictures.join('')}`;
  await writeFile(`${name}-sheet.html`, html);
  const page = await browser.newPage({ viewport: { width: 1900, height: 940 } });
  await page.goto(String(pathToFileURL(`${name}-sheet.html`)), { waitUntil: 'load' });
  await page.screenshot({ path: `${name}-sheet.png` });
  await page.close();
}

process.exitCode = await main();
