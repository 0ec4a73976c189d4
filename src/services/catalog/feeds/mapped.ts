import { isDeepStrictEqual } from 'node:util';
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
import { type Alternatives, type MappedProduct, type Mapper, noAlternatives } from './mapper.ts';
import type { AttributeRule, AttributeType, Mapping, PriceRule } from './mapping.ts';
import { convert, grams, isWeightUnit, parseDecimal, parseUnit } from './measure.ts';
import { type AmountReader, createAmountReader } from './money.ts';
import { FeedError, type FeedRecord, quoted } from './record.ts';
import { slugify, slugWith } from './slug.ts';
import {
  beginRow,
  evaluate,
  evaluateList,
  evaluateText,
  plainRule,
  type Ref,
  type Row,
  readRef,
  refine,
  refName,
  refuseRow,
  type Scalar,
  type ValueRule,
  words,
} from './value.ts';

/** Rows become products as a mapping file says. */
export function createMappedMapper(mapping: Mapping, { currency }: { currency: string }): Mapper {
  const amounts = createAmountReader();
  const context: MapContext = { amounts, currency, consumed: consumedColumns(mapping.attributes), names: nameKeeper() };
  const { group } = mapping;
  let last: { readonly record: FeedRecord; readonly content: string } | undefined;

  function contentOf(record: FeedRecord, file: string): string {
    // Asked for once to know repetitions by and again for the row's hash.
    if (last?.record === record) return last.content;
    const values = JSON.stringify(record.values);
    // The same row in another file is another product where the file's name is part of what it says.
    const content = mapping.usesFile ? `${file}\n${values}` : values;
    last = { record, content };
    return content;
  }

  function begin(record: FeedRecord, file: string): Row {
    const row = beginRow(record, file, () => contentOf(record, file));
    for (const { name, rule } of mapping.columns) row.computed.set(name, evaluate(rule, row));
    return row;
  }

  return {
    rows: group?.rows ?? 'together',
    skipsRepeats: true,
    contentOf,
    groupOf(record, file) {
      return group === undefined ? undefined : evaluateText(group.by, begin(record, file));
    },
    checkColumns(columns) {
      const missing = mapping.named.find(({ column }) => !columns.includes(column));
      if (missing === undefined) return;
      throw new FeedError(
        `${mapping.name}:${missing.line} names the column ${quoted(missing.column)}, which the file lacks. It has: ${columns
          .map((name) => quoted(name))
          .join(', ')}.`,
      );
    },
    checkFile({ name, stem }) {
      const nowhere: FeedRecord = { kind: 'record', line: 0, byte: 0, values: {} };
      for (const { rule, line } of mapping.fileRules) {
        const row = beginRow(nowhere, stem, () => '');
        evaluate(rule, row);
        if (row.fault === undefined) continue;
        const it = name === '-' ? 'standard input has none' : `it does not know ${quoted(stem)}`;
        throw new FeedError(
          `${mapping.name}:${line} tells by the file's name what its rows are, and ${it}. Give a file of one of these names: ${namesText([...(rule.map?.keys() ?? [])])}.`,
        );
      }
    },
    toProduct(records, file) {
      const rows: Row[] = [];
      let because: string | undefined;
      for (const record of records) {
        const row = begin(record, file);
        const skipped = skipReason(mapping, row);
        if (skipped !== undefined) because = skipped;
        else rows.push(row);
      }
      const [first] = rows;
      if (first === undefined) return { kind: 'skipped', because: because ?? 'a rule of the mapping' };
      const made = makeProduct(mapping, rows, first, context);
      const faulty = rows.find((row) => row.fault !== undefined);
      if (faulty?.fault !== undefined) {
        const { reason, detail } = faulty.fault;
        const where = faulty === first ? '' : `line ${faulty.record.line}, a row of the same product, `;
        return { kind: 'refused', reason, detail: `${where}${detail}` };
      }
      return made;
    },
  };
}

const namesShownMax = 40;

function namesText(names: readonly string[]): string {
  return names.slice(0, namesShownMax).join(', ') + (names.length > namesShownMax ? ', …' : '');
}

