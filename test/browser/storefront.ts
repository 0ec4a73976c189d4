import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type StartedShop, startedShop } from '../started-shop.ts';
import { chromiumForTests } from './chromium.ts';
import { watch } from './watch.ts';

/** A shop of its own and a real browser, both gone when the test is done. */
export interface Storefront {
  readonly shop: StartedShop;
  /**
   * What visitors do, as a test of its own. It fails, too, when a page reports an error: a script that throws, a file that is
   * not there, a breach of the Content-Security-Policy, or a request to anywhere but the shop.
   */
  visit(name: string, options: VisitOptions, work: (visitor: Visitor) => Promise<void>): Promise<void>;
}

export interface VisitOptions extends Omit<BrowserContextOptions, 'baseURL'> {
  /** Reports that belong to what is tried: the browser also reports each page that is not found. */
  readonly tolerates?: RegExp;
}

/** Somebody with a browser of his own: cookies, cache, window. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** The status of the page at this path, once it is loaded. */
  open(path: string): Promise<number>;
  /** Somebody else, at the same time. */
  another(): Promise<Visitor>;
}

/** What a page's script asks for beside the page is turned away where the machine is busy, and the page does without. */
const refusedWhenBusy = /status of 503 .*\/v1\/storefront\//;

/** How long a page may take to come to a state on a busy machine: one that never comes fails the test after this. */
const waitMs = 60_000;

export async function openStorefront(t: TestContext): Promise<Storefront> {
  const [shop, browser] = await Promise.all([startedShop(t), openBrowser(t)]);
  return {
    shop,
    async visit(name, { tolerates, ...options }, work) {
      await t.test(name, async () => {
        const reports: string[] = [];
        const contexts: BrowserContext[] = [];
        const visitor = async (): Promise<Visitor> => {
          const context = await browser.newContext({ baseURL: shop.url, ...options });
          contexts.push(context);
          context.setDefaultTimeout(waitMs);
          watch(context, shop.url, (report) => reports.push(report));
          const page = await context.newPage();
          return { page, context, open: async (path) => (await page.goto(path))?.status() ?? 0, another: visitor };
        };
        try {
          await work(await visitor());
        } catch (error) {
          for (const context of contexts) console.error(await seenIn(context));
          throw error;
        } finally {
          for (const context of contexts) await context.close();
        }
        assertNone(
          reports.filter((report) => !tolerates?.test(report) && !refusedWhenBusy.test(report)),
          'what pages report',
        );
      });
    },
  };
}

/** What the visitor had before him, for who reads of a failure. */
async function seenIn(context: BrowserContext): Promise<string> {
  const pages = context.pages().map(async (page) => {
    const text = await page
      .locator('main')
      .textContent({ timeout: 1000 })
      .catch(() => '(no main)');
    return `${page.url()} shows:\n${text?.slice(0, 1500)}`;
  });
  return (await Promise.all(pages)).join('\n');
}

/** Fails with all of them, a line each. */
export function assertNone(complaints: readonly string[], what: string): void {
  assert(complaints.length === 0, `${what}:\n${complaints.join('\n')}`);
}

async function openBrowser(t: TestContext): Promise<Browser> {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  return browser;
}

/** Playwright keeps Chromium from calling home; no name resolves, so that nothing else can leave the machine either. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await chromiumForTests();
  return chromium.launch({
    executablePath,
    env: { ...process.env, ...env },
    args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
}
