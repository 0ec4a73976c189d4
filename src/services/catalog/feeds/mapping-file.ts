import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { ConfigFault } from '../../../platform/config/config-fault.ts';
import { isCurrency } from '../../../platform/money/currency.ts';
import type {
  AttributeRule,
  AttributeType,
  CollectionRule,
  CollisionRule,
  MappedFormat,
  Mapping,
  PriceRule,
  SkipRule,
} from './mapping.ts';
import { createMappingReader, type MaybeNode, type MappingReader as Reader, valueFields } from './mapping-reader.ts';
import { isWeightUnit, weightUnits } from './measure.ts';
import type { Ref, ValueRule } from './value.ts';

/** Reads a mapping file. Throws a ConfigFault that names every wrong place by line and column. */
export function parseMapping(text: string, file: string): Mapping {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, maxAliasCount: 50 } as object);
  const reader = createMappingReader(file, lines);
  for (const error of document.errors) reader.problem(error.pos[0], error.message.split('\n', 1)[0] ?? 'is not YAML');
  const mapping = document.errors.length > 0 ? undefined : readMapping(document.contents, file, reader);
  const problems = reader.problems();
  if (mapping === undefined || problems.length > 0) {
    throw new ConfigFault(problems.length > 0 ? problems : [`${file}:1:1 the file is empty`]);
  }
  return mapping;
}

const mappingFields = [
  'about',
  'format',
  'delimiter',
  'currency',
  'columns',
  'required',
  'skip',
  'group',
  'withoutPrice',
  'slug',
  'collisions',
  'title',
  'description',
  'vendor',
  'state',
  'collections',
  'media',
  'attributes',
  'sku',
  'barcodes',
  'price',
  'prices',
  'weight',
  'onHand',
  'options',
] as const;

function readMapping(root: MaybeNode, file: string, reader: Reader): Mapping | undefined {
  const fields = reader.fields(root, 'A mapping', mappingFields);
  if (fields === undefined) return undefined;
  for (const name of ['slug', 'title', 'sku'] as const) {
    if (!fields.has(name)) reader.problem(0, `A mapping needs “${name}”`);
  }
  if (fields.has('price') && fields.has('prices'))
    reader.at(fields.get('prices'), 'has “price” beside it: use one of them');

  const columns = readColumns(fields.get('columns'), reader);
  const group = fields.get('group');
  const prices = fields.has('prices')
    ? reader.list(fields.get('prices')).map((node) => readPrice(node, reader))
    : fields.has('price')
      ? [readPrice(fields.get('price'), reader)]
      : [];
  return {
    name: file,
    format: reader.oneOf<MappedFormat>(fields.get('format'), ['csv', 'tsv', 'json', 'jsonl', 'merchant-xml']),
    delimiter: readDelimiter(fields.get('delimiter'), reader),
    currency: readCurrency(fields.get('currency'), reader),
    columns,
    required: reader.list(fields.get('required')).flatMap((node) => reader.ref(node) ?? []),
    skip: reader.list(fields.get('skip')).flatMap((node) => readSkip(node, reader) ?? []),
    group: group && readGroup(group, reader),
    withoutPrice: reader.oneOf(fields.get('withoutPrice'), ['draft', 'published', 'skip'] as const) ?? 'draft',
    slug: reader.value(fields.get('slug')),
    collisions: readCollisions(fields.get('collisions'), reader),
    title: reader.value(fields.get('title')),
    description: reader.maybeValue(fields.get('description')),
    vendor: reader.maybeValue(fields.get('vendor')),
    state: reader.maybeValue(fields.get('state')),
    collections: reader.list(fields.get('collections')).map((node) => readCollection(node, reader)),
    media: reader.list(fields.get('media')).map((node) => readMedia(node, reader)),
    attributes: reader.list(fields.get('attributes')).flatMap((node) => readAttribute(node, reader) ?? []),
    sku: reader.value(fields.get('sku')),
    barcodes: reader.list(fields.get('barcodes')).map((node) => reader.value(node)),
    prices,
    weight: readWeight(fields.get('weight'), reader),
    onHand: reader.maybeValue(fields.get('onHand')),
    options: readOptions(fields.get('options'), reader),
    lookups: reader.lookups,
    usesFile: reader.usesFile(),
    fileRules: reader.fileRules,
    named: reader.named.filter(({ column }) => !columns.some(({ name }) => name === column)),
  };
}

function readColumns(node: MaybeNode, reader: Reader): Mapping['columns'] {
  return reader.entries(node).map(([name, value]) => ({ name, rule: reader.value(value) }));
}

function readOptions(node: MaybeNode, reader: Reader): Mapping['options'] {
  return reader.entries(node).map(([name, value]) => ({ name, value: reader.value(value) }));
}

function readDelimiter(node: MaybeNode, reader: Reader): string | undefined {
  const delimiter = reader.text(node);
  if (delimiter !== undefined && delimiter.length !== 1) reader.at(node, 'must be one character, such as “;”');
  return delimiter;
}

function readCurrency(node: MaybeNode, reader: Reader): string | undefined {
  const currency = reader.text(node);
  if (currency !== undefined && !isCurrency(currency)) reader.at(node, 'must be a currency of ISO 4217, such as USD');
  return currency;
}

function readSkip(node: Node, reader: Reader): SkipRule | undefined {
  const fields = reader.fields(node, 'A skip rule', ['when', 'is', 'because']);
  const when = fields && reader.ref(fields.get('when') ?? node);
  if (fields === undefined || when === undefined) return undefined;
  const is = fields.has('is')
    ? new Set(reader.list(fields.get('is')).map((value) => reader.scalarText(value)))
    : undefined;
  return { when, is, because: reader.text(fields.get('because')) ?? 'a rule of the mapping' };
}

