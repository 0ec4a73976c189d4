import { availableParallelism } from 'node:os';
import { migrate } from '../platform/database/migrate.ts';
import { readRunFile } from '../runtime/run-file.ts';
import { expectedUrl } from '../runtime/shop-url.ts';
import { type Call, defineCommand, exitCodes, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import { table } from './table.ts';
import { withDatabase } from './with-database.ts';

const options = {
  all: { type: 'boolean', help: 'build: also pages that are as they should be; status: list every stale page' },
  processes: {
    type: 'string',
    value: '<count>',
    help: 'build: how many build at a time; one for each core unless said',
  },
  json: { type: 'boolean', help: 'print it as JSON' },
  ...homeOptions,
} as const;

const staleShownMax = 20;

export const pagesCommand = defineCommand({
  name: 'pages',
  summary: 'build every page of the storefront beforehand, or show which are stale',
  example: 'npx onrush pages build',
  details: `A page is built when it is first looked at and again when something that it shows changes. \`build\` builds all of them
at once, in every language, before anybody looks: after an import, or before a sale. It goes on where it was interrupted.
\`status\` counts the pages that are stored, stale and gone. Both work while the shop runs.`,
  args: ['build|status'],
  usage: 'pages <build | status> [options]',
  options,
  run(call) {
    const [action] = call.args;
    if (action === 'build') return build(call);
    if (action === 'status') return status(call);
    throw new UsageError(`\`onrush pages\` builds or tells the status, not ${JSON.stringify(action)}.`);
  },
});

async function build({ options: given, config: read, terminal }: Call<typeof options>): Promise<number | undefined> {
  const processCount = parseCount(given.processes) ?? availableParallelism();
  const config = read(homeOverrides(given));
  const { buildAllPages } = await import('../runtime/build-all-pages.ts');
  const { migrationSources } = await import('../runtime/migration-sources.ts');
  let isInterrupted = false;
  const progress = terminal.progress();
  const total = await withDatabase(
    config,
    {
      command: 'pages',
      poolMax: 1,
      statementTimeoutMs: 0,
      tell: (line) => terminal.say(line),
      interrupt() {
        isInterrupted = true;
      },
    },
    async (database) => {
      await migrate(database, migrationSources);
      const publicUrl = config.shop.publicUrl ?? readRunFile(config.home)?.url ?? expectedUrl(config);
      return buildAllPages({
        start: { config, databaseUrl: database.url, publicUrl },
        processCount,
        isAnew: given.all === true,
        isInterrupted: () => isInterrupted,
        onProgress: ({ builtCount, freshCount, durationMs }) =>
          progress.show(
            `${count(builtCount)} pages built${freshCount > 0 ? `, ${count(freshCount)} as they should be` : ''}, ${rate(builtCount, durationMs)} pages/s`,
          ),
      });
    },
  );
  progress.end();
  const { builtCount, freshCount, failures, durationMs } = total;
  if (given.json) terminal.print(JSON.stringify({ ...total, pagesPerSecond: builtCount / (durationMs / 1000) }));
  else {
    terminal.print(
      `${count(builtCount)} pages built in ${(durationMs / 1000).toFixed(1)} s (${rate(builtCount, durationMs)} pages/s), ${count(freshCount)} were as they should be.`,
    );
  }
  for (const { path, message } of failures) terminal.say(`${path} could not be built: ${message}`);
  if (isInterrupted) {
    terminal.say('Interrupted. `onrush pages build` goes on from here.');
    return exitCodes.interrupted;
  }
  return failures.length === 0 ? undefined : exitCodes.refusedSome;
}

async function status({ options: given, config: read, terminal }: Call<typeof options>): Promise<undefined> {
  const config = read(homeOverrides(given));
  const { loadStale, loadStatus } = await import('../pages/static/store.ts');
  const { migrationSources } = await import('../runtime/migration-sources.ts');
  await withDatabase(
    config,
    { command: 'pages', poolMax: 2, statementTimeoutMs: 60_000, tell: (line) => terminal.say(line) },
    async (database) => {
      await migrate(database, migrationSources);
      const nowMs = Date.now();
      const limit = given.all ? 1_000_000 : staleShownMax;
      const [kinds, stale] = await Promise.all([loadStatus(database, nowMs), loadStale(database, nowMs, limit)]);
      if (given.json) return terminal.print(JSON.stringify({ kinds, stale }));
      if (kinds.length === 0) return terminal.print('No page is stored yet. `onrush pages build` builds them all.');
      const rows = kinds.map((kind) => [
        kind.kind,
        count(kind.storedCount),
        count(kind.staleCount),
        count(kind.goneCount),
        sizeText(kind.byteCount),
        kind.oldestStaleBuiltAtMs === null ? '' : new Date(kind.oldestStaleBuiltAtMs).toISOString(),
      ]);
      terminal.print(table([['kind', 'stored', 'stale', 'gone', 'size', 'oldest stale'], ...rows], [1, 2, 3, 4]));
      if (stale.length > 0) terminal.print(`\nStale:\n${stale.map(({ path }) => `  ${path}`).join('\n')}`);
      const staleCount = kinds.reduce((sum, kind) => sum + kind.staleCount, 0);
      if (staleCount > stale.length)
        terminal.print(`  … and ${count(staleCount - stale.length)} more (--all lists them).`);
    },
  );
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function rate(pages: number, durationMs: number): string {
  return count(durationMs === 0 ? 0 : Math.round((pages * 1000) / durationMs));
}

function parseCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d?$/.test(text))
    throw new UsageError(`--processes is a number from 1 to 99, not ${JSON.stringify(text)}.`);
  return Number(text);
}

function sizeText(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
