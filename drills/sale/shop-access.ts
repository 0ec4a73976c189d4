import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../src/platform/config/config.ts';

import { adminTokenOf, homeAt } from '../../src/runtime/home.ts';
import { type RunFile, readRunFile } from '../../src/runtime/run-file.ts';
import { freePort } from '../free-port.ts';
import { DrillFault } from './drill-fault.ts';
import type { FromShop, ToShop } from './shop-process.ts';

/** The shop that is drilled. */
export interface DrilledShop {
  readonly url: string;
  readonly adminToken: string;
  /** For people: which shop it is. */
  readonly what: string;
  /** Asked anew each time: a database that was started again may have moved. */
  databaseUrl(): string;
  /** The process to kill; undefined where there is none that runs here. */
  pidOf(victim: Victim): number | undefined;
  /** Takes the shop down where the drill put it up. `keep`: leave its folder to look into. Returns the folder that is left. */
  close(keep: boolean): Promise<string | undefined>;
}

export const victims = ['database', 'app'] as const;
export type Victim = (typeof victims)[number];

export interface ShopChoice {
  readonly config: Config;
  /** A shop that runs somewhere. Without it and without `isHere` the drill starts one of its own: never by chance the owner's. */
  readonly url?: string;
  /** The shop that runs in the home. */
  readonly isHere: boolean;
  /** The database of a shop that runs elsewhere. */
  readonly databaseUrl?: string;
  /** Where temporary folders are made. */
  readonly temporaryFolder: string;
  /** Told what the shop's supervisor does: that a process died, that it is back. */
  readonly tell: (line: string) => void;
}

/** A drill brings what it sells. Without the demo catalogue its shop is ready sooner, and builds no pages while it is drilled. */
export function withoutDemo(config: Config): Config {
  const { topology } = config;
  return { ...config, topology: { ...topology, shop: { ...topology.shop, demo: 'off' } } };
}

export async function openDrilledShop(choice: ShopChoice): Promise<DrilledShop> {
  const { config, url, isHere } = choice;
  if (!isHere && url === undefined) return startOwnShop(choice);
  const running = readRunFile(config.home);
  if (url !== undefined) {
    if (running?.url === undefined || !isSameUrl(url, running.url)) return shopElsewhere({ ...choice, url });
    // Its address is no leave to kill it: for that it is named as the one that runs here.
    return { ...runningShop(config, running), pidOf: () => undefined };
  }
  if (running?.url === undefined) {
    throw new DrillFault(
      `No shop runs in ${config.home}: start it with \`onrush up\`, or leave out --here for a shop of the drill's own.`,
    );
  }
  return runningShop(config, running);
}

function runningShop(config: Config, running: RunFile): DrilledShop {
  const current = () => readRunFile(config.home) ?? running;
  return {
    url: running.url ?? '',
    adminToken: adminTokenOf(homeAt(config.home), config.adminToken).token,
    what: `the shop that runs in ${config.home}`,
    databaseUrl: () => current().database.url,
    pidOf: (victim) => pidIn(current(), victim),
    close: async () => undefined,
  };
}

function shopElsewhere({ config, url, databaseUrl }: ShopChoice & { url: string }): DrilledShop {
  if (databaseUrl === undefined) {
    throw new DrillFault(
      `The shop at ${url} does not run in ${config.home}, and the proof is read from the database: name it with --database-url.`,
    );
  }
  if (config.adminToken === undefined) {
    throw new DrillFault(
      `The shop at ${url} does not run in ${config.home}: set ONRUSH_ADMIN_TOKEN to its admin token.`,
    );
  }
  return {
    url,
    adminToken: config.adminToken,
    what: 'a shop that runs elsewhere',
    databaseUrl: () => databaseUrl,
    pidOf: () => undefined,
    close: async () => undefined,
  };
}

async function startOwnShop({ config, temporaryFolder, tell }: ShopChoice): Promise<DrilledShop> {
  const home = makeTemporaryHome(temporaryFolder);
  const { databaseUrl: _, ...others } = config;
  const host = '127.0.0.1';
  const ownConfig: Config = {
    // Not the database that the owner has chosen for the shop: the drill's goes away with it.
    ...others,
    home,
    host,
    // Chosen here, once: a process that is started again must be found where the first one was.
    port: await freePort(host),
    logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel,
    topology: { ...config.topology, engines: { database: 'embedded' } },
  };
  const child = fork(fileURLToPath(new URL('./shop-process.ts', import.meta.url)), [], {
    // Nothing of it may get into what the drill prints.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const { url, adminToken } = await becomesReady(child, ownConfig, tell);
    return {
      url,
      adminToken,
      what: `a shop of its own in ${home}`,
      databaseUrl: () => runFileOf(home).database.url,
      pidOf: (victim) => pidIn(runFileOf(home), victim),
      async close(keep) {
        tellShop(child, { kind: 'stop' });
        await exited;
        if (!keep) rmSync(home, { recursive: true, force: true });
        return keep ? home : undefined;
      },
    };
  } catch (error) {
    tellShop(child, { kind: 'stop' });
    await exited;
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

function becomesReady(
  child: ChildProcess,
  config: Config,
  tell: (line: string) => void,
): Promise<{ url: string; adminToken: string }> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: FromShop) => {
      if (message.kind === 'ready') resolve(message);
      else if (message.kind === 'event') tell(message.line);
      else reject(new DrillFault(message.message));
    });
    child.once('exit', () =>
      reject(new DrillFault(`The drill's own shop could not be started; see ${config.home}/log.`)),
    );
    child.once('error', (error) => reject(new DrillFault(`The drill's own shop could not be run: ${error.message}.`)));
    tellShop(child, { kind: 'start', config });
  });
}

function runFileOf(home: string): RunFile {
  const running = readRunFile(home);
  if (running === undefined) throw new DrillFault(`The drill's own shop has ended by itself; see ${home}/log.`);
  return running;
}

function makeTemporaryHome(folder: string): string {
  const home = mkdtempSync(join(folder, 'onrush-drill-'));
  // Started by root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(home, process.getuid?.() === 0 ? 0o711 : 0o700);
  return home;
}

function pidIn({ database, processes }: RunFile, victim: Victim): number | undefined {
  return victim === 'database' ? database.pid : processes[0]?.pid;
}

function isSameUrl(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  const nameOf = ({ hostname }: URL) => (hostname === 'localhost' ? '127.0.0.1' : hostname);
  return a.port === b.port && nameOf(a) === nameOf(b);
}

function tellShop(child: ChildProcess, message: ToShop): void {
  if (child.connected) child.send(message, () => {});
}