interface MapContext {
  readonly amounts: AmountReader;
  readonly currency: string;
  readonly consumed: ReadonlySet<string>;
  /** The name of the attribute that a column becomes. */
  readonly names: (column: string, prefix: string, asWords: boolean) => string;
}

/** Feeds have thousands of columns and millions of values: each name is worked out once. */
function nameKeeper(): MapContext['names'] {
  const names = new Map<string, string>();
  return (column, prefix, asWords) => {
    const known = names.get(column);
    if (known !== undefined) return known;
    const bare = column.slice(prefix.length);
    const name = asWords ? words(bare) : bare;
    // A hostile feed has a new column in every row.
    if (names.size < 20_000) names.set(column, name);
    return name;
  };
}

function skipReason(mapping: Mapping, row: Row): string | undefined {
  return mapping.skip.find(({ when, is }) => {
    const found = readRef(when, row);
    const text = found === undefined || found === null ? '' : String(found).trim();
    return is === undefined ? text === '' : is.has(text);
  })?.because;
}

function makeProduct(mapping: Mapping, rows: readonly Row[], first: Row, context: MapContext): MappedProduct {
  for (const row of rows) {
    const missing = mapping.required.find((ref) => isEmpty(readRef(ref, row)));
    if (missing !== undefined) refuseRow(row, 'missing', `has no ${quoted(refName(missing))}, which is required`);
  }
  const draft = beginDraft();
  for (const row of rows) addRow(mapping, draft, row, context);

  const hasPrice = draft.variants.some(({ prices }) => prices.length > 0);
  if (!hasPrice && mapping.withoutPrice === 'skip') return { kind: 'skipped', because: 'no price' };
  const slug = slugify(requiredText(mapping.slug, first, 'slug') ?? '');
  if (slug === '') refuseRow(first, 'value', 'has no letter or digit to make a slug of');
  const product = finishDraft(draft, {
    slug,
    title: requiredText(mapping.title, first, 'title') ?? '',
    description: mapping.description && evaluateText(mapping.description, first),
    vendor: mapping.vendor && evaluateText(mapping.vendor, first),
    state: hasPrice || mapping.withoutPrice !== 'draft' ? stateOf(mapping, first) : 'draft',
    optionNames: mapping.options
      .map(({ name }) => name)
      .filter((name) => draft.variants.some(({ options }) => options !== undefined && Object.hasOwn(options, name))),
  });
  return {
    kind: 'product',
    product,
    collectionTitles: draft.collections,
    alternatives: alternativesOf(mapping, first, slug),
    notes: [...draft.notes, ...rows.flatMap(({ notes }) => notes)],
  };
}

function requiredText(rule: ValueRule, row: Row, what: string): string | undefined {
  return evaluateText(rule, row) ?? refuseRow(row, 'missing', `has nothing to make the ${what} of`);
}

function stateOf(mapping: Mapping, row: Row): NonNullable<ProductInput['state']> {
  const state = mapping.state && evaluateText(mapping.state, row);
  if (state === undefined) return 'published';
  if (state === 'draft' || state === 'published' || state === 'archived') return state;
  refuseRow(row, 'value', `has the state ${quoted(state)}, which is none of draft, published, archived`);
  return 'draft';
}

function alternativesOf({ collisions }: Mapping, row: Row, slug: string): Alternatives {
  if (collisions.kind === 'number') return { kind: 'numbered' };
  if (collisions.kind === 'refuse' || slug === '') return noAlternatives;
  const rule: ValueRule = { ...plainRule, sources: [collisions.value] };
  const ending = slugify(evaluateText(rule, row) ?? '');
  return ending === '' ? noAlternatives : { kind: 'slug', slug: slugWith(slug, ending) };
}

