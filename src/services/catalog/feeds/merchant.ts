import type { Price, VariantInput } from '../api.ts';
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

/** `g:image_link`, `Image Link` and `image_link` are one attribute: Google takes them all. */
export function attributeName(column: string): string {
  return column.trim().toLowerCase().replace(/^g:/, '').replace(/[ -]+/g, '_');
}

/** Whether these are the columns of a Google Merchant feed: what Google requires of every product. */
export function isMerchant(columns: readonly string[]): boolean {
  const names = new Set(columns.map(attributeName));
  return (
    ['id', 'title', 'link', 'price'].every((name) => names.has(name)) &&
    (names.has('availability') || names.has('image_link'))
  );
}

/** What varies between the items of one group, in the order in which a shop shows them. */
const optionAttributes = [
  'color',
  'size',
  'material',
  'pattern',
  'age_group',
  'gender',
  'size_type',
  'size_system',
] as const;
/** Facts worth showing, beside the options. */
const detailAttributes = [
  'condition',
  'mpn',
  'is_bundle',
  'multipack',
  'energy_efficiency_class',
  'unit_pricing_measure',
  'adult',
  'google_product_category',
  'custom_label_0',
  'custom_label_1',
  'custom_label_2',
  'custom_label_3',
  'custom_label_4',
] as const;

/**
 * A Google Merchant feed: an item a row, the variants of one product joined by `item_group_id`, which may stand anywhere.
 * The slug comes from the id (or the group's): titles change, ids do not.
 */
export function createMerchantMapper({ currency, nowMs }: { currency: string; nowMs: number }): Mapper {
  const amounts = createAmountReader();
  return {
    rows: 'anywhere',
    skipsRepeats: true,
    contentOf: (record) => JSON.stringify(record.values),
    groupOf: (record) => itemOf(record).text('item_group_id') || undefined,
    toProduct(records) {
      const items = records.map(itemOf);
      const made = makeProduct(items, { amounts, currency, nowMs });
      const faulty = items.find((item) => item.fault !== undefined);
      if (faulty?.fault === undefined) return made;
      const where = faulty === items[0] ? '' : `line ${faulty.line}, an item of the same group, `;
      return { kind: 'refused', reason: faulty.fault.reason, detail: `${where}${faulty.fault.detail}` };
    },
  };
}

interface Item {
  readonly line: number;
  /** The attribute as one text, or empty. */
  text(name: string): string;
  all(name: string): readonly string[];
  objects(name: string): readonly Record<string, string>[];
  fault: { reason: RefusalReason; detail: string } | undefined;
  readonly notes: string[];
}

function itemOf(record: FeedRecord): Item {
  const values = new Map(Object.entries(record.values).map(([name, value]) => [attributeName(name), value]));
  const list = (name: string): unknown[] => {
    const value = values.get(name);
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  };
  const all = (name: string) =>
    list(name).flatMap((value) => (typeof value === 'string' && value.trim() !== '' ? [value.trim()] : []));
  return {
    line: record.line,
    all,
    text: (name) => all(name)[0] ?? '',
    objects: (name) =>
      list(name).filter((value): value is Record<string, string> => typeof value === 'object' && value !== null),
    fault: undefined,
    notes: [],
  };
}

interface Making {
  readonly amounts: AmountReader;
  readonly currency: string;
  readonly nowMs: number;
}

function makeProduct(items: readonly Item[], making: Making): MappedProduct {
  const first = items[0] as Item;
  const key = first.text('item_group_id') || first.text('id');
  if (key === '') return { kind: 'refused', reason: 'missing', detail: 'has no id' };
  if (first.text('title') === '') return { kind: 'refused', reason: 'missing', detail: 'has no title' };

  const draft = beginDraft();
  const optionNames = items.length === 1 ? [] : varyingOptions(items);
  for (const item of items) {
    for (const url of [item.text('image_link'), ...imageLinks(item)]) addMedia(draft, url, undefined);
    addVariant(draft, item, optionNames, making);
    // `Home > Women > Dresses`, the shop's own tree; Google's taxonomy only where it is written out.
    const types = item.all('product_type').map(decoded);
    const taxonomy = decoded(item.text('google_product_category'));
    for (const type of types) addCollection(draft, type.split('>'));
    if (types.length === 0 && taxonomy.includes('>')) addCollection(draft, taxonomy.split('>'));
  }
  addDetails(draft, first, optionNames);
  const slug = slugify(key);
  if (slug === '')
    return { kind: 'refused', reason: 'value', detail: `has the id ${quoted(key)}, of which no slug can be made` };
  return {
    kind: 'product',
    product: finishDraft(draft, {
      slug,
      title: decoded(first.text('title')),
      description: htmlToText(first.text('description')),
      vendor: decoded(first.text('brand')),
      state: 'published',
      optionNames,
    }),
    collectionTitles: draft.collections,
    alternatives: noAlternatives,
    notes: [...draft.notes, ...items.flatMap(({ notes }) => notes)],
  };
}

/** TSV feeds write several images into one field, separated by commas. */
function imageLinks(item: Item): string[] {
  return item.all('additional_image_link').flatMap((text) => text.split(/,(?=\s*https?:)/));
}

