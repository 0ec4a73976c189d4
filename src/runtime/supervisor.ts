import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineFault } from '../engines/engine-fault.ts';
import { identify, type ProcessIdentity, signal, waitForEnd } from '../engines/os-process.ts';
import type { Config } from '../platform/config/config.ts';
import { type AppChild, forkApp } from './app-child.ts';
import { type DatabaseServer, openDatabaseServer } from './database-server.ts';
import { type AdminToken, adminTokenOf, type Home, openHome, rotateLog } from './home.ts';
import { acquireHomeLock, type HomeLock } from './home-lock.ts';
import { probeAddress } from './listen-failure.ts';
import { nextRestart } from './restart-delay.ts';
import { type RunFile, readLastRunFile, removeRunFile, writeRunFile } from './run-file.ts';
import type { ShopStart } from './shop-module.ts';

export interface SupervisorOptions {
  readonly config: Config;
  /** shop.ts, or a test's own. */
  readonly shopModule: URL;
  /** Where the shop's process writes its log; undefined for our own output. */
  readonly logFile: string | undefined;
  readonly report: SupervisorReport;
}

/** What whoever watches is told. */
export interface SupervisorReport {
  /** A part of the start is done. */
  step(name: 'database' | 'schema' | 'shop', detail: string, tookMs: number): void;
  ready(facts: { readonly url: string; readonly adminToken: AdminToken; readonly home: Home }): void;
  /** Something happened that the owner should know: a process died, and what is done about it. */
  event(line: string): void;
}

export interface Supervisor {
  /** Resolves when all has ended, after `stop` or `kill`; rejects when the shop could not be started at all. */
  readonly finished: Promise<void>;
  /** Drains the shop, then stops the database. */
  stop(): void;
  /** Ends everything at once. Nothing acknowledged is lost: the database recovers at its next start. */
  kill(): void;
}

/**
 * Runs a shop: its database and its processes, each restarted when it dies.
 *
 *   starting ──▶ running ──▶ stopping ──▶ finished
 *       └───── stop, failure ─────▲
 */
export function startSupervisor(options: SupervisorOptions): Supervisor {
  const run = new SupervisedShop(options);
  return { finished: run.run(), stop: () => run.stop(), kill: () => run.kill() };
}

const drainMs = 15_000;

/** Thrown to leave the start when a stop was asked for in its middle. */
class Stopped extends Error {}

