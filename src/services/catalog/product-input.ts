import { hash } from 'node:crypto';
import type { Media, Price, ProductInput, ProductTranslation, Product as ProductView } from './api.ts';
import { collectionDepthMax, isCollectionPath } from './collection-path.ts';
import { canonicalTranslations } from './language-tag.ts';

/** The one form of all inputs that mean the same: defaults filled in, sets sorted, repetitions dropped. */
export interface NormalProduct {
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly vendor: string | undefined;
  readonly state: ProductView['state'];
  readonly collections: readonly string[];
  readonly optionNames: readonly string[];
  readonly media: readonly Media[];
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly variants: readonly NormalVariant[];
  /** By canonical language tag, sorted; undefined where there are none. */
  readonly translations: Readonly<Record<string, ProductTranslation>> | undefined;
}

export interface NormalVariant {
  readonly sku: string;
  /** In the order of the product's option names. */
  readonly options: Readonly<Record<string, string>>;
  readonly barcodes: readonly string[];
  /** One per currency, sorted by it. */
  readonly prices: readonly Price[];
  readonly weightGrams: number | undefined;
}

export type Normalised =
  | { readonly kind: 'normal'; readonly product: NormalProduct; readonly contentHash: Buffer }
  | { readonly kind: 'refused'; readonly reason: string };

const optionNamesMax = 5;

/**
 * Normalises what the schema lets through, and refuses what would mean two things at once, or what PostgreSQL cannot
 * store. Stock (`onHand`) is not the catalogue's.
 */
export function normaliseProduct(input: ProductInput, isCurrency: (code: string) => boolean): Normalised {
  const reason = reasonToRefuse(input, isCurrency);
  if (reason !== undefined) return refused(reason);

  const optionNames = [
    ...new Set([
      ...(input.optionNames ?? []),
      ...input.variants.flatMap((variant) => Object.keys(variant.options ?? {})),
    ]),
  ];
  if (optionNames.includes('')) return refused('One of its options has no name.');
  if (optionNames.length > optionNamesMax) {
    return refused(`Its variants have ${optionNames.length} options; ${optionNamesMax} are possible.`);
  }
  const translations = canonicalTranslations(input.translations ?? {});
  if (translations.kind === 'refused') return refused(translations.reason);
  const product: NormalProduct = {
    slug: input.slug,
    title: input.title,
    description: input.description ?? '',
    vendor: input.vendor === '' ? undefined : input.vendor,
    state: input.state ?? 'published',
    collections: [...new Set(input.collections)].sort(),
    optionNames,
    media: (input.media ?? []).map(normaliseMedia),
    attributes: { ...input.attributes },
    variants: input.variants.map((variant) => normaliseVariant(variant, optionNames)),
    translations: normaliseTranslations(translations.byTag),
  };
  const json = JSON.stringify(product);
  if (maybeUnstorable.test(json)) {
    const badText = textsOf(input).find(([, text]) => !isStorable(text));
    if (badText) return refused(`Its ${badText[0]} holds a control character or half of a character; remove it.`);
  }
  return { kind: 'normal', product, contentHash: contentHash(json) };
}

function refused(reason: string): Normalised {
  return { kind: 'refused', reason };
}

