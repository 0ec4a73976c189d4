import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Client } from '../../../platform/api/contract.ts';
import { connectInProcess } from '../../../platform/api/in-process.ts';
import { apiMigrations } from '../../../platform/api/migrations.ts';
import { createValidation } from '../../../platform/api/validation.ts';
import { sql } from '../../../platform/database/sql.ts';
import { type TestContext, testContext } from '../../../platform/testing/context.ts';
import { checkoutMigrations } from '../../checkout/migrations.ts';
import { createCheckout } from '../../checkout/service.ts';
import type { stockApi } from '../../stock/api.ts';
import { stockMigrations } from '../../stock/migrations.ts';
import { createStock } from '../../stock/service.ts';
import type { catalogApi, ProductInput } from '../api.ts';
import { catalogMigrations } from '../migrations.ts';
import { createCatalog } from '../service.ts';
import { exportProducts } from './export-products.ts';
import { type ImportOptions, type ImportOutcome, importFeeds } from './import-feeds.ts';
import { parseMapping } from './mapping-file.ts';
import { type FeedFormat, openFeed } from './open-feed.ts';
import { createShopSink, type Sink } from './shop-sink.ts';
import type { ReportEntry } from './summary.ts';

/** A folder of this test file's own, gone when it is done. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'onrush-feeds-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestImport {
  readonly outcome: ImportOutcome;
  /** What was delivered, in order. */
  readonly products: ProductInput[];
  readonly collections: ReadonlyMap<string, string>;
  readonly entries: ReportEntry[];
  /** `line outcome` of every row that was not taken as it is. */
  readonly told: string[];
}

export interface TestImportOptions extends Partial<ImportOptions> {
  readonly mapping?: string;
  readonly format?: FeedFormat;
  readonly currency?: string;
  readonly nowMs?: number;
  /** Where to deliver besides collecting it. */
  readonly sink?: Sink;
}

/** Imports files, or one text through standard input, and collects what would go to the shop. */
export async function testImport(
  feed: { readonly text: string | Buffer } | { readonly files: readonly string[] },
  { mapping, format, currency, nowMs = 0, sink, ...options }: TestImportOptions = {},
): Promise<TestImport> {
  const products: ProductInput[] = [];
  const collections = new Map<string, string>();
  const entries: ReportEntry[] = [];
  const collecting: Sink = {
    async deliver(parcels, how) {
      for (const { product, collectionTitles } of parcels) {
        products.push(product);
        for (const [path, title] of collectionTitles) collections.set(path, title);
      }
      if (sink !== undefined) return sink.deliver(parcels, how);
      return { results: parcels.map(() => ({ outcome: 'created' as const, stockRefused: [] })), stockChanged: 0 };
    },
  };
  async function* stdin() {
    if ('text' in feed) yield Buffer.from(feed.text);
  }
  const outcome = await importFeeds(
    'files' in feed ? feed.files : ['-'],
    (name) =>
      openFeed(name, {
        format,
        mapping: mapping === undefined ? undefined : parseMapping(mapping, 'test.yaml'),
        currency,
        shopCurrency: 'USD',
        nowMs,
        stdin: stdin(),
      }),
    collecting,
    {
      isStrict: false,
      progress: () => {},
      ...options,
      report(entry) {
        entries.push(entry);
        return options.report?.(entry);
      },
    },
  );
  const told = entries.map(({ line, outcome: what, reason }) => `${line} ${reason ?? what}`);
  return { outcome, products, collections, entries, told };
}

export interface TestShop {
  readonly ctx: TestContext;
  readonly catalog: Client<typeof catalogApi>;
  readonly stock: Client<typeof stockApi>;
  readonly sink: Sink;
  /** Everything that `onrush export` writes. */
  export(): Promise<ProductInput[]>;
  /** How many events were announced so far. */
  eventCount(): Promise<number>;
}

/** Catalogue, stock and checkout for real, on a database of the test's own. */
export async function testShop(): Promise<TestShop> {
  const ctx = await testContext([apiMigrations, catalogMigrations, stockMigrations, checkoutMigrations]);
  const shop = shopOn(ctx);
  after(() => shop.stop());
  return shop;
}

export function shopOn(ctx: TestContext): TestShop & { stop(): Promise<void> } {
  const options = { validation: createValidation() };
  const catalog = connectInProcess(createCatalog(ctx), options);
  const checkoutService = createCheckout(ctx);
  const stockService = createStock(ctx, { checkout: connectInProcess(checkoutService, options) });
  const stock = connectInProcess(stockService, options);
  return {
    ctx,
    catalog,
    stock,
    sink: createShopSink({ catalog, stock }),
    async export() {
      const all: ProductInput[] = [];
      for await (const products of exportProducts({ catalog, stock })) all.push(...products);
      return all;
    },
    async eventCount() {
      const { rows } = await sql<{ count: number }>`select count(*) as count from events.outbox`.execute(ctx.database);
      return rows[0]?.count ?? 0;
    },
    async stop() {
      await stockService.stop?.();
      await checkoutService.stop?.();
    },
  };
}

export function writeFeed(folder: string, name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}
