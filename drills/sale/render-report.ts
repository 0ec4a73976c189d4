import type { Proof } from './case.ts';
import { count, formatCount } from './proof.ts';
import type { SaleReport } from './report.ts';
import type { SaleProgress } from './sale-drill.ts';
import { visitEnds } from './tally.ts';

export interface Page {
  readonly columns: number;
  style(style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string): string;
}

const columnsMax = 132;

/** The report for people: the figures, the proof, the verdict. */
export function renderReport(report: SaleReport, page: Page): string {
  const columns = Math.min(page.columns, columnsMax);
  return [
    ...figures(report, page),
    '',
    ...(columns >= 110 ? wideTable(report.promises, columns, page) : narrowTable(report.promises, columns, page)),
    '',
    ...verdict(report, page),
  ].join('\n');
}

function figures(report: SaleReport, { style }: Page): string[] {
  const row = (name: string, text: string) => `  ${style('dim', name.padEnd(10))}${text}`;
  const { latencyMs, ends } = report;
  const latencies = (['quote', 'order', 'payment', 'cart'] as const)
    .flatMap((name) => {
      const each = latencyMs[name];
      return each === undefined ? [] : [`${name} ${formatMs(each.p50)} / ${formatMs(each.p99)}`];
    })
    .join(', ');
  const visits = visitEnds
    .filter((end) => ends[end] > 0)
    .map((end) => `${formatCount(ends[end])} ${end}`)
    .join(', ');
  const again = report.retries > 0 ? `, ${formatCount(report.retries)} of them sent again` : '';
  const lost = report.missingAnswers > 0 ? ` (${formatCount(report.missingAnswers)} had no answer)` : '';
  return [
    row(
      'Sold',
      `${style('bold', formatCount(report.sold))} of ${formatCount(report.stock)}${report.soldOutMs === null ? '' : `, sold out after ${style('bold', formatSeconds(report.soldOutMs))}`}; ${formatCount(report.paid)} paid, the others wait for their payment`,
    ),
    row('Orders', `${style('bold', formatCount(report.acknowledgedPerSecond))} acknowledged per second`),
    row(
      'Requests',
      `${formatCount(report.requests)} in ${formatSeconds(report.durationMs)}, ${formatCount(report.requestsPerSecond)}/s${again}${lost}`,
    ),
    row('Latency', `p50 / p99: ${latencies}`),
    row('Visits', visits),
  ];
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

function verdict(report: SaleReport, { style }: Page): string[] {
  const { promises, sold, acknowledgedOrders, left } = report;
  const broken = promises.filter(({ isKept }) => !isKept);
  if (broken.length === 0) {
    return [
      style(
        'green',
        `✔ Every promise was kept: ${count(sold, 'unit')} sold once each, all ${count(acknowledgedOrders, 'acknowledged order')} there, every cent accounted for.`,
      ),
    ];
  }
  const names = broken.map(({ promise }) => promise).join(', ');
  return [
    style('red', `✖ ${broken.length === 1 ? 'A promise was' : `${broken.length} promises were`} broken: ${names}.`),
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

/** Breaks text between words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
