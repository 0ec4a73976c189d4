import { stripVTControlCharacters } from 'node:util';
import type { Proof } from './case.ts';
import { count, formatCount } from './proof.ts';
import type { SaleReport } from './report.ts';
import type { SaleOpening, SaleProgress } from './sale-drill.ts';
import { visitEnds } from './tally.ts';

export interface Page {
  readonly columns: number;
  style(style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string): string;
}

const columnsMax = 132;

/** What is about to happen, and where. */
export function renderOpening(opening: SaleOpening, { style }: Pick<Page, 'style'>): string {
  const { buyerCount, cartCount, stock, concurrency, processes, seed, shop, url, wallUrl } = opening;
  const beside = cartCount > 0 ? `, ${count(cartCount, 'cart')} beside them` : '';
  const row = (name: string, text: string) => `  ${style('dim', name.padEnd(10))}${text}`;
  return [
    `${style('bold', 'Sale drill')}: ${count(buyerCount, 'buyer')}${beside}, ${count(stock, 'unit')} ${style('dim', `(--seed ${seed})`)}`,
    row('Shop', shop),
    row('', url),
    row('Wall', wallUrl),
    row('Buyers', `${formatCount(concurrency)} at once, from ${count(processes, 'process', 'processes')}`),
  ].join('\n');
}

/** The report for people: the figures, the proof, the verdict. */
export function renderReport(report: SaleReport, page: Page): string {
  const columns = Math.min(page.columns, columnsMax);
  return [
    ...figures(report, columns, page),
    '',
    ...renderProofs(report.promises, columns, page),
    '',
    ...verdict(report, columns, page),
  ].join('\n');
}

function figures(report: SaleReport, columns: number, { style }: Page): string[] {
  const { latencyMs, ends, sold, stock, paid, soldOutMs, retries, missingAnswers } = report;
  const row = (name: string, text: string) =>
    wrap(text, columns - 13).map((line, index) => `  ${style('dim', (index === 0 ? name : '').padEnd(10))}${line}`);
  const bold = (text: string) => style('bold', text);
  const latencies = (['quote', 'order', 'payment', 'cart'] as const).flatMap((name) => {
    const each = latencyMs[name];
    // Each pair stays on one line.
    return each === undefined
      ? []
      : [`${name} ${formatMs(each.p50)} / ${formatMs(each.p99)}`.replaceAll(' ', '\u00a0')];
  });
  const visits = visitEnds.filter((end) => ends[end] > 0).map((end) => `${formatCount(ends[end])} ${end}`);
  const soldOut = soldOutMs === null ? '' : `, sold out after ${bold(formatSeconds(soldOutMs))}`;
  const again =
    retries > 0
      ? `; ${formatCount(retries)} were sent again, ${formatCount(missingAnswers)} for want of an answer`
      : '';
  return [
    ...row('Sold', `${bold(formatCount(sold))} of ${formatCount(stock)}${soldOut}; ${formatCount(paid)} of them paid`),
    ...row('Orders', `${bold(formatCount(report.acknowledgedPerSecond))} acknowledged per second`),
    ...row(
      'Requests',
      `${formatCount(report.requests)} in ${formatSeconds(report.durationMs)}, ${bold(formatCount(report.requestsPerSecond))}/s${again}`,
    ),
    ...row('p50 / p99', latencies.join(', ')),
    ...row('Visits', visits.join(', ')),
  ];
}

/** What was promised and what was found, in lines of a table. */
export function renderProofs(proofs: readonly Proof[], columns: number, page: Page): string[] {
  return columns >= 110 ? wideTable(proofs, columns, page) : narrowTable(proofs, columns, page);
}

interface Cells {
  readonly mark: string;
  readonly promise: string;
  readonly proof: Proof;
}

function cellsOf(proof: Proof, { style }: Page): Cells {
  const mark = proof.isKept ? style('green', '✔') : style('red', '✖');
  return { mark, promise: `${proof.id.padEnd(2)}  ${proof.promise}`, proof };
}

const promiseWidth = 34;

