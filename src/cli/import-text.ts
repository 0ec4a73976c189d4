import type { ImportOutcome, ImportProgress } from '../services/catalog/feeds/import-feeds.ts';
import { sourceText } from '../services/catalog/feeds/source.ts';
import type { Kind } from '../services/catalog/feeds/summary.ts';
import type { Terminal } from './terminal.ts';

/** The line that changes while an import goes on. */
export function importProgress({ file, rows, bytesRead, bytesTotal }: ImportProgress, elapsedMs: number): string {
  const share = bytesTotal === undefined || bytesTotal === 0 ? '' : `  ${Math.floor((100 * bytesRead) / bytesTotal)} %`;
  return `${count(rows)} rows  ${count(Math.round((1000 * rows) / Math.max(1, elapsedMs)))} rows/s  ${sourceText(file)}${share}`;
}

/** What became of the rows, for people. */
export function importText(
  { summary, stopped }: ImportOutcome,
  seconds: number,
  isDryRun: boolean,
  style: Terminal['style'],
): string {
  // Of nothing there is nothing to count.
  if (stopped?.kind === 'unreadable' && summary.rows === 0) return style('red', stopped.detail);
  const rate = count(Math.round(summary.rows / Math.max(seconds, 0.001)));
  const lines = [`${count(summary.rows)} rows read in ${seconds.toFixed(1)} s (${rate} rows/s)`, ''];
  const figures: [string, number, string?][] = isDryRun
    ? [['good', summary.products, 'products; nothing was written']]
    : [
        ['created', summary.created],
        ['updated', summary.updated],
        ['unchanged', summary.unchanged],
      ];
  if (summary.joined > 0) figures.push(['joined', summary.joined, 'rows that are part of an earlier row’s product']);
  if (summary.stockChanged > 0) figures.push(['stock', summary.stockChanged, 'variants counted anew']);
  figures.push(['duplicates', summary.duplicates, 'rows that repeat an earlier one']);
  if (summary.skipped > 0) figures.push(['skipped', summary.skipped, 'by a rule of the mapping']);
  figures.push(['refused', summary.refused]);
  const width = Math.max(...figures.map(([, figure]) => count(figure).length));
  for (const [name, figure, what] of figures) {
    const isBad = name === 'refused' && figure > 0;
    const text = `  ${name.padEnd(11)}${count(figure).padStart(width)}`;
    lines.push(`${isBad ? style('red', text) : text}${what === undefined ? '' : `  ${style('dim', what)}`}`);
  }
  lines.push(...kindLines('Refused', summary.refusals, style));
  lines.push(...kindLines('Left out', summary.skips, style));
  lines.push(...kindLines('Taken with a change', summary.notes, style));
  if (stopped !== undefined) lines.push('', style('red', stoppedText(stopped)));
  return lines.join('\n');
}

const kindsShownMax = 8;

function kindLines(heading: string, kinds: readonly Kind[], style: Terminal['style']): string[] {
  if (kinds.length === 0) return [];
  const lines = ['', `${heading}:`];
  for (const { kind, count: many, examples } of kinds.slice(0, kindsShownMax)) {
    lines.push(`  ${count(many)} × ${kindText[kind] ?? kind}`);
    for (const { file, line, detail } of examples)
      lines.push(style('dim', `      ${sourceText(file)}:${line} ${detail}`));
  }
  if (kinds.length > kindsShownMax) lines.push(`  and ${kinds.length - kindsShownMax} other kinds`);
  return lines;
}

const kindText: Readonly<Record<string, string>> = {
  encoding: 'not UTF-8',
  syntax: 'not well-formed',
  columns: 'fields missing or too many',
  'too-large': 'too large',
  missing: 'something required is missing',
  value: 'a value that does not fit',
  'key-taken': 'a slug or SKU that stands in the import twice',
  shop: 'refused by the shop',
};

function stoppedText(stopped: NonNullable<ImportOutcome['stopped']>): string {
  switch (stopped.kind) {
    case 'unreadable': {
      const held =
        stopped.heldRows === 0 ? '' : ` ${count(stopped.heldRows)} rows of products that may not be whole were left.`;
      return `${stopped.detail}${held} What is counted above is written and stays.`;
    }
    case 'strict':
      return 'Stopped at the first row that was refused, as --strict asks. Everything before it is written, nothing after it.';
    case 'interrupted':
      return 'Interrupted. What is counted above is written and stays; the same import again completes it.';
  }
}

function count(number: number): string {
  return number.toLocaleString('en');
}
