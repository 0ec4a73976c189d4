// A process of the shop, forked by the supervisor with the URL of the shop's module as its argument.
import { openDatabase } from '../platform/database/database.ts';
import { migrate } from '../platform/database/migrate.ts';
import type { FromApp, ToApp } from './app-messages.ts';
import { listenFailure } from './listen-failure.ts';
import type { RunningShop, ShopModule, ShopStart } from './shop-module.ts';

// How long a process that lost its supervisor may drain. The next supervisor waits for the port a little longer than this.
const drainWhenOrphanedMs = 2_000;

await run(process.argv[2] ?? '');

async function run(moduleUrl: string): Promise<void> {
  // A Ctrl-C in the terminal reaches every process; the supervisor decides what it means.
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
  let shop: Promise<RunningShop> | undefined;
  let isEnding = false;
  const end = async () => {
    // A service manager signals every process, and the supervisor tells this one as well.
    if (isEnding) return;
    isEnding = true;
    await (await shop?.catch(() => undefined))?.stop();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('disconnect', () => {
    setTimeout(() => process.exit(1), drainWhenOrphanedMs);
    void end();
  });
  process.on('message', (message: ToApp) => {
    switch (message.kind) {
      case 'prepare':
        void answer(async () => prepare(await shopModule, message.start));
        break;
      case 'serve':
        shop = shopModule.then((module) => module.createShop(message.start));
        void answer(async () => ({ kind: 'ready', url: (await (shop as Promise<RunningShop>)).url }), message.start);
        break;
      case 'stop':
        void end();
        break;
    }
  });
  // Loaded while the database starts. Its failure is told when the module is asked for.
  const shopModule = import(moduleUrl) as Promise<ShopModule>;
  shopModule.catch(() => {});
}

async function prepare(module: ShopModule, start: ShopStart): Promise<FromApp> {
  const database = openDatabase({
    url: start.databaseUrl,
    poolMax: 1,
    connectTimeoutMs: 10_000,
    // A migration may rewrite a large table; it takes what it takes.
    statementTimeoutMs: 0,
    applicationName: 'onrush-migrate',
    onIdleError: () => {},
  });
  try {
    const applied = await migrate(database, module.migrationSources);
    const note = await module.prepareShop?.(start);
    return { kind: 'prepared', migrations: applied.map(({ room, name }) => `${room}/${name}`), note };
  } finally {
    await database.close();
  }
}

async function answer(work: () => Promise<FromApp>, start?: ShopStart): Promise<void> {
  try {
    process.send?.(await work());
  } catch (error) {
    const message = listenFailure(error, start?.config) ?? (error instanceof Error ? error.message : String(error));
    const stack = error instanceof Error ? error.stack : undefined;
    process.send?.({ kind: 'failed', message, stack } satisfies FromApp, () => process.exit(1));
  }
}
