import { stripVTControlCharacters } from 'node:util';
import type { Proof } from './sale/case.ts';
import { formatCount } from './sale/proof.ts';

/** Where a drill's report is read: how wide it is, and how it shows a style. */
export interface Page {
  readonly columns: number;
  style(style: Style, text: string): string;
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

const columnsMax = 132;

/** As wide as the page is, and no wider than one reads. */
export function columnsOf({ columns }: Pick<Page, 'columns'>): number {
  return Math.min(columns, columnsMax);
}

const nameWidth = 10;

/** A figure with its name before it, in one line. */
export function line(name: string, text: string, { style }: Pick<Page, 'style'>): string {
  return `  ${style('dim', name.padEnd(nameWidth))}${text}`;
}

/** A figure with its name before it, in as many lines as it takes. */
export function row(name: string, text: string, columns: number, page: Pick<Page, 'style'>): string[] {
  return wrap(text, columns - nameWidth - 3).map((part, index) => line(index === 0 ? name : '', part, page));
}

/** A sentence behind a mark, in one colour. */
export function marked(colour: Style, mark: string, text: string, columns: number, { style }: Page): string[] {
  return wrap(text, columns - 3).map((part, index) => style(colour, `${index === 0 ? mark : ' '} ${part}`));
}

/** What came of the promises: `kept` where every one was kept, else the broken ones and where to look. */
export function renderVerdict(
  { promises, left }: { readonly promises: readonly Proof[]; readonly left: readonly string[] },
  kept: string,
  columns: number,
  page: Page,
): string[] {
  const broken = promises.filter(({ isKept }) => !isKept);
  if (broken.length === 0) return marked('green', '✔', `Every promise was kept: ${kept}`, columns, page);
  const names = broken.map(({ promise }) => promise).join(', ');
  const how = `${broken.length === 1 ? 'A promise was' : `${broken.length} promises were`} broken: ${names}.`;
  return [...marked('red', '✖', how, columns, page), ...renderLeft(left, page)];
}

export function renderLeft(left: readonly string[], { style }: Pick<Page, 'style'>): string[] {
  return left.map((folder) => style('dim', `  Left to look into: ${folder}`));
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

const barWidth = 20;

export function progressBar(done: number, all: number): string {
  const filled = Math.min(barWidth, Math.round((done / all) * barWidth));
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
}

export function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${formatCount(Math.round(ms))} ms`;
}

export function formatSeconds(ms: number): string {
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
