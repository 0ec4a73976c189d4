import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { startPostgres } from '../src/engines/postgres/start-postgres.ts';
import { connectInProcess } from '../src/platform/api/in-process.ts';
import { readConfig } from '../src/platform/config/config.ts';
import { type Database, openDatabase } from '../src/platform/database/database.ts';
import { migrate } from '../src/platform/database/migrate.ts';
import { type Queryable, type Statement, sql } from '../src/platform/database/sql.ts';
import { sharedDataFile } from '../src/platform/testing/shared-data.ts';
import { migrationSources } from '../src/runtime/migration-sources.ts';
import { openContext } from '../src/runtime/open-context.ts';
import { serviceNames } from '../src/runtime/service-names.ts';
import type { ProductInput } from '../src/services/catalog/api.ts';
import { importFeeds } from '../src/services/catalog/feeds/import-feeds.ts';
import { parseMapping } from '../src/services/catalog/feeds/mapping-file.ts';
import { openFeed } from '../src/services/catalog/feeds/open-feed.ts';
import type { Sink } from '../src/services/catalog/feeds/shop-sink.ts';
import { createCatalog } from '../src/services/catalog/service.ts';
import { describeMachine } from './machine.ts';
import type { BenchOptions, BenchReport, Figure } from './report.ts';

const quickNames = ['cpu', 'keyboard', 'power-supply'];
const names = [
  ...['case-accessory', 'case-fan', 'case', 'cpu-cooler', 'cpu', 'external-hard-drive', 'fan-controller', 'headphones'],
  ...['internal-hard-drive', 'keyboard', 'memory', 'monitor', 'motherboard', 'mouse', 'optical-drive', 'os'],
  ...['power-supply', 'sound-card', 'speakers', 'thermal-paste', 'ups', 'video-card', 'webcam', 'wired-network-card'],
  'wireless-network-card',
];
const batchSize = 500;

/**
 * `onrush import` of the 66,778 rows of pc-parts as a user runs it, against its two limits, measured in the same run: reading
 * the same files and doing nothing with the rows, and one client that writes the same products with the same statements,
 * worked out beforehand, into an empty database.
 */