function readGroup(node: Node, reader: Reader): Mapping['group'] {
  if (isScalar(node)) return { by: reader.value(node), rows: 'together' };
  const fields = reader.fields(node, 'A group', ['by', 'rows']);
  const rows = reader.oneOf(fields?.get('rows'), ['together', 'anywhere'] as const) ?? 'together';
  return { by: reader.value(fields?.get('by') ?? node), rows };
}

function readCollisions(node: MaybeNode, reader: Reader): CollisionRule {
  if (!node) return { kind: 'refuse' };
  if (isMap(node)) {
    const append = reader.fields(node, 'Collisions', ['append'])?.get('append');
    const value = append && reader.source(append);
    return value === undefined ? { kind: 'refuse' } : { kind: 'append', value };
  }
  return { kind: reader.oneOf(node, ['refuse', 'number'] as const) ?? 'refuse' };
}

function readCollection(node: Node, reader: Reader): CollectionRule {
  const path = isMap(node) && node.has('path') ? reader.fields(node, 'A collection', ['path'])?.get('path') : undefined;
  if (path === undefined) return { path: [reader.value(node)], isList: true };
  return { path: reader.list(path).map((level) => reader.value(level)), isList: false };
}

function readMedia(node: Node, reader: Reader): Mapping['media'][number] {
  if (!isMap(node)) return { url: reader.value(node), alt: undefined };
  const fields = reader.fields(node, 'Media', [...valueFields, 'alt']);
  return { url: reader.value(node, ['alt']), alt: reader.maybeValue(fields?.get('alt')) };
}

function readAttribute(node: Node, reader: Reader): AttributeRule | undefined {
  if (!isMap(node)) {
    reader.at(node, 'must be a map, such as { name: colour, from: color }');
    return undefined;
  }
  const type = reader.oneOf<AttributeType>(reader.get(node, 'type'), ['auto', 'text', 'number', 'yes-no']) ?? 'auto';
  const asWords = reader.oneOf(reader.get(node, 'names'), ['words', 'asIs'] as const) === 'words';
  if (node.has('prefix')) {
    reader.fields(node, 'Attributes by prefix', ['prefix', 'type', 'names']);
    return { kind: 'prefix', prefix: reader.text(reader.get(node, 'prefix')) ?? '', type, asWords };
  }
  if (node.has('rest')) {
    const fields = reader.fields(node, 'The rest of the attributes', ['rest', 'except', 'type', 'names']);
    reader.flag(fields?.get('rest'));
    const except = new Set(reader.list(fields?.get('except')).map((name) => reader.scalarText(name)));
    return { kind: 'rest', except, type, asWords };
  }
  const own = ['name', 'type', 'range', 'unit', 'to'] as const;
  const fields = reader.fields(node, 'An attribute', [...valueFields, ...own]);
  const name = reader.text(fields?.get('name'));
  if (name === undefined) reader.at(node, 'needs a “name”, a “prefix” or “rest: true”');
  const from = reader.unit(fields?.get('unit'));
  const to = reader.unit(fields?.get('to'));
  if ((from === undefined) !== (to === undefined)) reader.at(node, 'needs both “unit” and “to” for a conversion');
  if (from !== undefined && to !== undefined && isWeightUnit(from) !== isWeightUnit(to)) {
    reader.at(fields?.get('to'), 'measures something else than “unit”');
  }
  const value = reader.value(node, own);
  return {
    kind: 'one',
    name: name ?? '',
    value,
    type,
    isRange: reader.flag(fields?.get('range')),
    unit: from !== undefined && to !== undefined ? { from, to } : undefined,
    refs: value.sources.flatMap(refsOf),
  };
}

function refsOf(source: ValueRule['sources'][number]): Ref[] {
  if (source.kind === 'constant') return [];
  return source.kind === 'template'
    ? source.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.ref]))
    : [source];
}

function readPrice(node: MaybeNode, reader: Reader): PriceRule {
  const own = ['unit', 'decimalComma', 'currency', 'compareAt'] as const;
  const isPlain = !isMap(node);
  const fields = isPlain ? undefined : reader.fields(node, 'A price', [...valueFields, ...own]);
  const currency = fields?.get('currency');
  return {
    value: reader.value(node, isPlain ? [] : own),
    compareAt: reader.maybeValue(fields?.get('compareAt')),
    isMinor: reader.oneOf(fields?.get('unit'), ['decimal', 'minor'] as const) === 'minor',
    decimalComma: reader.flag(fields?.get('decimalComma')),
    currency: isMap(currency) ? reader.value(currency) : readCurrency(currency, reader),
  };
}

function readWeight(node: MaybeNode, reader: Reader): Mapping['weight'] {
  if (!node) return undefined;
  if (!isMap(node)) {
    reader.at(node, `must be a map with a unit (${weightUnits.join(', ')}), such as { from: weight, unit: kg }`);
    return undefined;
  }
  const unitNode = reader.fields(node, 'A weight', [...valueFields, 'unit'])?.get('unit');
  const value = reader.value(node, ['unit']);
  if (isMap(unitNode)) return { value, unit: reader.value(unitNode) };
  const unit = reader.unit(unitNode ?? node);
  if (unit === undefined) return undefined;
  if (isWeightUnit(unit)) return { value, unit };
  reader.at(unitNode, `must be one of ${weightUnits.join(', ')}`);
  return undefined;
}