function normaliseVariant(variant: ProductInput['variants'][number], optionNames: readonly string[]): NormalVariant {
  const options = new Map(Object.entries(variant.options ?? {}));
  return {
    sku: variant.sku,
    options: Object.fromEntries(
      optionNames.flatMap((name) => {
        const value = options.get(name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    barcodes: [...new Set(variant.barcodes)].filter((barcode) => barcode !== ''),
    prices: variant.prices
      .map(({ currency, amountMinor, compareAtMinor }) =>
        compareAtMinor === undefined ? { currency, amountMinor } : { currency, amountMinor, compareAtMinor },
      )
      .sort((one, other) => (one.currency < other.currency ? -1 : 1)),
    weightGrams: variant.weightGrams,
  };
}

export function normaliseMedia({ url, alt, width, height }: Media): Media {
  return { url, ...(alt && { alt }), ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
}

/** Without what says nothing: blank titles, empty texts, empty lists. */
function normaliseTranslations(given: Readonly<Record<string, ProductTranslation>>): NormalProduct['translations'] {
  const telling = Object.entries(given).flatMap(([tag, { title, description, attributes, options }]) => {
    const translated = Object.entries(options ?? {}).filter(([, translation]) => translation !== '');
    const translation: ProductTranslation = {
      ...(title?.trim() && { title }),
      ...(description && { description }),
      ...(Object.keys(attributes ?? {}).length > 0 && { attributes: { ...attributes } }),
      ...(translated.length > 0 && { options: Object.fromEntries(translated) }),
    };
    return Object.keys(translation).length === 0 ? [] : [[tag, translation] as const];
  });
  return telling.length === 0 ? undefined : Object.fromEntries(telling);
}

function reasonToRefuse(input: ProductInput, isCurrency: (code: string) => boolean): string | undefined {
  if (input.title.trim() === '') return 'Its title is blank.';
  const attributes = [input, ...Object.values(input.translations ?? {})].flatMap((each) =>
    Object.entries(each.attributes ?? {}),
  );
  const badNumber = attributes.find(([, value]) => typeof value === 'number' && !Number.isFinite(value));
  if (badNumber) return `Its attribute “${badNumber[0]}” is not a finite number.`;
  const badPath = input.collections?.find((path) => !isCollectionPath(path));
  if (badPath !== undefined) {
    return `“${badPath}” is not a collection path of at most ${collectionDepthMax} levels, such as “shoes/running”.`;
  }
  const skus = new Set<string>();
  for (const { sku, prices } of input.variants) {
    if (skus.has(sku)) return `Two of its variants have the SKU “${sku}”.`;
    skus.add(sku);
    const currencies = new Set<string>();
    for (const { currency } of prices) {
      if (!isCurrency(currency)) return `“${currency}”, a currency of SKU “${sku}”, is not in ISO 4217.`;
      if (currencies.has(currency)) return `SKU “${sku}” has two prices in ${currency}.`;
      currencies.add(currency);
    }
  }
  return undefined;
}

// The schema's pattern keeps control characters out of most texts, but not out of names, barcodes and addresses.
function textsOf(input: ProductInput): [place: string, text: string][] {
  return [
    ['title', input.title],
    ['description', input.description ?? ''],
    ['vendor', input.vendor ?? ''],
    ...(input.optionNames ?? []).map((name): [string, string] => ['option names', name]),
    ...(input.media ?? []).flatMap(({ url, alt }): [string, string][] => [
      ['media', url],
      ['media', alt ?? ''],
    ]),
    ...Object.entries(input.attributes ?? {}).map(([name, value]): [string, string] => [
      'attributes',
      `${name}${value}`,
    ]),
    ...input.variants.flatMap(({ sku, options, barcodes }): [string, string][] => [
      ['SKU', sku],
      ...Object.entries(options ?? {}).map(([name, value]): [string, string] => ['options', `${name}${value}`]),
      ...(barcodes ?? []).map((barcode): [string, string] => ['barcodes', barcode]),
    ]),
    ...Object.values(input.translations ?? {}).flatMap(({ title, description, attributes, options }) =>
      [title, description, ...Object.entries(attributes ?? {}).flat(), ...Object.entries(options ?? {}).flat()].map(
        (text): [string, string] => ['translations', String(text ?? '')],
      ),
    ),
  ];
}

// What JSON writes as an escape, except line feeds, tabs and quotes. Looking at each text of each product by itself would
// cost more than the rest of the normal form.
const maybeUnstorable = /\\[ubf]|\u007f/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

export function isStorable(text: string): boolean {
  return text.isWellFormed() && !controlCharacters.test(text);
}

// Equal exactly when nothing changed. Raise the number when the normal form changes its meaning.
function contentHash(json: string): Buffer {
  return hash('sha256', `1\n${json}`, 'buffer').subarray(0, 16);
}

/** The input that normalises to this product. */
export function asInput(product: NormalProduct): ProductInput {
  return {
    slug: product.slug,
    title: product.title,
    ...(product.description !== '' && { description: product.description }),
    ...(product.vendor !== undefined && { vendor: product.vendor }),
    state: product.state,
    ...(product.collections.length > 0 && { collections: [...product.collections] }),
    ...(product.optionNames.length > 0 && { optionNames: [...product.optionNames] }),
    ...(product.media.length > 0 && { media: [...product.media] }),
    ...(Object.keys(product.attributes).length > 0 && { attributes: { ...product.attributes } }),
    variants: product.variants.map(({ sku, options, barcodes, prices, weightGrams }) => ({
      sku,
      ...(Object.keys(options).length > 0 && { options: { ...options } }),
      ...(barcodes.length > 0 && { barcodes: [...barcodes] }),
      prices: [...prices],
      ...(weightGrams !== undefined && { weightGrams }),
    })),
    ...(product.translations !== undefined && { translations: { ...product.translations } }),
  };
}
