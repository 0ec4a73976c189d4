// npm run bench -- <name> [options]: what it costs, each figure beside its limit, measured in the same run.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchOptions, BenchReport } from './report.ts';

const benches: Record<string, () => Promise<{ run(options: BenchOptions): Promise<BenchReport> }>> = {
  lane: () => import('./lane.ts'),
  api: () => import('./api.ts'),
  import: () => import('./import.ts'),
  pages: () => import('./pages.ts'),
  lighthouse: () => import('./lighthouse/bench.ts'),
  queue: () => import('./queue.ts'),
  cache: () => import('./cache.ts'),
  challenge: () => import('./challenge.ts'),
};

const usage = `Usage: npm run bench -- <${Object.keys(benches).join(' | ')}> [--json] [--quick] [--report <folder>] [--products <count>] [--suite <folder>]`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      report: { type: 'string' },
      products: { type: 'string' },
      suite: { type: 'string' },
    },
  });
  const load = benches[positionals[0] ?? ''];
  const productCount = values.products === undefined ? undefined : Number(values.products);
  if (productCount !== undefined && !(Number.isInteger(productCount) && productCount > 0)) {
    console.error('--products is a count, such as 50000.');
    return 2;
  }
  if (load === undefined || positionals.length > 1) {
    console.error(usage);
    return 2;
  }
  const report = await (await load()).run({
    isQuick: values.quick === true,
    ...(productCount !== undefined && { productCount }),
    ...(values.suite !== undefined && { suiteDir: resolve(values.suite) }),
    ...(values.report !== undefined && { reportDir: resolve(values.report) }),
  });
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else printReport(report);
  return 0;
}

function printReport({ bench, machine, figures, notes }: BenchReport): void {
  console.log(`\nBench ${bench}`);
  console.log(
    Object.entries(machine)
      .map(([key, value]) => `${key} ${value}`)
      .join(' · '),
  );
  console.log();
  const rows = figures.map(({ name, value, unit, ratio, ratioTo, target, isReached }) => [
    name,
    `${value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3))} ${unit}`,
    ratio === undefined ? '' : `${(ratio * 100).toFixed(0)} % of ${ratioTo}`,
    target === undefined ? '' : `${isReached ? 'reached' : 'MISSED '} ${target}`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const [name, value, ...rest] = row;
    const cells = [
      name?.padEnd(widths[0] ?? 0),
      value?.padStart(widths[1] ?? 0),
      rest[0]?.padEnd(widths[2] ?? 0),
      rest[1],
    ];
    console.log(`  ${cells.join('  ')}`.trimEnd());
  }
  for (const note of notes ?? []) console.log(`\n  ${note}`);
  console.log();
}

process.exitCode = await main();
