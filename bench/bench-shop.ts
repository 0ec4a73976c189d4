import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../drills/free-port.ts';
import { startPostgres } from '../src/engines/postgres/start-postgres.ts';
import { type Config, readConfig } from '../src/platform/config/config.ts';
import { type Database, openDatabase } from '../src/platform/database/database.ts';
import { createSigner, type Signer } from '../src/platform/signing/signer.ts';
import { loadSigningKeys } from '../src/platform/signing/store.ts';
import { type AppChild, forkApp } from '../src/runtime/app-child.ts';
import { serviceNames } from '../src/runtime/service-names.ts';

/** A whole shop as a user has it: a durable PostgreSQL of its own and the shop's process, on a free port, in a folder that goes away. */
export interface BenchShop extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly adminToken: string;
  readonly database: Database;
  readonly databaseUrl: string;
  readonly signer: Signer;
  readonly config: Config;
  readonly app: AppChild;
  readonly postgresPid: number;
}

export async function startBenchShop(): Promise<BenchShop> {
  const dir = mkdtempSync(join(tmpdir(), 'onrush-bench-'));
  // Started by root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(dir, 0o711);
  const tell = (line: string) => console.error(line);
  const postgres = await startPostgres({ dir, logFile: join(dir, 'postgres.log'), durable: true, tell });
  const adminToken = 'bench';
  const host = '127.0.0.1';
  const port = await freePort(host);
  const read = readConfig({
    env: { PORT: String(port), ONRUSH_HOME: dir, ONRUSH_LOG_LEVEL: 'warn' },
    cwd: dir,
    serviceNames,
  });
  // As fast as it goes: a thousand who all ask again at once wait longer than a shop that refuses would let them.
  const { topology } = read;
  const config: Config = { ...read, topology: { ...topology, edge: { ...topology.edge, overload: 'off' } } };
  const app = forkApp(new URL('../src/runtime/shop.ts', import.meta.url), {
    logFile: join(dir, 'shop.jsonl'),
    heapMb: config.topology.processes[0]?.heapMb ?? 0,
  });
  const start = { config, databaseUrl: postgres.url, adminToken, services: serviceNames };
  try {
    await app.prepare(start);
    await app.serve(start);
  } catch (error) {
    app.kill();
    await postgres.stop('immediate');
    throw error;
  }
  const database = openDatabase({
    url: postgres.url,
    poolMax: 4,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 0,
    applicationName: 'onrush-bench',
    onIdleError: () => {},
  });
  return {
    host,
    port,
    adminToken,
    database,
    databaseUrl: postgres.url,
    signer: createSigner(await loadSigningKeys(database)),
    config,
    app,
    postgresPid: postgres.pid,
    async [Symbol.asyncDispose]() {
      await app.stop(10_000);
      await database.close();
      await postgres.stop('fast');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
