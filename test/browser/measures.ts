import type { Page, Response } from 'playwright-core';

/** What reaches beyond the right edge of the window, so that the page scrolls sideways: none if it does not. */
export function sidewaysOverflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (Math.max(root.scrollWidth, document.body.scrollWidth) <= root.clientWidth) return [];
    // What scrolls in a box of its own may be as wide as it likes.
    const isBoxed = (element: Element): boolean => {
      const parent = element.parentElement;
      if (parent === null || parent === document.body) return false;
      return getComputedStyle(parent).overflowX !== 'visible' || isBoxed(parent);
    };
    const beyond = [...document.body.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > root.clientWidth + 0.5 && !isBoxed(element),
    );
    // The innermost ones are the cause; those around them only follow.
    const innermost = beyond.filter((element) => !beyond.some((other) => other !== element && element.contains(other)));
    const words = innermost.slice(0, 8).map((element) => `${element.outerHTML.slice(0, 120)} reaches beyond`);
    return words.length > 0 ? words : [`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth} px`];
  });
}

/**
 * The page's cumulative layout shift so far (https://web.dev/articles/cls), all of it and not only the worst burst: the
 * share of the window that moved without being asked to.
 */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let shift = 0;
    const add = (entries: PerformanceEntryList) => {
      for (const entry of entries as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) shift += entry.value;
      }
    };
    const observer = new PerformanceObserver((list) => add(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    // The frame that is being made may hold one more, and what was there before is told in a task of its own.
    for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => setTimeout(resolve, 0));
    add(observer.takeRecords());
    return shift;
  });
}

/** Down to the end and up again at a reader's pace, until every picture on the way is there. */
export async function readThrough(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
      scrollTo({ top: y, behavior: 'instant' });
      await frame();
      await frame();
    }
    const pending = [...document.images].filter((image) => !image.complete);
    await Promise.all(pending.map((image) => image.decode().catch(() => {})));
    await document.fonts.ready;
    scrollTo({ top: 0, behavior: 'instant' });
    await frame();
  });
}

/** The phone's network that Lighthouse's mobile preset assumes: slow enough for what comes late to be seen coming. */
export async function onSlow4g(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput: (1.6 * 1024 * 1024) / 8,
    uploadThroughput: (750 * 1024) / 8,
  });
}

export interface Weight {
  readonly url: string;
  /** `script`, `stylesheet`, `font`, `image`, `document` … */
  readonly kind: string;
  readonly encoding: string;
  /** Of the body as it travelled. */
  readonly bytes: number;
}

/** What travels for a page from now on. */
export function weigh(page: Page): { weights(): Promise<readonly Weight[]> } {
  const responses: Response[] = [];
  page.on('response', (response) => responses.push(response));
  return {
    weights: () =>
      Promise.all(
        responses.map(async (response) => ({
          url: response.url(),
          kind: response.request().resourceType(),
          encoding: response.headers()['content-encoding'] ?? 'identity',
          bytes: (await response.request().sizes()).responseBodySize,
        })),
      ),
  };
}
