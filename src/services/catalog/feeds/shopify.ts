import type { Price, ProductInput, VariantInput } from '../api.ts';
import {
  addAttribute,
  addCollection,
  addMedia,
  barcodesOf,
  beginDraft,
  type Draft,
  finishDraft,
  priceOf,
} from './draft.ts';
import { htmlToText, oneLine } from './html.ts';
import { onHandOf } from './mapped.ts';
import { type MappedProduct, type Mapper, noAlternatives } from './mapper.ts';
import { grams, isWeightUnit, parseDecimal, parseUnit } from './measure.ts';
import { type AmountReader, createAmountReader } from './money.ts';
import { type FeedRecord, quoted, type RefusalReason } from './record.ts';
import { slugify } from './slug.ts';

/** Every column that counts, by the names of the newer and of the older export. */
const columnNames = {
  handle: ['URL handle', 'Handle'],
  title: ['Title'],
  body: ['Description', 'Body (HTML)', 'Body HTML', 'Body'],
  vendor: ['Vendor'],
  category: ['Product category', 'Product Category', 'Custom Product Type'],
  type: ['Type', 'Standard Product Type'],
  tags: ['Tags'],
  published: ['Published on online store', 'Published'],
  status: ['Status'],
  sku: ['SKU', 'Variant SKU'],
  barcode: ['Barcode', 'Variant Barcode'],
  price: ['Price', 'Variant Price'],
  compareAt: ['Compare-at price', 'Variant Compare At Price'],
  tracker: ['Inventory tracker', 'Variant Inventory Tracker'],
  quantity: ['Inventory quantity', 'Variant Inventory Qty'],
  grams: ['Weight value (grams)', 'Variant Grams'],
  weight: ['Variant Weight'],
  weightUnit: ['Variant Weight Unit'],
  image: ['Product image URL', 'Image Src'],
  imageAlt: ['Image alt text', 'Image Alt Text'],
  variantImage: ['Variant image URL', 'Variant Image'],
  giftCard: ['Gift card', 'Gift Card'],
  option1Name: ['Option1 name', 'Option1 Name'],
  option1Value: ['Option1 value', 'Option1 Value'],
  option2Name: ['Option2 name', 'Option2 Name'],
  option2Value: ['Option2 value', 'Option2 Value'],
  option3Name: ['Option3 name', 'Option3 Name'],
  option3Value: ['Option3 value', 'Option3 Value'],
} as const;
type Column = keyof typeof columnNames;

/** Whether these are the columns of a Shopify product export. */
export function isShopify(columns: readonly string[]): boolean {
  const has = (column: Column) => columnNames[column].some((name) => columns.includes(name));
  return has('handle') && has('title') && (has('option1Name') || has('price') || has('body'));
}

/**
 * Shopify's product export: the rows of one product stand together and share its handle. The first says what the product
 * is; each row with option values or a price is a variant; a row with nothing but an image is one more image.
 */
export function createShopifyMapper({ currency }: { currency: string }): Mapper {
  const amounts = createAmountReader();
  return {
    rows: 'together',
    skipsRepeats: false,
    contentOf: (record) => JSON.stringify(record.values),
    groupOf: (record) => read(record, 'handle') || undefined,
    toProduct(records) {
      const problem: Problem = { fault: undefined, notes: [] };
      const made = makeProduct(records, { amounts, currency, problem });
      if (problem.fault === undefined) return made;
      const { reason, detail, line } = problem.fault;
      const where = line === records[0]?.line ? '' : `line ${line}, a row of the same product, `;
      return { kind: 'refused', reason, detail: `${where}${detail}` };
    },
  };
}

interface Problem {
  fault: { reason: RefusalReason; detail: string; line: number } | undefined;
  readonly notes: string[];
}
interface Making {
  readonly amounts: AmountReader;
  readonly currency: string;
  readonly problem: Problem;
}

