import {
  columnsOf,
  formatMs,
  formatSeconds,
  line,
  type Page,
  progressBar,
  renderProofs,
  renderVerdict,
  row as rowOf,
} from '../page.ts';
import { count, formatCount } from './proof.ts';
import type { SaleReport } from './report.ts';
import type { SaleOpening, SaleProgress } from './sale-drill.ts';
import { visitEnds } from './tally.ts';

/** What is about to happen, and where. */
export function renderOpening(opening: SaleOpening, page: Pick<Page, 'style'>): string {
  const { style } = page;
  const { buyerCount, cartCount, stock, concurrency, processes, seed, shop, url, wallUrl } = opening;
  const beside = cartCount > 0 ? `, ${count(cartCount, 'cart')} beside them` : '';
  const row = (name: string, text: string) => line(name, text, page);
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
  const columns = columnsOf(page);
  return [
    ...figures(report, columns, page),
    '',
    ...renderProofs(report.promises, columns, page),
    '',
    ...verdict(report, columns, page),
  ].join('\n');
}

function figures(report: SaleReport, columns: number, page: Page): string[] {
  const { latencyMs, ends, sold, stock, paid, soldOutMs, retries, missingAnswers } = report;
  const row = (name: string, text: string) => rowOf(name, text, columns, page);
  const bold = (text: string) => page.style('bold', text);
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

function verdict(report: SaleReport, columns: number, page: Page): string[] {
  const { sold, acknowledgedOrders } = report;
  const kept = `${count(sold, 'unit')} sold once each, all ${count(acknowledgedOrders, 'acknowledged order')} there, every cent accounted for.`;
  return renderVerdict(report, kept, columns, page);
}

/** One line on how the sale goes, for a terminal of 80 columns. */
export function renderProgress({ elapsedMs, stock, buyerCount, tally }: SaleProgress): string {
  const { unitsAcknowledged, unitsReturned, ordersAcknowledged, errors, ends } = tally.toJson();
  const sold = Math.max(0, unitsAcknowledged - unitsReturned);
  const served = visitEnds.reduce((sum, end) => sum + ends[end], 0);
  const perSecond = Math.round(ordersAcknowledged / Math.max(0.1, elapsedMs / 1000));
  const [p50, p99] = [0.5, 0.99].map((share) => formatMs(tally.latencies.order.percentile(share) ?? 0));
  // Once all is sold, what moves is how many have been told so.
  const pace =
    sold >= stock
      ? `sold out, ${Math.floor((served / buyerCount) * 100)} % of buyers answered`
      : `${formatCount(perSecond)} orders/s`;
  const parts = [
    `${progressBar(sold, stock)} ${formatCount(sold)}/${formatCount(stock)}`,
    pace,
    `p50 ${p50}`,
    `p99 ${p99}`,
  ];
  if (errors > 0) parts.push(count(errors, 'error'));
  return parts.join(' · ');
}