class SupervisedShop {
  readonly #options: SupervisorOptions;
  readonly #startedAtMs = Date.now();
  readonly #stopRequest = new AbortController();
  #home: Home | undefined;
  #lock: HomeLock | undefined;
  #database: DatabaseServer | undefined;
  #app: AppChild | undefined;
  #isPrepared = false;
  #url: string | undefined;
  #state: RunFile['state'] = 'starting';
  /** The loops that keep what we run alive; they end when the database and the app do after a stop. */
  readonly #keepers: Promise<void>[] = [];

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopRequest.abort();
  }

  kill(): void {
    this.stop();
    this.#app?.kill();
    void this.#database?.stop('immediate');
  }

  async run(): Promise<void> {
    try {
      await this.#start();
      if (!this.#isStopping) {
        await new Promise((resolve) => this.#stopRequest.signal.addEventListener('abort', resolve));
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    } finally {
      await this.#shutDown();
    }
  }

  async #start(): Promise<void> {
    const { config, report, logFile } = this.#options;
    const home = openHome(config.home);
    this.#home = home;
    this.#lock = acquireHomeLock(home, 'up');
    await endOrphans(readLastRunFile(home.path));
    const refusal = await probeAddress(config);
    if (refusal !== undefined) throw new EngineFault(refusal);
    for (const file of [home.postgresLog, ...(logFile === undefined ? [] : [logFile])]) rotateLog(file);

    // The app loads its code while the database starts: together they take as long as the slower of them.
    this.#app = this.#fork();
    await this.#openDatabase();
    this.#keepers.push(this.#keepDatabase());

    // Made as late as can be: it is shown at the end of the start that made it, and of no other.
    const adminToken = adminTokenOf(home, config.adminToken);
    const start = this.#appStart(adminToken.token);
    await this.#prepareAndServe(this.#app, start);
    this.#keepers.push(this.#keepApp(this.#app, start));
    if (this.#url !== undefined && !this.#isStopping) report.ready({ url: this.#url, adminToken, home });
  }

  async #openDatabase(): Promise<void> {
    const { config, report } = this.#options;
    const beganAtMs = performance.now();
    this.#database = await openDatabaseServer(config, this.#openedHome, report.event);
    this.#leaveIfStopping();
    const where = this.#database.kind === 'embedded' ? 'embedded' : 'DATABASE_URL';
    report.step('database', where, performance.now() - beganAtMs);
    this.#writeRunFile();
  }

  #fork(): AppChild {
    const { config, shopModule, logFile } = this.#options;
    // One process, says the topology's schema.
    const [process] = config.topology.processes;
    assert(process !== undefined, 'a topology has a process');
    return forkApp(shopModule, { logFile, heapMb: process.heapMb });
  }

  #appStart(adminToken: string): ShopStart {
    const { config } = this.#options;
    return {
      config,
      databaseUrl: this.#openedDatabase.url,
      adminToken,
      services: config.topology.processes.flatMap((process) => process.services),
    };
  }

  async #prepareAndServe(app: AppChild, start: ShopStart): Promise<void> {
    const { report } = this.#options;
    this.#writeRunFile();
    if (!this.#isPrepared) {
      const beganAtMs = performance.now();
      const { migrations, note } = await this.#unlessStopped(app.prepare(start));
      const applied = migrations.length === 0 ? 'up to date' : `${migrations.length} migrations applied`;
      report.step('schema', note === undefined ? applied : `${applied}, ${note}`, performance.now() - beganAtMs);
      this.#isPrepared = true;
    }
    const beganAtMs = performance.now();
    const url = await this.#unlessStopped(app.serve(start));
    if (this.#url === undefined) report.step('shop', url, performance.now() - beganAtMs);
    this.#url = url;
    this.#state = 'ready';
    this.#lock?.announce(url);
    this.#writeRunFile();
  }

  async #keepDatabase(): Promise<void> {
    const { config, report } = this.#options;
    let shortLives = 0;
    for (;;) {
      const server = this.#openedDatabase;
      const beganAtMs = performance.now();
      await server.exited;
      if (this.#isStopping) return;
      const restart = nextRestart(shortLives, performance.now() - beganAtMs);
      shortLives = restart.shortLives;
      report.event('PostgreSQL ended by itself; starting it again');
      this.#database = await this.#untilItWorks(restart.delayMs, 'PostgreSQL', () =>
        openDatabaseServer(config, this.#openedHome, report.event),
      );
      if (this.#database === undefined) return;
      if (this.#isStopping) {
        // It came up while we were told to stop; nobody else knows of it.
        await this.#database.stop('fast');
        return;
      }
      report.event('PostgreSQL is back');
      this.#writeRunFile();
      // Its port was taken meanwhile, so that it moved: the app must be told, and is told at its start.
      if (this.#database.url !== server.url) void this.#app?.stop(drainMs);
    }
  }

  async #keepApp(first: AppChild, firstStart: ShopStart): Promise<void> {
    const { report } = this.#options;
    let app = first;
    let shortLives = 0;
    for (;;) {
      const beganAtMs = performance.now();
      const how = await app.exited;
      if (this.#isStopping) return;
      const restart = nextRestart(shortLives, performance.now() - beganAtMs);
      shortLives = restart.shortLives;
      this.#state = 'starting';
      report.event(`the shop's process ended ${how}; starting it again`);
      const next = await this.#untilItWorks(restart.delayMs, "the shop's process", async () => {
        this.#app = this.#fork();
        try {
          await this.#prepareAndServe(this.#app, this.#appStart(firstStart.adminToken));
          return this.#app;
        } catch (error) {
          this.#app.kill();
          await this.#app.exited;
          throw error;
        }
      });
      if (next === undefined) return;
      app = next;
      report.event('the shop is back');
    }
  }

  /** Undefined when a stop came first. What a start failed of once, a full disk say, may pass. */
  async #untilItWorks<T>(firstDelayMs: number, name: string, begin: () => Promise<T>): Promise<T | undefined> {
    let delayMs = firstDelayMs;
    let told: string | undefined;
    for (let failures = 1; ; failures += 1) {
      await delay(delayMs, undefined, { signal: this.#stopRequest.signal }).catch(() => {});
      if (this.#isStopping) return undefined;
      try {
        return await begin();
      } catch (error) {
        if (error instanceof Stopped) return undefined;
        const message = error instanceof Error ? error.message : String(error);
        if (message !== told) this.#options.report.event(`${name} could not be started: ${message}`);
        told = message;
        delayMs = nextRestart(failures, 0).delayMs;
      }
    }
  }

  async #shutDown(): Promise<void> {
    this.stop();
    this.#state = 'stopping';
    try {
      if (this.#database !== undefined) this.#writeRunFile();
      await this.#app?.stop(drainMs);
      await this.#database?.stop('fast');
      await Promise.all(this.#keepers);
    } finally {
      if (this.#lock !== undefined) removeRunFile(this.#openedHome.path);
      this.#lock?.release();
    }
  }

  get #isStopping(): boolean {
    return this.#stopRequest.signal.aborted;
  }

  get #openedHome(): Home {
    if (this.#home === undefined) throw new Error('the home is opened first');
    return this.#home;
  }

  get #openedDatabase(): DatabaseServer {
    if (this.#database === undefined) throw new Error('the database is opened before it is used');
    return this.#database;
  }

  #leaveIfStopping(): void {
    if (this.#isStopping) throw new Stopped();
  }

  async #unlessStopped<T>(work: Promise<T>): Promise<T> {
    const { signal: stopSignal } = this.#stopRequest;
    let leave: (() => void) | undefined;
    const stopped = new Promise<never>((_, reject) => {
      leave = () => reject(new Stopped());
      stopSignal.addEventListener('abort', leave);
    });
    stopped.catch(() => {});
    work.catch(() => {});
    try {
      this.#leaveIfStopping();
      return await Promise.race([work, stopped]);
    } finally {
      if (leave !== undefined) stopSignal.removeEventListener('abort', leave);
    }
  }

  #writeRunFile(): void {
    const supervisor = identify(process.pid);
    if (supervisor === undefined || this.#database === undefined) return;
    const { kind, url, pid } = this.#database;
    try {
      writeRunFile(this.#openedHome.path, {
        supervisor,
        startedAtMs: this.#startedAtMs,
        state: this.#state,
        ...(this.#url !== undefined && { url: this.#url }),
        database: { kind, url, ...(pid !== undefined && { pid }) },
        processes: this.#app === undefined ? [] : [{ name: 'shop', ...this.#app.identity }],
      });
    } catch (error) {
      // A full disk may keep others from finding the shop; it must not end the shop.
      this.#options.report.event(`${error instanceof Error ? error.message : error}`);
    }
  }
}

/** Processes of a supervisor that was killed end by themselves, but may need a moment, and hold the port until then. */
async function endOrphans(last: RunFile | undefined): Promise<void> {
  const orphans: ProcessIdentity[] = [...(last?.processes ?? [])];
  await Promise.all(
    orphans.map(async (orphan) => {
      if (await waitForEnd(orphan, 4_000)) return;
      signal(orphan.pid, 'SIGKILL');
      await waitForEnd(orphan, 2_000);
    }),
  );
}
