import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { DrillFault } from '../../drills/sale/drill-fault.ts';
import { type Page, renderOpening, renderProgress, renderReport } from '../../drills/sale/render-report.ts';
import { runSaleDrill, type SaleWatch } from '../../drills/sale/sale-drill.ts';
import { type Victim, victims } from '../../drills/sale/shop-access.ts';
import { EngineFault } from '../engines/engine-fault.ts';
import { defineCommand, exitCodes, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import type { Terminal } from './terminal.ts';

export const drill = defineCommand({
  name: 'drill',
  summary: 'hold a sale on a real shop and prove from its database that nothing was oversold or lost',
  example: 'npx onrush drill sale --buyers 20000 --stock 1000',
  args: ['[drill]'],
  usage: 'drill sale [options]',
  details: `There is one drill: sale. It puts goods of its own on sale, sends buyers over HTTP from processes of their own, as
buyers are: some click twice, some give up waiting and retry, some forge, some never pay. Then it reads the
database, not the API, and prints the proof.

The shop is one that is started for the drill in a temporary folder and goes away with it, also when yours runs.
--here drills the one that runs in the home, --url one that runs anywhere: the drill's orders stay in it, and its
goods are hidden afterwards. With --here, --kill kills a process of your shop; with --url it cannot be.

Exit codes: 0 every promise was kept, 1 one was broken, 2 the command line makes no sense, 4 the drill could not
be run, 130 interrupted.`,
  options: {
    buyers: { type: 'string', value: '<number>', help: 'how many come (20000)' },
    stock: { type: 'string', value: '<number>', help: 'how many units there are (1000)' },
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
    seed: { type: 'string', value: '<number>', help: 'the same number brings the same buyers' },
    json: { type: 'boolean', help: 'print the report as JSON' },
    ...homeOptions,
  },
  async run({ options, args, terminal, config: read }) {
    if (args[0] === undefined) {
      throw new UsageError('`onrush drill` needs the name of a drill. There is one: `onrush drill sale`.');
    }
    if (args[0] !== 'sale') throw new UsageError(`There is no drill ${JSON.stringify(args[0])}; there is \`sale\`.`);
    checkChoice(options);
    const config = read(homeOverrides(options));
    const url = options.url === undefined ? undefined : parseUrl('url', options.url, ['http:', 'https:']);
    const databaseUrl = options['database-url'] ?? config.databaseUrl;
    if (databaseUrl !== undefined) parseUrl('database-url', databaseUrl, ['postgres:', 'postgresql:']);
    const buyerCount = parseCount('buyers', options.buyers, 20_000);
    const interruption = interruptible(terminal);
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
        signal: interruption.signal,
        watch,
      });
      watch.end();
      if (options.json) terminal.print(JSON.stringify(report, null, 2));
      else terminal.print(`\n${renderReport(report, pageOf(terminal))}`);
      return report.ok ? exitCodes.done : exitCodes.failed;
    } catch (error) {
      watch.end();
      if (interruption.signal.aborted) {
        terminal.say('Interrupted; nothing was proved.');
        return exitCodes.interrupted;
      }
      if (!(error instanceof DrillFault || error instanceof EngineFault)) throw error;
      terminal.say(`${terminal.styleSaid('red', 'onrush: ')}${error.message}`);
      return exitCodes.notRun;
    } finally {
      interruption.end();
    }
  },
});

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

function pageOf({ columns, style }: Terminal): Page {
  return { columns, style };
}

/** What goes on, as it happens: a line that changes in place on a terminal, only what matters in a pipe. */
function createWatch(terminal: Terminal, isJson: boolean): SaleWatch & { end(): void } {
  const line = terminal.progress();
  let shown = '';
  let isOpen = false;
  // A stage may be over before the line may change again, or last for seconds.
  const refresh = setInterval(() => line.show(shown), 120);
  refresh.unref();
  const show = (text: string) => {
    shown = text;
    line.show(shown);
  };
  return {
    stage: (text) => show(`${text} …`),
    opened(opening) {
      isOpen = true;
      line.end();
      if (!isJson) terminal.print(renderOpening(opening, terminal));
    },
    progress: (progress) => show(renderProgress(progress)),
    event(text) {
      // What a shop says while it starts is no news.
      if (!isOpen) return show(`starting the shop: ${text} …`);
      line.end();
      terminal.say(`  ${terminal.styleSaid('yellow', '!')} ${text}`);
    },
    end() {
      clearInterval(refresh);
      line.end();
    },
  };
}

function interruptible(terminal: Terminal) {
  const controller = new AbortController();
  const onSignal = () => {
    if (!controller.signal.aborted) terminal.say('\nStopping what was started …');
    controller.abort();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    end() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

function parseCount(name: string, text: string | undefined, fallback: number, max = 10_000_000): number {
  if (text === undefined) return fallback;
  const digits = text.replace(/(?<=\d)[,_](?=\d{3})/g, '');
  if (/^\d{1,10}$/.test(digits) && Number(digits) >= 1 && Number(digits) <= max) return Number(digits);
  throw new UsageError(`--${name} must be a whole number from 1 to ${format(max)}, not ${JSON.stringify(text)}.`);
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

function format(number: number): string {
  return number.toLocaleString('en-US');
}
