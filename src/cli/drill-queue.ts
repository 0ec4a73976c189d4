import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { runQueueDrill } from '../../drills/queue/queue-drill.ts';
import { renderQueueOpening, renderQueueProgress, renderQueueReport } from '../../drills/queue/render-report.ts';
import { exitCodes, type Options, UsageError } from './command.ts';
import { createStatusLine, type DrillCall, parseCount } from './drill-parts.ts';
import { saleOptions } from './drill-sale.ts';

/** Options of the queue drill. Stock and kill are the sale's words too. */
export const queueOptions = {
  waiters: { type: 'string', value: '<number>', help: 'queue: how many line up (2000)' },
  early: { type: 'string', value: '<number>', help: 'queue: how many of them before the opening (half)' },
  pace: { type: 'string', value: '<number>', help: 'queue: how many are let in a second (50)' },
  stock: saleOptions.stock,
  kill: saleOptions.kill,
} as const satisfies Options;

/** Returns the exit code. */
export async function drillQueue({
  options,
  readConfig,
  terminal,
  signal,
}: DrillCall<typeof queueOptions>): Promise<number> {
  const waiterCount = parseCount('waiters', options.waiters, 2_000, 50_000);
  const earlyCount = parseCount('early', options.early, Math.ceil(waiterCount / 2), 50_000);
  if (waiterCount < 40) throw new UsageError('--waiters must be at least 40: fewer prove nothing.');
  if (earlyCount > waiterCount)
    throw new UsageError('--early says how many of the --waiters come early: no more than those.');
  if (options.kill !== undefined && options.kill !== 'app') {
    throw new UsageError(
      `\`drill queue\` kills the shop's process only: --kill app, not ${JSON.stringify(options.kill)}.`,
    );
  }
  const crowd = {
    waiterCount,
    earlyCount,
    stock: parseCount('stock', options.stock, 300),
    pacePerS: parseCount('pace', options.pace, 50, 100_000),
    seed: options.seed === undefined ? randomInt(2 ** 31) : parseCount('seed', options.seed, 0, 2 ** 31),
  };
  const line = createStatusLine(terminal);
  let isOpen = false;
  try {
    const report = await runQueueDrill({
      ...crowd,
      config: readConfig(),
      temporaryFolder: tmpdir(),
      kills: options.kill !== undefined,
      signal,
      watch: {
        stage: (text) => line.show(`${text} …`),
        opened(opening) {
          isOpen = true;
          line.clear();
          if (!options.json) terminal.print(renderQueueOpening({ ...crowd, ...opening }, terminal));
        },
        progress: (progress) => line.show(renderQueueProgress(progress)),
        // What a shop says while it starts is no news.
        event: (text) => (isOpen ? line.event(text) : line.show(`starting the shop: ${text} …`)),
      },
    });
    line.end();
    if (options.json) terminal.print(JSON.stringify(report, null, 2));
    else terminal.print(`\n${renderQueueReport(report, terminal)}`);
    return report.ok ? exitCodes.done : exitCodes.failed;
  } finally {
    line.end();
  }
}