function addRow(mapping: Mapping, draft: Draft, row: Row, context: MapContext): void {
  for (const { url, alt } of mapping.media) {
    const text = alt && evaluateText(alt, row);
    for (const value of evaluateList(url, row)) addMedia(draft, String(value), text);
  }
  for (const { path, isList } of mapping.collections) {
    const titles = path.flatMap((level) => evaluateList(level, row).map(String));
    if (isList) for (const title of titles) addCollection(draft, [title]);
    else addCollection(draft, titles);
  }
  for (const rule of mapping.attributes) addAttributes(rule, draft, row, context);

  const variant = makeVariant(mapping, draft, row, context);
  if (variant === undefined) return;
  const same = draft.variants.find(({ sku }) => sku === variant.sku);
  if (same === undefined) draft.variants.push(variant);
  else if (!isDeepStrictEqual(same, variant)) {
    row.notes.push(
      `line ${row.record.line} repeats the SKU ${quoted(variant.sku)} with other values; the first are taken`,
    );
  }
}

function makeVariant(mapping: Mapping, draft: Draft, row: Row, context: MapContext): VariantInput | undefined {
  const sku = requiredText(mapping.sku, row, 'SKU');
  if (sku === undefined) return undefined;
  const options = Object.fromEntries(
    mapping.options.flatMap(({ name, value }) => {
      const text = evaluateText(value, row);
      return text === undefined ? [] : [[name, text]];
    }),
  );
  const barcodes = barcodesOf(
    mapping.barcodes.flatMap((rule) => evaluateList(rule, row)),
    draft,
  );
  const weightGrams = weightOf(mapping, row);
  const onHand = mapping.onHand && onHandOf(evaluate(mapping.onHand, row), row);
  return {
    sku,
    ...(Object.keys(options).length > 0 && { options }),
    ...(barcodes.length > 0 && { barcodes }),
    prices: mapping.prices.flatMap((rule) => pricesOf(rule, row, context) ?? []),
    ...(weightGrams !== undefined && { weightGrams }),
    ...(onHand !== undefined && { onHand }),
  };
}

function pricesOf(rule: PriceRule, row: Row, { amounts, currency }: MapContext): Price | undefined {
  const value = oneScalar(rule.value, row);
  if (value === undefined) return undefined;
  const own = typeof rule.currency === 'object' ? evaluateText(rule.currency, row)?.toUpperCase() : rule.currency;
  const priced = own ?? currency;
  const amount = amounts.read(value, priced, rule);
  if (amount.kind === 'wrong') return refuseRow(row, 'value', amount.detail);
  const before = rule.compareAt && oneScalar(rule.compareAt, row);
  if (before === undefined) return { currency: priced, amountMinor: amount.amountMinor };
  const compareAt = amounts.read(before, priced, rule);
  if (compareAt.kind === 'wrong') return refuseRow(row, 'value', compareAt.detail);
  return priceOf(priced, amount.amountMinor, compareAt.amountMinor);
}

function weightOf({ weight }: Mapping, row: Row): number | undefined {
  if (weight === undefined) return undefined;
  const amount = numberOf(oneScalar(weight.value, row), row, 'weight');
  if (amount === undefined) return undefined;
  const written = typeof weight.unit === 'string' ? weight.unit : (evaluateText(weight.unit, row) ?? '');
  const unit = parseUnit(written);
  if (unit === undefined || !isWeightUnit(unit)) {
    return refuseRow(row, 'value', `has ${quoted(written)} where a unit of weight is expected`);
  }
  if (amount < 0) return refuseRow(row, 'value', `has the negative weight ${amount}`);
  return grams(amount, unit);
}

/** Shops count below nothing when they oversell; here there is nothing then. */
export function onHandOf(value: ReturnType<typeof evaluate>, row: Pick<Row, 'fault' | 'notes'>): number | undefined {
  if (value === undefined) return undefined;
  const count = typeof value === 'object' ? undefined : parseDecimal(String(value));
  if (count === undefined || !Number.isInteger(count)) {
    row.fault ??= { reason: 'value', detail: `has ${quoted(String(value))} where a number of units is expected` };
    return undefined;
  }
  if (count < 0) row.notes.push(`counts ${count} units, taken as none`);
  return Math.max(0, count);
}

function oneScalar(rule: ValueRule, row: Row): Scalar | undefined {
  const value = evaluate(rule, row);
  if (typeof value !== 'object') return value;
  return refuseRow(row, 'value', 'has a list where one value is expected');
}

