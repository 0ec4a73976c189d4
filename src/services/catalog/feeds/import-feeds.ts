import { createValidation } from '../../../platform/api/validation.ts';
import { ProductInput } from '../api.ts';
import { normaliseProduct } from '../product-input.ts';
import { type Group, type Grouper, groupAnywhere, groupTogether } from './group.ts';
import type { Mapper } from './mapper.ts';
import type { OpenFeed } from './open-feed.ts';
import { FeedError, type FeedRecord, quoted, type Reading } from './record.ts';
import { createSeen, type Place } from './seen.ts';
import type { Delivery, Parcel, Sink } from './shop-sink.ts';
import { slugWith } from './slug.ts';
import { sourceText } from './source.ts';
import { createCounter, type ImportSummary, type ReportEntry } from './summary.ts';

export interface ImportOptions {
  /** Stop at the first row that is refused; nothing after it is written. */
  readonly isStrict: boolean;
  readonly batchMax?: number;
  /** Told of every row that was not taken, or not wholly. May take its time: the import waits. */
  readonly report: (entry: ReportEntry) => void | Promise<void>;
  readonly progress: (progress: ImportProgress) => void;
  /** Ends the import after what is being written. */
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  readonly file: string;
  readonly rows: number;
  readonly bytesRead: number;
  readonly bytesTotal: number | undefined;
}

export interface ImportOutcome {
  readonly summary: ImportSummary;
  /** Why not everything was read; what the summary counts is written all the same. */
  readonly stopped:
    | { readonly kind: 'unreadable'; readonly file: string; readonly detail: string; readonly heldRows: number }
    | { readonly kind: 'strict' }
    | { readonly kind: 'interrupted' }
    | undefined;
}

// Large enough to pay for a transaction's fsync many times over, small enough that two of them in flight are a few megabytes.
const defaultBatchMax = 500;
const batchBytesMax = 4_000_000;
// While one batch is being committed the next one is being read, checked and sent.
const inFlightMax = 2;

/**
 * Reads feeds and delivers their products, in one pass: rows are read no faster than batches are written, and what is held
 * depends on the batch, not on the feed. Everything written is written by slug, so that the same import again completes one
 * that was cut off, and changes nothing where nothing changed.
 */
export async function importFeeds(
  names: readonly string[],
  open: (name: string) => Promise<OpenFeed>,
  sink: Sink | undefined,
  options: ImportOptions,
): Promise<ImportOutcome> {
  const run = createRun(names, sink, options);
  try {
    for (const [index, name] of names.entries()) {
      const stopped = await run.importFile(index, name, open);
      if (stopped !== undefined) return { summary: run.summary(), stopped };
    }
    return { summary: run.summary(), stopped: undefined };
  } finally {
    await run.close();
  }
}

interface Waiting extends Parcel {
  readonly file: string;
  readonly line: number;
  readonly byte: number;
}

