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
import { count, formatCount } from '../sale/proof.ts';
import type { QueueProgress } from './queue-drill.ts';
import type { QueueReport } from './report.ts';

/** What is about to happen, and where. */
export function renderQueueOpening(
  opening: {
    readonly waiterCount: number;
    readonly earlyCount: number;
    readonly stock: number;
    readonly pacePerS: number;
    readonly seed: number;
    readonly shop: string;
    readonly url: string;
  },
  page: Pick<Page, 'style'>,
): string {
  const { style } = page;
  const { waiterCount, earlyCount, stock, pacePerS, seed, shop, url } = opening;
  const row = (name: string, text: string) => line(name, text, page);
  return [
    `${style('bold', 'Queue drill')}: ${count(waiterCount, 'waiter')}, ${count(stock, 'unit')} ${style('dim', `(--seed ${seed})`)}`,
    row('Shop', shop),
    row('', url),
    row(
      'Queue',
      `${formatCount(earlyCount)} come before the opening, the others after it; ${formatCount(pacePerS)} let in a second`,
    ),
  ].join('\n');
}

/** The report for people: the figures, the proof, the verdict. */
export function renderQueueReport(report: QueueReport, page: Page): string {
  const columns = columnsOf(page);
  return [
    ...figures(report, columns, page),
    '',
    ...renderProofs(report.promises, columns, page),
    '',
    ...verdict(report, columns, page),
  ].join('\n');
}

function figures(report: QueueReport, columns: number, page: Page): string[] {
  const { style } = page;
  const { issued, early, called, passes, orders, stock, latencyMs, ends, kinds, kill } = report;
  const row = (name: string, text: string) => rowOf(name, text, columns, page);
  const bold = (text: string) => style('bold', text);
  const latencies = Object.entries(latencyMs).map(([name, { p50, p99 }]) =>
    `${name} ${formatMs(p50)} / ${formatMs(p99)}`.replaceAll(' ', '\u00a0'),
  );
  const behaved = Object.entries(kinds).filter(([kind, number]) => number > 0 && kind !== 'patient');
  return [
    ...row(
      'Line',
      `${bold(formatCount(issued))} tickets, ${formatCount(early)} of them before the opening; ${bold(formatCount(called))} called in ${formatSeconds(report.openMs)}`,
    ),
    ...row(
      'In',
      `${bold(formatCount(passes))} came in, ${bold(formatCount(orders))} of ${formatCount(stock)} units ordered`,
    ),
    ...row('Crowd', behaved.map(([kind, number]) => `${formatCount(number)}\u00a0${kind}`).join(', ')),
    ...row(
      'Ends',
      Object.entries(ends)
        .map(([end, number]) => `${formatCount(number)}\u00a0${end.replaceAll(' ', '\u00a0')}`)
        .join(', '),
    ),
    ...leftOver(report).flatMap((text) => row('', style('yellow', text))),
    ...row(
      'Requests',
      `${formatCount(report.requests)} in ${formatSeconds(report.durationMs)}, ${bold(formatCount(report.requestsPerSecond))}/s${kill === null ? '' : `; ${formatCount(report.missingAnswers)} for want of an answer`}`,
    ),
    ...row('p50 / p99', latencies.join(', ')),
    ...row('Lot', style('dim', report.lotSeed ?? 'not drawn')),
  ];
}

/** Why somebody has nothing although something is left: it was promised to others while he was there, or is called for next. */
export function leftOver({ unitsLeft, unusedPasses, ends }: Pick<QueueReport, 'unitsLeft' | 'unusedPasses' | 'ends'>) {
  const inLine = ends['still in line'] ?? 0;
  const empty = ends['nothing left'] ?? 0;
  if (unitsLeft === 0 || inLine + empty === 0) return [];
  const others =
    inLine > 0
      ? `${formatCount(inLine)} were still in line when the time was up`
      : `${formatCount(empty)} went away with nothing`;
  const promised = formatCount(Math.min(unitsLeft, unusedPasses));
  return [
    `${count(unitsLeft, 'unit')} left, though ${others}: ${promised} of them had been promised to passes that were not used`,
  ];
}

function verdict(report: QueueReport, columns: number, page: Page): string[] {
  const { passes, orders, attempts } = report;
  const kept = `${count(passes, 'pass', 'passes')} in the order of the places, ${count(orders, 'order')} with one each, ${count(attempts, 'attempt')} to get round it refused.`;
  return renderVerdict(report, kept, columns, page);
}

/** One line on how far the queue is, for a terminal of 80 columns. */
export function renderQueueProgress({ untilOpeningMs, issued, called, sold, stock, pacePerS }: QueueProgress): string {
  if (untilOpeningMs > 0) {
    return `the lot is drawn in ${Math.ceil(untilOpeningMs / 1000)} s · ${formatCount(issued)} tickets`;
  }
  return `${progressBar(sold, stock)} ${formatCount(sold)}/${formatCount(stock)} · called ${formatCount(called)} of ${formatCount(issued)} · ${Math.round(pacePerS)}/s`;
}
