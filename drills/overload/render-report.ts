import { columnsOf, marked, type Page, renderLeft, renderProofs, row as rowOf, wrap } from '../page.ts';
import { count, formatCount } from '../sale/proof.ts';
import { acceptDoubt, diskDoubt, generatorDoubt, othersDoubt, peakDoubt } from './doubts.ts';
import { arrivalsText, formatMsOrNone, percent, stepName } from './format.ts';
import type { OverloadReport, Percentiles, StepReport } from './report.ts';
import { importances } from './setup.ts';

/** The report for people: what was offered and what came of it, step by step; the targets; the proof. */
export function renderOverloadReport(report: OverloadReport, page: Page): string {
  const columns = columnsOf(page);
  return [
    ...heading(report, columns, page),
    '',
    ...table('Goodput', goodputColumns, report.steps, page),
    '',
    ...table('Answers, p50 / p99 in ms from when they were meant to be asked', latencyColumns, report.steps, page),
    '',
    ...table('Refused', refusalColumns, report.steps, page),
    '',
    ...table('Used, in cores', usageColumns, report.steps, page),
    ...doubts(report, columns, page),
    '',
    ...targetLines(report, columns, page),
    '',
    ...renderProofs(report.promises, columns, page),
    '',
    ...verdict(report, columns, page),
  ].join('\n');
}

function heading(report: OverloadReport, columns: number, page: Page): string[] {
  const { style } = page;
  const { capacity, unloaded, durationMs, seed, shop } = report;
  const row = (name: string, text: string) => rowOf(name, text, columns, page);
  const each = importances.map((name) => `${name} ${pair(unloaded[name])} ms`.replaceAll(' ', '\u00a0'));
  return [
    `${style('bold', 'Overload drill')}: ${Math.round(durationMs / 1000)} s of load ${style('dim', `(--seed ${seed})`)}`,
    ...row('Shop', shop),
    ...row(
      'Capacity',
      `${style('bold', formatCount(Math.round(capacity.sessionsPerS)))} sessions/s; at most ${style('bold', formatCount(Math.round(capacity.paidPerS)))} paid orders/s, with ${arrivalsText(capacity.peakAt)}`,
    ),
    ...row('Unloaded', `${each.join(', ')} (p50 / p99)`),
  ];
}

interface Column {
  readonly name: string;
  readonly width: number;
  of(step: StepReport): string;
}

const goodputColumns: readonly Column[] = [
  { name: 'offered/s', width: 10, of: (step) => whole(step.offeredSessionsPerS) },
  { name: 'buyers/s', width: 9, of: (step) => whole(step.buyersPerS) },
  { name: 'paid/s', width: 8, of: (step) => whole(step.paidPerS) },
  ...importances.map((name) => ({
    name: `${name}/s`,
    width: name.length + 4,
    of: (step: StepReport) => whole(step.of[name].wellPerS),
  })),
  { name: 'errors/s', width: 9, of: (step) => whole(sum(step, 'failedPerS')) },
];

const latencyColumns: readonly Column[] = [
  ...importances.map((name) => ({ name, width: 19, of: (step: StepReport) => pair(step.of[name]) })),
  { name: 'sent late', width: 13, of: (step) => pair(step.lateness) },
];

const refusalColumns: readonly Column[] = [
  ...importances.map((name) => ({ name, width: 12, of: (step: StepReport) => shedShare(step.of[name]) })),
  { name: 'p50 / p99 in ms', width: 19, of: (step) => worstRefusal(step) },
  { name: 'came back', width: 11, of: (step) => formatCount(step.comebacks) },
];

const usageColumns: readonly Column[] = [
  { name: 'shop', width: 9, of: ({ usage }) => cores(usage.shopCores) },
  { name: 'database', width: 10, of: ({ usage }) => cores(usage.databaseCores) },
  { name: 'generator', width: 11, of: ({ usage }) => cores(usage.generatorCores) },
  { name: 'all else', width: 10, of: ({ usage }) => cores(usage.othersCores) },
  { name: 'stolen', width: 8, of: ({ usage }) => (usage.stealShare === null ? '–' : percent(usage.stealShare)) },
  {
    name: "shop's memory",
    width: 15,
    of: ({ usage }) => (usage.shopRssMb === null ? '–' : `${formatCount(Math.round(usage.shopRssMb))} MB`),
  },
];