/** One line each: promise, what was checked, what was found. */
function wideTable(proofs: readonly Proof[], columns: number, page: Page): string[] {
  const foundWidth = Math.max(...proofs.map(({ found }) => found.length), 'Found'.length);
  const checkedWidth = columns - promiseWidth - foundWidth - 6;
  const head = `  ${'Promise'.padEnd(promiseWidth)}${'Checked in the database'.padEnd(checkedWidth + 2)}Found`;
  const lines = proofs.flatMap((proof) => {
    const { mark, promise } = cellsOf(proof, page);
    const [first = '', ...more] = wrap(proof.checked, checkedWidth);
    return [
      `${mark} ${promise.padEnd(promiseWidth)}${first.padEnd(checkedWidth + 2)}${paint(proof, page)}`,
      ...more.map((line) => `  ${''.padEnd(promiseWidth)}${line}`),
      ...findingLines(proof, columns, page),
    ];
  });
  return [page.style('dim', head), ...lines];
}

/** Two lines each: what was checked stands below the promise. */
function narrowTable(proofs: readonly Proof[], columns: number, page: Page): string[] {
  return proofs.flatMap((proof) => {
    const { mark, promise } = cellsOf(proof, page);
    return [
      `${mark} ${promise.padEnd(promiseWidth)}${paint(proof, page)}`,
      ...wrap(proof.checked, columns - 7).map((line) => `      ${page.style('dim', line)}`),
      ...findingLines(proof, columns, page),
    ];
  });
}

function paint({ found, isKept }: Proof, { style }: Page): string {
  return isKept ? found : style('red', found);
}

function findingLines({ findings, isKept }: Proof, columns: number, { style }: Page): string[] {
  if (isKept) return [];
  return findings.flatMap((finding) =>
    wrap(finding, columns - 9).map((line, index) => `      ${style('red', `${index === 0 ? '·' : ' '} ${line}`)}`),
  );
}

function verdict(report: SaleReport, columns: number, { style }: Page): string[] {
  const { promises, sold, acknowledgedOrders, left } = report;
  const broken = promises.filter(({ isKept }) => !isKept);
  if (broken.length === 0) {
    const kept = `Every promise was kept: ${count(sold, 'unit')} sold once each, all ${count(acknowledgedOrders, 'acknowledged order')} there, every cent accounted for.`;
    return wrap(kept, columns - 3).map((line, index) => style('green', `${index === 0 ? '✔' : ' '} ${line}`));
  }
  const names = broken.map(({ promise }) => promise).join(', ');
  const how = `${broken.length === 1 ? 'A promise was' : `${broken.length} promises were`} broken: ${names}.`;
  return [
    ...wrap(how, columns - 3).map((line, index) => style('red', `${index === 0 ? '✖' : ' '} ${line}`)),
    ...left.map((folder) => style('dim', `  Left to look into: ${folder}`)),
  ];
}

const barWidth = 20;

/** One line on how the sale goes, for a terminal of 80 columns. */
export function renderProgress({ elapsedMs, stock, buyerCount, tally }: SaleProgress): string {
  const { unitsAcknowledged, unitsReturned, ordersAcknowledged, errors, ends } = tally.toJson();
  const sold = Math.max(0, unitsAcknowledged - unitsReturned);
  const filled = Math.min(barWidth, Math.round((sold / stock) * barWidth));
  const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
  const served = visitEnds.reduce((sum, end) => sum + ends[end], 0);
  const perSecond = Math.round(ordersAcknowledged / Math.max(0.1, elapsedMs / 1000));
  const [p50, p99] = [0.5, 0.99].map((share) => formatMs(tally.latencies.order.percentile(share) ?? 0));
  // Once all is sold, what moves is how many have been told so.
  const pace =
    sold >= stock
      ? `sold out, ${Math.floor((served / buyerCount) * 100)} % of buyers answered`
      : `${formatCount(perSecond)} orders/s`;
  const parts = [`${bar} ${formatCount(sold)}/${formatCount(stock)}`, pace, `p50 ${p50}`, `p99 ${p99}`];
  if (errors > 0) parts.push(count(errors, 'error'));
  return parts.join(' · ');
}

function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${formatCount(Math.round(ms))} ms`;
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** Breaks text between words. What colours a text takes no room. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stripVTControlCharacters(longer).length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