function numberOf(value: Scalar | undefined, row: Row, what: string): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  const number = parseDecimal(String(value));
  return number ?? refuseRow(row, 'value', `has ${quoted(String(value))} where a ${what} is expected`);
}

// --- Attributes -------------------------------------------------------------------------------------------------------

function consumedColumns(rules: readonly AttributeRule[]): ReadonlySet<string> {
  return new Set(rules.flatMap((rule) => (rule.kind === 'one' ? rule.refs.map(columnOf) : [])));
}

/** The column that a reference reads from: `/speed/0` is the column `speed`. */
function columnOf(ref: Ref): string {
  if (ref.kind === 'pointer') return ref.path[0] ?? '';
  return ref.kind === 'column' ? ref.name : '';
}

function addAttributes(rule: AttributeRule, draft: Draft, row: Row, { consumed, names }: MapContext): void {
  if (rule.kind === 'one') {
    addOne(rule, draft, row);
    return;
  }
  const prefix = rule.kind === 'prefix' ? rule.prefix : '';
  for (const column of Object.keys(row.record.values)) {
    if (rule.kind === 'prefix' ? !column.startsWith(prefix) : consumed.has(column) || rule.except.has(column)) continue;
    const found = refine(plainRule, row.record.values[column], row);
    if (found === undefined) continue;
    const value = typed(typeof found === 'object' ? found.join(', ') : found, rule.type, row, column);
    if (value !== undefined) put(draft, names(column, prefix, rule.asWords), value, rule.type);
  }
}

function addOne(rule: Extract<AttributeRule, { kind: 'one' }>, draft: Draft, row: Row): void {
  const found = evaluate(rule.value, row);
  if (found === undefined) return;
  if (rule.isRange) {
    const ends = typeof found === 'object' ? [found[0], found.at(-1)] : [found, found];
    for (const [index, end] of ends.entries()) {
      const value = end === undefined ? undefined : typed(end, 'number', row, rule.name);
      if (value !== undefined)
        put(draft, `${rule.name} ${index === 0 ? 'min' : 'max'}`, converted(value, rule), 'number');
    }
    return;
  }
  const type = rule.unit === undefined ? rule.type : 'number';
  const value = typed(typeof found === 'object' ? found.join(', ') : found, type, row, rule.name);
  if (value !== undefined) put(draft, rule.name, converted(value, rule), type);
}

function converted(value: Scalar, { unit }: Extract<AttributeRule, { kind: 'one' }>): Scalar {
  return unit === undefined || typeof value !== 'number' ? value : (convert(value, unit.from, unit.to) ?? value);
}

/** Where two columns come down to one name (`attr_t_size`, `attr_n_size`), the later one says what it is. */
function put(draft: Draft, name: string, value: Scalar, type: AttributeType): void {
  if (!addAttribute(draft, name, value)) addAttribute(draft, `${name} (${type})`, value);
}

function typed(value: Scalar, type: AttributeType, row: Row, name: string): Scalar | undefined {
  switch (type) {
    case 'text':
      return String(value);
    case 'number':
      return numberOf(value, row, `number for ${quoted(name)}`);
    case 'yes-no':
      return (
        yesNo(value) ??
        refuseRow(row, 'value', `has ${quoted(String(value))} where yes or no is expected for ${quoted(name)}`)
      );
    case 'auto':
      return typeof value === 'string' ? automatic(value) : value;
  }
}

const yes = new Set(['true', 'yes', 'y', '1', 'on']);
const no = new Set(['false', 'no', 'n', '0', 'off']);

function yesNo(value: Scalar): boolean | undefined {
  const word = String(value).toLowerCase();
  return yes.has(word) ? true : no.has(word) ? false : undefined;
}

/** What can only be a number is one; `007`, `1e5` and `1,234` may be names and stay text. */
function automatic(text: string): Scalar {
  if (text.length <= 15 && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) return Number(text);
  if (text === 'TRUE' || text === 'true') return true;
  return text === 'FALSE' || text === 'false' ? false : text;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}
