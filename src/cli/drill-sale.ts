import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { renderOpening, renderProgress, renderReport } from '../../drills/sale/render-report.ts';
import { runSaleDrill, type SaleWatch } from '../../drills/sale/sale-drill.ts';
import { type Victim, victims } from '../../drills/sale/shop-access.ts';
import { exitCodes, type Options, UsageError } from './command.ts';
import { createStatusLine, type DrillCall, parseCount } from './drill-parts.ts';
import type { Terminal } from './terminal.ts';

/** Options that the sale drill has alone. */
export const saleOptions = {
  buyers: { type: 'string', value: '<number>', help: 'how many come (20000)' },
  stock: { type: 'string', value: '<number>', help: 'how many units there are (1000; queue: 300)' },
  concurrency: { type: 'string', value: '<number>', help: 'how many buyers are in the shop at once (200)' },
  mix: { type: 'boolean', help: 'ordinary carts of several lines beside the sale, one for each ten buyers' },
  kill: { type: 'string', value: '<process>', help: 'database or app: kill -9 it when a third is sold' },
  here: { type: 'boolean', help: 'drill the shop that runs in the home, not one of its own' },
  url: { type: 'string', value: '<url>', help: 'drill the shop that answers there' },
  'database-url': {
    type: 'string',
    value: '<url>',
    help: "that shop's database, if it runs elsewhere (DATABASE_URL)",
  },
} as const satisfies Options;

/** Returns the exit code. */
export async function drillSale({
  options,
  readConfig,
  terminal,
  signal,
}: DrillCall<typeof saleOptions>): Promise<number> {
  checkChoice(options);
  const config = readConfig();
  const url = options.url === undefined ? undefined : parseUrl('url', options.url, ['http:', 'https:']);
  const databaseUrl = options['database-url'] ?? config.databaseUrl;
  if (databaseUrl !== undefined) parseUrl('database-url', databaseUrl, ['postgres:', 'postgresql:']);
  const buyerCount = parseCount('buyers', options.buyers, 20_000);
  const watch = createWatch(terminal, options.json === true);
  try {
    const report = await runSaleDrill({
      config,
      isHere: options.here === true,
      temporaryFolder: tmpdir(),
      ...(url !== undefined && { url }),
      ...(databaseUrl !== undefined && { databaseUrl }),
      buyerCount,
      stock: parseCount('stock', options.stock, 1_000),
      concurrency: parseCount('concurrency', options.concurrency, 200, 20_000),
      cartCount: options.mix ? Math.max(20, Math.round(buyerCount / 10)) : 0,
      ...(options.kill !== undefined && { victim: parseVictim(options.kill) }),
      seed: options.seed === undefined ? randomInt(2 ** 31) : parseCount('seed', options.seed, 0, 2 ** 31),
      signal,
      watch,
    });
    watch.end();
    if (options.json) terminal.print(JSON.stringify(report, null, 2));
    else terminal.print(`\n${renderReport(report, terminal)}`);
    return report.ok ? exitCodes.done : exitCodes.failed;
  } finally {
    watch.end();
  }
}

/** Which shop is drilled, and what is killed in it, is never guessed. */
function checkChoice(
  options: Partial<Record<'here' | 'url' | 'home' | 'kill' | 'database-url', string | boolean | undefined>>,
): void {
  const { here, url, home, kill, 'database-url': databaseUrl } = options;
  if (here && url !== undefined) {
    throw new UsageError('--here and --url name two shops: leave one of them out.');
  }
  if (home !== undefined && !here && url === undefined) {
    throw new UsageError(
      '--home names a shop, but the drill runs on one of its own: add --here to drill the shop that runs in it.',
    );
  }
  if (databaseUrl !== undefined && url === undefined) {
    throw new UsageError('--database-url is the database of a shop named by --url: add --url, or leave it out.');
  }
  if (kill !== undefined && url !== undefined) {
    throw new UsageError(
      '--kill kills nothing in a shop named by --url: leave out --url, or name a shop that runs here with --here.',
    );
  }
}

/** What goes on, as it happens: a line that changes in place on a terminal, only what matters in a pipe. */
function createWatch(terminal: Terminal, isJson: boolean): SaleWatch & { end(): void } {
  const line = createStatusLine(terminal);
  let isOpen = false;
  return {
    stage: (text) => line.show(`${text} …`),
    opened(opening) {
      isOpen = true;
      line.clear();
      if (!isJson) terminal.print(renderOpening(opening, terminal));
    },
    progress: (progress) => line.show(renderProgress(progress)),
    event(text) {
      // What a shop says while it starts is no news.
      if (isOpen) line.event(text);
      else line.show(`starting the shop: ${text} …`);
    },
    end: () => line.end(),
  };
}

function parseUrl(name: string, text: string, protocols: readonly string[]): string {
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
  // The text is not repeated: it may hold a password.
  throw new UsageError(`--${name} must begin with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`);
}

function parseVictim(text: string): Victim {
  const victim = victims.find((each) => each === text);
  if (victim === undefined) throw new UsageError(`--kill takes ${victims.join(' or ')}, not ${JSON.stringify(text)}.`);
  return victim;
}