/** Options in which the items differ; if they differ in none, those that they have. */
function varyingOptions(items: readonly Item[]): string[] {
  const used = optionAttributes.filter((name) => items.some((item) => item.text(name) !== ''));
  const varying = used.filter((name) => new Set(items.map((item) => item.text(name))).size > 1);
  return (varying.length > 0 ? varying : used).slice(0, 5).map((name) => name.replaceAll('_', ' '));
}

function addVariant(draft: Draft, item: Item, optionNames: readonly string[], making: Making): void {
  const sku = oneLine(item.text('id'));
  if (sku === '') {
    item.fault ??= { reason: 'missing', detail: 'has no id' };
    return;
  }
  if (draft.variants.some((variant) => variant.sku === sku)) {
    item.fault ??= { reason: 'key-taken', detail: `has the id ${quoted(sku)}, which another item of its group has` };
    return;
  }
  const options = Object.fromEntries(
    optionNames.flatMap((name) => {
      const value = decoded(item.text(name.replaceAll(' ', '_')));
      return value === '' ? [] : [[name, value.slice(0, 120)]];
    }),
  );
  const barcodes = barcodesOf(
    item.all('gtin').flatMap((text) => text.split(',')),
    draft,
  );
  const weightGrams = weightOf(item);
  const onHand = unitsOf(item);
  const variant: VariantInput = {
    sku,
    ...(Object.keys(options).length > 0 && { options }),
    ...(barcodes.length > 0 && { barcodes }),
    prices: pricesOf(item, making),
    ...(weightGrams !== undefined && { weightGrams }),
    ...(onHand !== undefined && { onHand }),
  };
  draft.variants.push(variant);
}

/** The sale price counts while its dates say so; the price is struck out beside it then. */
function pricesOf(item: Item, making: Making): Price[] {
  const price = amountOf(item, 'price', making);
  if (price === undefined) return [];
  const sale = isOnSale(item.text('sale_price_effective_date'), making.nowMs)
    ? amountOf(item, 'sale_price', making)
    : undefined;
  if (sale === undefined || sale.currency !== price.currency)
    return [priceOf(price.currency, price.amountMinor, undefined)];
  return [priceOf(price.currency, sale.amountMinor, price.amountMinor)];
}

function amountOf(item: Item, name: string, { amounts, currency }: Making) {
  const text = item.text(name);
  if (text === '') return undefined;
  const written = /(?:^|[\s\d])([A-Z]{3})$|^([A-Z]{3})(?=[\s\d])/.exec(text);
  const own = written?.[1] ?? written?.[2] ?? currency;
  const amount = amounts.read(text, own);
  if (amount.kind === 'amount') return { currency: own, amountMinor: amount.amountMinor };
  item.fault ??= { reason: 'value', detail: amount.detail };
  return undefined;
}

/** `2026-11-27T00:00+0100/2026-11-30T23:59+0100`. Without dates the sale price always counts. */
function isOnSale(dates: string, nowMs: number): boolean {
  const [from, to] = dates.split('/').map((date) => Date.parse(date.trim().replace(/([+-]\d\d)(\d\d)$/, '$1:$2')));
  if (from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to)) return true;
  return from <= nowMs && nowMs <= to;
}

function weightOf(item: Item): number | undefined {
  const text = item.text('shipping_weight') || item.text('product_weight');
  if (text === '') return undefined;
  const [, amount, word] = /^([\d.,]+)\s*([a-zA-Z]+)$/.exec(text) ?? [];
  const [number, unit] = [parseDecimal(amount ?? ''), parseUnit(word ?? '')];
  if (number !== undefined && unit !== undefined && isWeightUnit(unit)) return grams(number, unit);
  item.notes.push(`the weight ${quoted(text)} is left out: it is not a number and a unit`);
  return undefined;
}

/** Merchant feeds count units only here and there; that something is sold out, they always say. */
function unitsOf(item: Item): number | undefined {
  const availability = attributeName(item.text('availability'));
  if (availability === 'out_of_stock') return 0;
  return onHandOf(item.text('quantity') || item.text('sell_on_google_quantity') || undefined, item);
}

function addDetails(draft: Draft, item: Item, optionNames: readonly string[]): void {
  for (const name of [...optionAttributes, ...detailAttributes]) {
    const text = decoded(item.text(name));
    if (text !== '' && !optionNames.includes(name.replaceAll('_', ' ')))
      addAttribute(draft, name.replaceAll('_', ' '), text);
  }
  for (const { attribute_name: name, attribute_value: value } of item.objects('product_detail')) {
    if (name && value) addAttribute(draft, decoded(name), decoded(value));
  }
  // In TSV: `Section:Name:Value`, several separated by commas.
  for (const detail of item.all('product_detail').flatMap((text) => text.split(','))) {
    const [, name, value] = /^[^:]*:([^:]+):(.+)$/.exec(detail.trim()) ?? [];
    if (name && value) addAttribute(draft, name, value);
  }
  for (const text of item.all('product_highlight').slice(0, 10)) addHighlight(draft, decoded(text));
}

function addHighlight(draft: Draft, text: string): void {
  for (let index = 1; index <= 10; index++) if (addAttribute(draft, `highlight ${index}`, text)) return;
}

function decoded(text: string): string {
  return oneLine(htmlToText(text));
}
