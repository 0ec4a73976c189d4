import type { BrowserContext } from 'playwright-core';

/** Tells what the pages of a context report, in words. A breach of the Content-Security-Policy is a console error. */
export function watch(context: BrowserContext, shopUrl: string, tell: (report: string) => void): void {
  context.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    tell(`console ${message.type()} on ${message.page()?.url()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => tell(`script error on ${error.page()?.url()}: ${error.error().stack}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== shopUrl && /^https?:$/.test(url.protocol)) tell(`request to elsewhere: ${url}`);
  });
}
