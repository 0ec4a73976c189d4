import { once } from 'node:events';
import { createWriteStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { ConfigFault } from '../platform/config/config-fault.ts';
import { isCurrency } from '../platform/money/currency.ts';
import { type ImportOutcome, importFeeds } from '../services/catalog/feeds/import-feeds.ts';
import type { Mapping } from '../services/catalog/feeds/mapping.ts';
import { parseMapping } from '../services/catalog/feeds/mapping-file.ts';
import { type FeedFormat, feedFormats, openFeed } from '../services/catalog/feeds/open-feed.ts';
import { createShopSink, type Sink } from '../services/catalog/feeds/shop-sink.ts';
import { assertReadable } from '../services/catalog/feeds/source.ts';
import type { ReportEntry } from '../services/catalog/feeds/summary.ts';
import { defineCommand, exitCodes, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import { importProgress, importText } from './import-text.ts';
import type { Terminal } from './terminal.ts';

export const importCommand = defineCommand({
  name: 'import',
  summary: 'bring products and stock into the shop, from files of many kinds',
  example: 'npx onrush import products.jsonl.gz',
  details: `Reads Onrush's own JSON Lines (what \`onrush export\` writes), Shopify's product CSV and Google Merchant feeds (TSV, XML) by
themselves, and any CSV, TSV, JSON array or JSON Lines with a mapping; gzip or not; \`-\` is standard input. A bad row is
reported and skipped. The same import again completes one that was cut off, and changes nothing that is there already.
Exit codes: 0 everything taken, 1 it could not be read or written to the end, 3 read to the end, but some rows were refused.
The formats and the mapping files are described in docs/import.md.`,
  args: ['file…'],
  options: {
    format: {
      type: 'string',
      value: '<format>',
      help: `what the file is (${feedFormats.join(', ')}), where it is not told right`,
    },
    mapping: {
      type: 'string',
      value: '<name|file>',
      help: 'what the columns mean: a file, or one of mappings/ by its name',
    },
    currency: { type: 'string', value: '<code>', help: 'the currency of prices that do not say their own' },
    strict: { type: 'boolean', help: 'stop at the first row that is refused; nothing after it is written' },
    'dry-run': { type: 'boolean', help: 'read and check everything, write nothing' },
    report: { type: 'string', value: '<file>', help: 'write each row that was not taken to this file, as JSON Lines' },
    json: { type: 'boolean', help: 'print the summary as JSON' },
    ...homeOptions,
  },
  async run({ options, args, config: read, terminal }) {
    const config = read(homeOverrides(options));
    const format = parseFormat(options.format);
    const currency = parseCurrency(options.currency);
    const mapping = options.mapping === undefined ? undefined : readMapping(options.mapping, terminal);
    if (mapping === 'wrong') return exitCodes.failed;
    for (const name of args) await assertReadable(name);

    keepHeapSmall();
    const beganAtMs = performance.now();
    const report = openReport(options.report);
    const progress = terminal.progress();
    let shownAtMs = 0;
    const interruption = new AbortController();
    // Else it would wait for what standard input may never say.
    interruption.signal.addEventListener('abort', () => process.stdin.destroy());
    const open = (name: string) =>
      openFeed(name, {
        format,
        mapping,
        currency,
        shopCurrency: config.shop.currency,
        nowMs: Date.now(),
        stdin: process.stdin,
      });
    const importInto = (sink: Sink | undefined) =>
      importFeeds(args, open, sink, {
        isStrict: options.strict === true,
        report: report.write,
        progress(now) {
          const elapsedMs = performance.now() - beganAtMs;
          // It is shown ten times a second and told of a hundred times.
          if (elapsedMs - shownAtMs < 100) return;
          shownAtMs = elapsedMs;
          progress.show(importProgress(now, elapsedMs));
        },
        signal: interruption.signal,
      });
    try {
      const outcome = options['dry-run']
        ? await importInto(undefined)
        : await intoShop(config, terminal, interruption, importInto);
      progress.end();
      await report.close();
      const seconds = (performance.now() - beganAtMs) / 1000;
      if (options.json) terminal.print(JSON.stringify(asJson(outcome, seconds, options['dry-run'] === true)));
      else terminal.print(importText(outcome, seconds, options['dry-run'] === true, terminal.style));
      return exitCodeOf(outcome);
    } finally {
      progress.end();
    }
  },
});

/**
 * An import makes garbage as fast as it reads, and V8 lets the heap grow before it collects: fourfold, and the space of young
 * objects to three times 16 MiB. Neither buys speed here. Measured on 66,778 rows in the same time: a peak of 322 MiB with
 * V8's ways, of 200 MiB with these.
 */
function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=100');
}

async function intoShop(
  config: Parameters<Awaited<typeof import('./with-services.ts')>['withServices']>[0],
  terminal: Terminal,
  interruption: AbortController,
  work: (sink: Sink) => Promise<ImportOutcome>,
): Promise<ImportOutcome> {
  const { withServices } = await import('./with-services.ts');
  const options = {
    command: 'import',
    tell: (line: string) => terminal.say(line),
    // What is being written is finished first.
    interrupt: () => interruption.abort(),
  };
  return withServices(config, options, (services) => work(createShopSink(services.peers)));
}

function parseFormat(text: string | undefined): FeedFormat | undefined {
  const format = feedFormats.find((known) => known === text);
  if (text !== undefined && format === undefined) {
    throw new UsageError(`--format is one of ${feedFormats.join(', ')}, not ${JSON.stringify(text)}.`);
  }
  return format;
}

function parseCurrency(text: string | undefined): string | undefined {
  if (text === undefined || isCurrency(text)) return text;
  throw new UsageError(`--currency is a currency of ISO 4217 such as USD, not ${JSON.stringify(text)}.`);
}

const mappingsFolder = fileURLToPath(new URL('../../mappings/', import.meta.url));

/** All that is wrong with a mapping file is told at once; it is mended in one go. */
function readMapping(nameOrFile: string, terminal: Terminal): Mapping | 'wrong' {
  const shipped = join(mappingsFolder, `${nameOrFile}.yaml`);
  const isName = /^[\w-]+$/.test(nameOrFile) && existsSync(shipped);
  const file = isName ? shipped : nameOrFile;
  if (!existsSync(file)) {
    const known = readdirSync(mappingsFolder).map((name) => basename(name, '.yaml'));
    throw new UsageError(
      `There is no mapping ${JSON.stringify(nameOrFile)}. Name a file, or one of ${known.join(', ')}.`,
    );
  }
  try {
    return parseMapping(readFileSync(file, 'utf8'), isName ? `mappings/${nameOrFile}.yaml` : file);
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    for (const problem of error.problems) terminal.say(`${terminal.styleSaid('red', 'onrush: ')}${problem}.`);
    return 'wrong';
  }
}

/** One JSON object a line, written as the import goes: a report of a million rows needs no memory. */
function openReport(file: string | undefined) {
  if (file === undefined) return { write: () => {}, close: async () => {} };
  const stream = createWriteStream(file);
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = new Error(`The report ${file} cannot be written: ${error.message}`, { cause: error });
  });
  return {
    async write(entry: ReportEntry) {
      if (failure !== undefined) throw failure;
      if (!stream.write(`${JSON.stringify(entry)}\n`))
        await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
    },
    async close() {
      if (failure === undefined) {
        stream.end();
        if (!stream.closed) await once(stream, 'close').catch(() => {});
      }
      if (failure !== undefined) throw failure;
    },
  };
}

function asJson({ summary, stopped }: ImportOutcome, seconds: number, isDryRun: boolean): object {
  return {
    ok: stopped === undefined && summary.refused === 0,
    ...(isDryRun && { dryRun: true }),
    ...(stopped !== undefined && { stopped }),
    ...summary,
    seconds: Number(seconds.toFixed(3)),
    rowsPerSecond: Math.round(summary.rows / seconds),
    peakRssMib: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

function exitCodeOf({ summary, stopped }: ImportOutcome): number {
  if (stopped?.kind === 'interrupted') return exitCodes.interrupted;
  if (stopped !== undefined) return exitCodes.failed;
  return summary.refused > 0 ? exitCodes.refusedSome : exitCodes.done;
}