export async function run({ isQuick }: BenchOptions): Promise<BenchReport> {
  const files = (isQuick ? quickNames : names)
    .map((name) => sharedDataFile(`catalogue/pc-parts/${name}.jsonl.gz`))
    .filter((file) => file !== undefined)
    .map((file) => fileURLToPath(file));
  if (files.length === 0) {
    const note = 'Skipped: the real catalogues are not here. Set ONRUSH_SHARED_DATA to the folder that has them.';
    return { bench: 'import', machine: await describeMachine(), figures: [], notes: [note] };
  }
  const dir = mkdtempSync(join(tmpdir(), 'onrush-bench-'));
  // Started by root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(dir, 0o711);
  const tell = (line: string) => console.error(line);
  const postgres = await startPostgres({ dir, logFile: join(dir, 'postgres.log'), durable: true, tell });
  try {
    const reading = await rate('reading alone', () => readOnly(files));
    const products: ProductInput[] = [];
    const mapping = await rate('reading and mapping', () => mapOnly(files, products));
    const sample = products.slice(0, isQuick ? 3_000 : 10_000);
    products.length = 0;

    const recordedOn = await newDatabase(postgres.url, 'recorded');
    const transactions = await record(recordedOn.url, sample);
    await recordedOn.close();
    const bareOn = await newDatabase(postgres.url, 'bare');
    const writing = await rate('writing alone', async () => {
      for (const statements of transactions) {
        await bareOn.transaction((tx) => Promise.all(statements.map((statement) => tx.run(statement))));
      }
      return sample.length;
    });
    const machine = await describeMachine(bareOn);
    await bareOn.close();

    const importOn = await newDatabase(postgres.url, 'imported');
    const first = await importAsUsersDo(importOn.url, join(dir, 'home'), files);
    const again = await importAsUsersDo(importOn.url, join(dir, 'home'), files);
    if (again.unchanged !== first.created)
      throw new Error(`The second import changed something: ${JSON.stringify(again)}`);
    await importOn.close();
    return { bench: 'import', machine, figures: figuresOf({ reading, mapping, writing, first, again }) };
  } finally {
    await postgres.stop('immediate');
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Measured {
  readonly perSecond: number;
}

async function rate(name: string, work: () => Promise<number>): Promise<Measured> {
  const startedAt = performance.now();
  const count = await work();
  const perSecond = (count / (performance.now() - startedAt)) * 1000;
  console.error(`  ${name}: ${Math.round(perSecond).toLocaleString('en')} rows/s`);
  return { perSecond };
}

const mappingFile = new URL('../mappings/pc-parts.yaml', import.meta.url);

function open(name: string) {
  const mapping = parseMapping(readFileSync(mappingFile, 'utf8'), 'mappings/pc-parts.yaml');
  return openFeed(name, {
    format: undefined,
    mapping,
    currency: undefined,
    shopCurrency: 'USD',
    nowMs: Date.now(),
    stdin: process.stdin,
  });
}

async function readOnly(files: readonly string[]): Promise<number> {
  let count = 0;
  for (const file of files) for await (const some of (await open(file)).readings) count += some.length;
  return count;
}

async function mapOnly(files: readonly string[], products: ProductInput[]): Promise<number> {
  const keeping: Sink = {
    async deliver(parcels) {
      products.push(...parcels.map(({ product }) => product));
      return { results: parcels.map(() => ({ outcome: 'created' as const, stockRefused: [] })), stockChanged: 0 };
    },
  };
  const options = { isStrict: false, report: () => {}, progress: () => {} };
  return (await importFeeds(files, open, keeping, options)).summary.rows;
}

async function newDatabase(serverUrl: string, name: string): Promise<Database> {
  const server = openAt(serverUrl);
  await server.run({ ...sql`select 1`, text: `create database ${name}`, name: `create-${name}` });
  await server.close();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = openAt(url.toString());
  await migrate(database, migrationSources);
  return database;
}

function openAt(url: string): Database {
  return openDatabase({
    url,
    poolMax: 1,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 0,
    applicationName: 'onrush-bench',
    onIdleError: () => {},
  });
}

/** The statements of each transaction in which the catalogue writes these products. */
async function record(databaseUrl: string, products: readonly ProductInput[]): Promise<Statement<never>[][]> {
  const config = readConfig({ env: {}, cwd: tmpdir(), serviceNames });
  const ctx = await openContext({ config, databaseUrl, processName: 'bench', logDestination: pino.destination(2) });
  const transactions: Statement<never>[][] = [];
  const recording: Database = {
    ...ctx.database,
    run: (statement) => ctx.database.run(statement),
    transaction: (work, options) =>
      ctx.database.transaction((tx) => {
        const statements: Statement<never>[] = [];
        transactions.push(statements);
        const recorder: Queryable = {
          run(statement) {
            statements.push(statement as unknown as Statement<never>);
            return tx.run(statement);
          },
        };
        return work({ ...recorder, isTransaction: true });
      }, options),
  };
  const catalog = connectInProcess(createCatalog({ ...ctx, database: recording }));
  for (let at = 0; at < products.length; at += batchSize) {
    await catalog.putProducts({ body: { products: products.slice(at, at + batchSize) } });
  }
  await ctx.close();
  return transactions;
}

interface UserImport {
  readonly rows: number;
  readonly created: number;
  readonly unchanged: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly peakRssMib: number;
}

async function importAsUsersDo(databaseUrl: string, home: string, files: readonly string[]): Promise<UserImport> {
  const command = fileURLToPath(new URL('../bin/onrush.ts', import.meta.url));
  const child = spawn(process.execPath, [command, 'import', '--json', '--mapping', 'pc-parts', ...files], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, ONRUSH_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`onrush import ended with ${code}: ${out}`);
  const summary = JSON.parse(out) as UserImport;
  console.error(`  onrush import: ${summary.rowsPerSecond.toLocaleString('en')} rows/s, ${summary.peakRssMib} MiB`);
  return summary;
}

function figuresOf(measured: {
  reading: Measured;
  mapping: Measured;
  writing: Measured;
  first: UserImport;
  again: UserImport;
}): Figure[] {
  const { reading, mapping, writing, first, again } = measured;
  const unit = 'rows/s';
  return [
    { name: 'reading alone', value: reading.perSecond, unit },
    { name: 'reading and mapping', value: mapping.perSecond, unit },
    { name: 'writing alone, the same statements', value: writing.perSecond, unit },
    {
      name: 'onrush import',
      value: first.rowsPerSecond,
      unit,
      ratio: first.rowsPerSecond / writing.perSecond,
      ratioTo: 'writing alone',
      target: '≥ 3,000',
      isReached: first.rowsPerSecond >= 3000,
    },
    { name: 'the same again, nothing new', value: again.rowsPerSecond, unit },
    {
      name: 'peak memory of onrush import',
      value: Math.max(first.peakRssMib, again.peakRssMib),
      unit: 'MiB',
      target: '< 300',
      isReached: Math.max(first.peakRssMib, again.peakRssMib) < 300,
    },
  ];
}