function read({ values }: FeedRecord, column: Column): string {
  for (const name of columnNames[column]) {
    const value = values[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return '';
}

function makeProduct(records: readonly FeedRecord[], making: Making): MappedProduct {
  const first = records[0] as FeedRecord;
  const handle = read(first, 'handle');
  if (handle === '') return { kind: 'refused', reason: 'missing', detail: 'has no handle' };
  const heading = records.find((record) => read(record, 'title') !== '');
  if (heading === undefined) return { kind: 'refused', reason: 'missing', detail: 'has no title' };
  if (isTrue(read(heading, 'giftCard'))) {
    return { kind: 'refused', reason: 'value', detail: 'is a gift card, which this shop does not sell yet' };
  }
  const draft = beginDraft();
  const optionNames = optionNamesOf(records);
  for (const record of records) {
    addMedia(draft, read(record, 'image'), read(record, 'imageAlt'));
    if (isVariant(record)) addVariant(draft, record, { ...making, handle, optionNames });
  }
  for (const record of records) addMedia(draft, read(record, 'variantImage'), undefined);
  addDetails(draft, heading);
  const product = finishDraft(draft, {
    slug: slugify(handle),
    title: read(heading, 'title'),
    description: htmlToText(read(heading, 'body')),
    vendor: read(heading, 'vendor'),
    state: stateOf(heading),
    optionNames: optionNames.filter((name) => name !== undefined),
  });
  return {
    kind: 'product',
    product,
    collectionTitles: draft.collections,
    alternatives: noAlternatives,
    notes: [...draft.notes, ...making.problem.notes],
  };
}

const optionColumns = [
  ['option1Name', 'option1Value'],
  ['option2Name', 'option2Value'],
  ['option3Name', 'option3Value'],
] as const;

/** What Shopify writes where a product has no options. */
const defaultTitle = 'Default Title';

/** Named in the product's first row only; undefined where the product has no such option. */
function optionNamesOf(records: readonly FeedRecord[]): (string | undefined)[] {
  return optionColumns.map(([nameColumn, valueColumn], index) => {
    const values = records.map((record) => read(record, valueColumn)).filter((value) => value !== '');
    if (values.length === 0 || values.every((value) => value === defaultTitle)) return undefined;
    const name = records.map((record) => read(record, nameColumn)).find((text) => text !== '');
    return oneLine(name ?? `Option ${index + 1}`).slice(0, 60);
  });
}

function isVariant(record: FeedRecord): boolean {
  return (['option1Value', 'price', 'sku'] as const).some((column) => read(record, column) !== '');
}

function addVariant(
  draft: Draft,
  record: FeedRecord,
  making: Making & { readonly handle: string; readonly optionNames: readonly (string | undefined)[] },
): void {
  const options: Record<string, string> = {};
  for (const [index, [, valueColumn]] of optionColumns.entries()) {
    const [name, value] = [making.optionNames[index], oneLine(read(record, valueColumn))];
    if (name !== undefined && value !== '') options[name] = value.slice(0, 120);
  }
  // Shopify lets a variant go without a SKU. Its options tell it from its siblings as long as the product is the same.
  const given = read(record, 'sku').replace(/^'/, '');
  const sku =
    given !== '' ? oneLine(given) : [making.handle, ...Object.values(options)].map(slugify).join('-').slice(0, 100);
  if (draft.variants.some((variant) => variant.sku === sku)) {
    refuse(making, record, 'key-taken', `has the SKU ${quoted(sku)}, which another variant of the product has`);
    return;
  }
  const weightGrams = weightOf(record, making);
  const onHand = quantityOf(record, making);
  const barcodes = barcodesOf([read(record, 'barcode')], draft);
  const variant: VariantInput = {
    sku,
    ...(Object.keys(options).length > 0 && { options }),
    ...(barcodes.length > 0 && { barcodes }),
    prices: pricesOf(record, making),
    ...(weightGrams !== undefined && { weightGrams }),
    ...(onHand !== undefined && { onHand }),
  };
  draft.variants.push(variant);
}

function pricesOf(record: FeedRecord, making: Making): Price[] {
  const text = read(record, 'price').replace(/^'/, '');
  if (text === '') return [];
  const amount = making.amounts.read(text, making.currency);
  if (amount.kind === 'wrong') return refuse(making, record, 'value', amount.detail) ?? [];
  const before = read(record, 'compareAt').replace(/^'/, '');
  if (before === '') return [{ currency: making.currency, amountMinor: amount.amountMinor }];
  const compareAt = making.amounts.read(before, making.currency);
  if (compareAt.kind === 'wrong') return refuse(making, record, 'value', compareAt.detail) ?? [];
  return [priceOf(making.currency, amount.amountMinor, compareAt.amountMinor)];
}

/** Grams, whatever unit is shown to people; some exporters fill in weight and unit only. */
function weightOf(record: FeedRecord, making: Making): number | undefined {
  const inGrams = read(record, 'grams');
  const text = inGrams || read(record, 'weight');
  if (text === '') return undefined;
  const amount = parseDecimal(text);
  const unit = inGrams === '' ? parseUnit(read(record, 'weightUnit') || 'g') : 'g';
  if (amount === undefined || amount < 0 || unit === undefined || !isWeightUnit(unit)) {
    return refuse(making, record, 'value', `has ${quoted(text)} where a weight is expected`);
  }
  return grams(amount, unit);
}

/** Counted only where Shopify counts: without a tracker its quantity means nothing. */
function quantityOf(record: FeedRecord, making: Making): number | undefined {
  const text = read(record, 'quantity').replace(/^'/, '');
  const hasTracker = columnNames.tracker.some((name) => name in record.values);
  if (text === '' || (hasTracker && read(record, 'tracker') === '')) return undefined;
  const found: { fault: { reason: RefusalReason; detail: string } | undefined; notes: string[] } = {
    fault: undefined,
    notes: making.problem.notes,
  };
  const onHand = onHandOf(text, found);
  if (found.fault !== undefined) refuse(making, record, found.fault.reason, found.fault.detail);
  return onHand;
}

function addDetails(draft: Draft, heading: FeedRecord): void {
  const levels = (read(heading, 'category') || read(heading, 'type')).split('>');
  addCollection(draft, levels);
  const details = [
    ['type', read(heading, 'type')],
    ['tags', read(heading, 'tags')],
  ] as const;
  for (const [name, text] of details) if (text !== '') addAttribute(draft, name, text);
  // Metafields have a column each: `Color (product.metafields.shopify.color-pattern)`.
  for (const [column, value] of Object.entries(heading.values)) {
    const name = /^(.+) \(product\.metafields\.[^()]+\)$/.exec(column)?.[1];
    if (name !== undefined && typeof value === 'string' && value.trim() !== '')
      addAttribute(draft, name, htmlToText(value));
  }
}

function stateOf(heading: FeedRecord): NonNullable<ProductInput['state']> {
  const status = read(heading, 'status').toLowerCase();
  if (status === 'archived' || status === 'draft') return status;
  const published = read(heading, 'published');
  return published !== '' && !isTrue(published) ? 'draft' : 'published';
}

function isTrue(text: string): boolean {
  return /^(true|yes|1)$/i.test(text);
}

function refuse({ problem }: Making, record: FeedRecord, reason: RefusalReason, detail: string): undefined {
  problem.fault ??= { reason, detail, line: record.line };
  return undefined;
}