function createRun(names: readonly string[], sink: Sink | undefined, options: ImportOptions) {
  const counter = createCounter();
  const seenRows = createSeen();
  const seenSlugs = createSeen();
  const seenSkus = createSeen();
  const check = createValidation().body(ProductInput);
  const currencies = new Set(Intl.supportedValuesOf('currency'));
  const isCurrency = (code: string) => currencies.has(code);
  const batchMax = options.batchMax ?? defaultBatchMax;
  const inFlight = new Set<Promise<void>>();
  const openGroupers = new Set<Grouper>();
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let lastByte = 0;
  let isStopped = false;
  let failure: { readonly error: unknown } | undefined;
  let reporting: Promise<void> = Promise.resolve();

  function report(entry: ReportEntry): void {
    counter.add(entry);
    if (entry.outcome === 'refused' && options.isStrict) isStopped = true;
    reporting = reporting.then(() => options.report(entry));
    // Whoever waits for the chain hears of it.
    reporting.catch(() => {});
  }

  // --- From rows to products ------------------------------------------------------------------------------------------

  function takeReading(reading: Reading, at: { file: number; feed: OpenFeed; grouper: Grouper }): void {
    const file = names[at.file] as string;
    const { line, byte } = reading;
    if (reading.kind === 'note') {
      report({ file, line, byte, outcome: 'note', detail: reading.detail });
      return;
    }
    counter.rows++;
    // Rows are as long as they are apart.
    waitingBytes += Math.max(0, byte - lastByte);
    lastByte = byte;
    if (reading.kind === 'refused') {
      at.grouper.refused(line);
      report({ file, line, byte, outcome: 'refused', reason: reading.reason, detail: reading.detail });
      return;
    }
    const { mapper, source } = at.feed;
    if (mapper.skipsRepeats) {
      const before = seenRows.first(mapper.contentOf(reading, source.stem), { file: at.file, line });
      if (before !== undefined) {
        report({ file, line, byte, outcome: 'duplicate', detail: `repeats ${placeText(before, at.file)}` });
        return;
      }
    }
    for (const group of at.grouper.push(reading, mapper.groupOf(reading, source.stem))) takeGroup(group, at);
  }

  function takeGroup(group: Group, at: { file: number; feed: OpenFeed }): void {
    if (isStopped) return;
    const file = names[at.file] as string;
    const { line, byte } = group.records[0] as FeedRecord;
    counter.joined += group.rowCount - 1;
    if (group.damage !== undefined) {
      report({ file, line, byte, outcome: 'refused', ...group.damage });
      return;
    }
    const made = at.feed.mapper.toProduct(group.records, at.feed.source.stem);
    if (made.kind === 'skipped') {
      report({ file, line, byte, outcome: 'skipped', detail: made.because });
      return;
    }
    if (made.kind === 'refused') {
      report({ file, line, byte, outcome: 'refused', reason: made.reason, detail: made.detail });
      return;
    }
    const wrong = whatIsWrong(made.product);
    if (wrong !== undefined) {
      report({ file, line, byte, outcome: 'refused', reason: 'value', detail: wrong });
      return;
    }
    const placed = claimKeys(made, { file: at.file, line });
    if (typeof placed === 'string') {
      report({ file, line, byte, outcome: 'refused', reason: 'key-taken', detail: placed });
      return;
    }
    for (const detail of made.notes) report({ file, line, byte, outcome: 'note', detail });
    counter.products++;
    waiting.push({ product: placed, collectionTitles: made.collectionTitles, file, line, byte });
  }

  /** The contract's own judgement, and the catalogue's: what they refuse need not be sent. */
  function whatIsWrong(product: ProductInput): string | undefined {
    const errors = check(product);
    if (errors !== undefined) {
      const [first] = errors;
      return first === undefined ? 'does not fit the format' : `${first.pointer || 'it'} ${first.detail}`;
    }
    // The shop will say so itself; without one, it must be asked here.
    if (sink !== undefined) return undefined;
    const normal = normaliseProduct(product, isCurrency);
    return normal.kind === 'refused' ? normal.reason : undefined;
  }

  /** The product under a slug of its own, or what keeps it from having one. */
  function claimKeys(
    { product, alternatives }: Extract<ReturnType<Mapper['toProduct']>, { kind: 'product' }>,
    place: Place,
  ): ProductInput | string {
    let slug = product.slug;
    let taken = seenSlugs.first(slug, place);
    if (taken !== undefined && alternatives.kind === 'slug') {
      slug = alternatives.slug;
      taken = seenSlugs.first(slug, place);
    }
    for (let number = 2; taken !== undefined && alternatives.kind === 'numbered' && number <= 100_000; number++) {
      slug = slugWith(product.slug, String(number));
      taken = seenSlugs.first(slug, place);
    }
    if (taken !== undefined) return `has the slug ${quoted(slug)}, which ${placeText(taken, place.file)} has already`;
    for (const { sku } of product.variants) {
      const owner = seenSkus.first(sku, place);
      if (owner !== undefined) return `has the SKU ${quoted(sku)}, which ${placeText(owner, place.file)} has already`;
    }
    return slug === product.slug ? product : { ...product, slug };
  }

  function placeText(place: Place, file: number): string {
    return place.file === file
      ? `line ${place.line}`
      : `line ${place.line} of ${sourceText(names[place.file] as string)}`;
  }

  // --- From products to the shop --------------------------------------------------------------------------------------

  function nextBatch(): Waiting[] {
    const batch = waiting.slice(0, batchMax);
    waiting = waiting.slice(batch.length);
    if (waiting.length === 0) waitingBytes = 0;
    return batch;
  }

  async function deliver(batch: readonly Waiting[]): Promise<void> {
    if (sink === undefined) return;
    const delivery = await sink.deliver(batch, { stopAtRefused: options.isStrict });
    count(batch, delivery);
  }

  function count(batch: readonly Waiting[], { results, stockChanged }: Delivery): void {
    counter.stockChanged += stockChanged;
    for (const [index, { outcome, reason, stockRefused }] of results.entries()) {
      const { file, line, byte } = batch[index] as Waiting;
      if (outcome === 'refused') {
        report({ file, line, byte, outcome, reason: 'shop', detail: reason ?? 'was refused by the shop' });
        if (options.isStrict) waiting = [];
      } else if (outcome !== 'left') counter[outcome]++;
      for (const sku of stockRefused) {
        const detail = `the units of SKU ${quoted(sku)} are left as they are: more of them are promised to orders`;
        report({ file, line, byte, outcome: 'note', detail });
      }
    }
  }

  /** Sends what is full (or, at the end, everything), and waits until there is room for more. */
  async function flush(isEnd: boolean): Promise<void> {
    while (waiting.length > 0 && (isEnd || waiting.length >= batchMax || waitingBytes > batchBytesMax)) {
      const delivering: Promise<void> = deliver(nextBatch())
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => inFlight.delete(delivering));
      inFlight.add(delivering);
      // Strictly, what follows a refused row must not be written: so it is known before the next batch begins.
      while (inFlight.size >= (options.isStrict ? 1 : inFlightMax)) await Promise.race(inFlight);
      if (failure !== undefined) throw failure.error;
      if (options.signal?.aborted) break;
    }
    if (isEnd) await landed();
  }

  async function landed(): Promise<void> {
    await Promise.all(inFlight);
    if (failure !== undefined) throw failure.error;
    await reporting;
  }

  // --- One file -------------------------------------------------------------------------------------------------------

  async function importFile(
    file: number,
    name: string,
    open: (name: string) => Promise<OpenFeed>,
  ): Promise<ImportOutcome['stopped']> {
    let feed: OpenFeed;
    try {
      feed = await open(name);
    } catch (error) {
      if (!(error instanceof FeedError)) throw error;
      return { kind: 'unreadable', file: name, detail: error.message, heldRows: 0 };
    }
    const grouper = feed.mapper.rows === 'anywhere' ? groupAnywhere() : groupTogether();
    openGroupers.add(grouper);
    lastByte = 0;
    const at = { file, feed, grouper };
    try {
      for await (const readings of feed.readings) {
        for (const reading of readings) {
          takeReading(reading, at);
          if (isStopped) break;
        }
        options.progress({ file: name, rows: counter.rows, ...feed.source.progress() });
        await grouper.settle();
        await flush(false);
        await reporting;
        if (isStopped) break;
        if (options.signal?.aborted) return interrupted();
      }
    } catch (error) {
      if (options.signal?.aborted) return interrupted();
      if (!(error instanceof FeedError)) throw error;
      // Products whose rows may not all have come are left alone; those that are whole are written.
      await flush(true);
      return { kind: 'unreadable', file: name, detail: error.message, heldRows: grouper.heldRows() };
    }
    if (!isStopped) {
      for await (const group of grouper.end()) {
        takeGroup(group, at);
        await flush(false);
        if (isStopped) break;
        if (options.signal?.aborted) return interrupted();
      }
    }
    await flush(true);
    if (options.signal?.aborted && waiting.length > 0) return interrupted();
    return isStopped ? { kind: 'strict' } : undefined;
  }

  async function interrupted(): Promise<ImportOutcome['stopped']> {
    await landed();
    return { kind: 'interrupted' };
  }

  return {
    importFile,
    summary: () => counter.summary(),
    async close() {
      await Promise.allSettled(inFlight);
      for (const grouper of openGroupers) await grouper.close();
    },
  };
}
