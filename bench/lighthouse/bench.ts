import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from '../../test/browser/chromium.ts';
import { type BenchShop, startBenchShop } from '../bench-shop.ts';
import { describeMachine } from '../machine.ts';
import type { BenchOptions, BenchReport, Figure } from '../report.ts';
import { type LighthousePackages, loadPackages, type Result } from './packages.ts';

const targets = { performance: 98, accessibility: 100, 'best-practices': 100, seo: 100 } as const;
type Category = keyof typeof targets;
const categories = Object.keys(targets) as Category[];

/**
 * Lighthouse on the pages that most visitors see first, as its mobile preset has it: a mid-range phone on slow 4G. The
 * scores of the median run by performance, since that one alone varies from run to run.
 */
export async function run({ isQuick, reportDir }: BenchOptions): Promise<BenchReport> {
  const runCount = isQuick ? 1 : 5;
  const packages = await loadPackages();
  await using shop = await startBenchShop();
  const pages = { home: '/', product: await productPath(shop) };
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const [name, path] of Object.entries(pages)) {
    const url = `http://${shop.host}:${shop.port}${path}`;
    // Rendered, stored and read once before anything counts, as for every visitor but the first.
    await (await fetch(url)).text();
    const results: Result[] = [];
    for (let count = 0; count < runCount; count++) results.push(await audit(url, packages));
    const result = medianOf(results);
    figures.push(...figuresOf(name, result));
    notes.push(...costsOf(name, result));
    if (reportDir !== undefined) writeReport(reportDir, name, result);
  }
  if (reportDir !== undefined) notes.push(`Lighthouse's own reports, for its viewer: ${reportDir}`);
  return { bench: 'lighthouse', machine: await describeMachine(shop.database), figures, notes };
}

const triesMax = 3;

/** One run. On a busy machine Chromium now and then records no trace, which Lighthouse tells by these codes: then again. */
async function audit(url: string, packages: LighthousePackages): Promise<Result> {
  for (let tried = 1; ; tried++) {
    const result = await auditOnce(url, packages);
    const error = result.runtimeError;
    if (error === undefined) return result;
    if (tried === triesMax || !/^NO_/.test(error.code)) throw new Error(`Lighthouse on ${url}: ${error.message}`);
  }
}

/** In a browser of its own: nothing is in its cache. */
async function auditOnce(url: string, { lighthouse, launch }: LighthousePackages): Promise<Result> {
  const { executablePath, env } = await findChromium();
  const chrome = await launch({
    chromePath: executablePath,
    // It opens our own pages only, and as root Chromium does not start with its sandbox.
    chromeFlags: ['--headless=new', '--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    envVars: { ...process.env, ...env },
    logLevel: 'silent',
  });
  try {
    const outcome = await lighthouse(url, { port: chrome.port, logLevel: 'silent', onlyCategories: categories });
    const result = outcome?.lhr;
    if (result === undefined) throw new Error(`Lighthouse gave no result for ${url}.`);
    return result;
  } finally {
    chrome.kill();
  }
}

const scoreOf = (result: Result, category: Category) => Math.round((result.categories[category]?.score ?? 0) * 100);

function medianOf(results: readonly Result[]): Result {
  const sorted = results.toSorted((a, b) => scoreOf(a, 'performance') - scoreOf(b, 'performance'));
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) throw new Error('Lighthouse was not run.');
  return median;
}

function figuresOf(page: string, result: Result): Figure[] {
  return categories.map((category) => {
    const value = scoreOf(result, category);
    const target = targets[category];
    return {
      name: `${page}, ${category.replace('-', ' ')}`,
      value,
      unit: 'of 100',
      target: target === 100 ? '100' : `≥ ${target}`,
      isReached: value >= target,
    };
  });
}

/** What kept the page from a full score, the dearest first. */
function costsOf(page: string, result: Result): string[] {
  return categories
    .flatMap((category) =>
      (result.categories[category]?.auditRefs ?? []).map(({ id, weight }) => ({ id, weight, category })),
    )
    .map(({ id, weight, category }) => ({ audit: result.audits[id], weight, category }))
    .filter(({ audit, weight }) => weight > 0 && audit?.score !== null && (audit?.score ?? 1) < 1)
    .toSorted((a, b) => b.weight * (1 - (b.audit?.score ?? 0)) - a.weight * (1 - (a.audit?.score ?? 0)))
    .map(({ audit, category }) => {
      const shown = audit?.displayValue === undefined ? '' : `: ${audit.displayValue}`;
      return `${page}, ${category}: ${audit?.title}${shown} (${Math.round((audit?.score ?? 0) * 100)} of 100)`;
    });
}

function writeReport(folder: string, page: string, result: Result): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `lighthouse-${page}.json`), JSON.stringify(result, null, 2));
}

/** A product with a picture of its own, as most have. */
async function productPath(shop: BenchShop): Promise<string> {
  const response = await fetch(`http://${shop.host}:${shop.port}/v1/products?limit=1`);
  const { items } = (await response.json()) as { items: { slug: string }[] };
  if (items[0] === undefined) throw new Error('The shop has no products to show.');
  return `/products/${items[0].slug}`;
}
