import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const ruleSets = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe-core finds against WCAG 2.2 A and AA on the page as it stands: a line for each element, none if all is well. */
export async function axe(page: Page): Promise<string[]> {
  // Through the debugger's channel: the page's own policy forbids scripts of strangers, and stays in force.
  await page.evaluate(axeSource());
  const { violations } = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(ruleSets)}, resultTypes: ['violations'] })`,
  )) as AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary, html }) => {
      const reasons = (failureSummary ?? '').split('\n').slice(1);
      return `${id}: ${target.join(' ')}: ${reasons.join(' ').replaceAll(/\s+/g, ' ').trim()} In ${html.slice(0, 160)}`;
    }),
  );
}

function axeSource(): string {
  return readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}