function table(title: string, columns: readonly Column[], steps: readonly StepReport[], { style }: Page): string[] {
  const head = columns.map(({ name, width }) => name.padStart(width)).join('');
  return [
    `  ${title}`,
    style('dim', `  ${'load'.padEnd(8)}${head}`),
    ...steps.map((step) => {
      const cells = columns.map(({ width, of }) => of(step).padStart(width)).join('');
      return `  ${stepName(step).padEnd(8)}${cells}`;
    }),
  ];
}

function doubts({ capacity, steps, spoilt, events }: OverloadReport, columns: number, page: Page): string[] {
  const all = [
    generatorDoubt(steps),
    othersDoubt(steps),
    acceptDoubt(steps),
    diskDoubt(steps, spoilt),
    peakDoubt({ capacity, steps }),
    ...events.map((event) => `The shop: ${event}`),
  ];
  const sentences = all.filter((each) => each !== undefined);
  if (sentences.length === 0) return [];
  return ['', ...sentences.flatMap((each) => marked('yellow', '!', each, columns, page))];
}

const targetWidth = 30;

function targetLines({ targets }: OverloadReport, columns: number, { style }: Page): string[] {
  const wantedWidth = Math.max(...targets.map(({ wanted }) => wanted.length)) + 2;
  return targets.flatMap(({ name, wanted, found, isReached }) => {
    const mark = isReached ? style('green', '✔') : style('yellow', '✖');
    const lines = wrap(found, Math.max(20, columns - targetWidth - wantedWidth - 3));
    return lines.map((line, index) => {
      const text = isReached ? line : style('yellow', line);
      return index === 0
        ? `${mark} ${name.padEnd(targetWidth)}${style('dim', wanted.padEnd(wantedWidth))}${text}`
        : `  ${''.padEnd(targetWidth + wantedWidth)}${text}`;
    });
  });
}

function verdict(report: OverloadReport, columns: number, page: Page): string[] {
  const { promises, targets, paidOrders, left } = report;
  const broken = promises.filter(({ isKept }) => !isKept);
  const missed = targets.filter(({ isReached }) => !isReached);
  const say = (colour: 'green' | 'yellow' | 'red', mark: string, text: string) =>
    marked(colour, mark, text, columns, page);
  return [
    ...(missed.length === 0
      ? say('green', '✔', 'Every target was reached.')
      : say(
          'yellow',
          '✖',
          `${count(missed.length, 'target')} of ${targets.length} missed on this machine, which breaks no promise: ${missed.map(({ name }) => name).join(', ')}.`,
        )),
    ...(broken.length === 0
      ? say(
          'green',
          '✔',
          `Every promise was kept: nothing oversold or lost, ${count(paidOrders, 'order')} paid to the cent.`,
        )
      : say('red', '✖', `Broken: ${broken.map(({ promise }) => promise).join(', ')}.`)),
    ...renderLeft(left, page),
  ];
}

function pair({ p50Ms, p99Ms }: Percentiles): string {
  return `${bare(p50Ms)} / ${bare(p99Ms)}`;
}

function bare(ms: number | null): string {
  return formatMsOrNone(ms).replace(' ms', '');
}

function whole(perS: number): string {
  return formatCount(Math.round(perS));
}

function sum(step: StepReport, of: 'failedPerS'): number {
  return importances.reduce((total, name) => total + step.of[name][of], 0);
}

function shedShare({ offeredPerS, shedPerS }: StepReport['of']['core']): string {
  return offeredPerS === 0 ? '–' : percent(shedPerS / offeredPerS);
}

/** Of the importance whose refusals took longest. */
function worstRefusal(step: StepReport): string {
  const all = importances.map((name) => step.of[name].refusal).filter(({ p99Ms }) => p99Ms !== null);
  const worst = all.toSorted((one, other) => (other.p99Ms ?? 0) - (one.p99Ms ?? 0))[0];
  return worst === undefined ? '–' : pair(worst);
}

function cores(value: number | null): string {
  return value === null ? '–' : value.toFixed(2);
}
