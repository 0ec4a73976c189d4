import type { NormalProduct } from './product-input.ts';
import { codeKey, words } from './search-text.ts';

/** What a product is found by: words for PostgreSQL to stem and weigh, and marks that are compared as they are. */
export interface SearchDocument {
  readonly title: string;
  readonly vendor: string;
  readonly detail: string;
  readonly description: string;
  readonly marks: readonly string[];
  /** Words that a mistyped one may have meant: no numbers, no pairs of characters of scripts without spaces. */
  readonly vocabulary: readonly string[];
}

// A tsvector holds a megabyte at most, and nobody looks for the ten-thousandth word of a description.
const wordsMax = 4000;
const codesMax = 1000;

/**
 * In all languages alike: who searches is not asked in which. Marks: each word of title and vendor with `=` before it (who searches for words in the title is to find them before those
 * elsewhere, without PostgreSQL reading every product that has them anywhere), and each SKU and barcode with `#`.
 */
export function searchDocument(product: NormalProduct): SearchDocument {
  const translations = Object.values(product.translations ?? {});
  const title = [product.title, ...translations.map(({ title }) => title ?? '')].flatMap(words);
  const vendor = words(product.vendor ?? '');
  const detail = detailWords(product);
  const codes = product.variants
    .flatMap(({ sku, barcodes }) => [sku, ...barcodes].map(codeKey))
    .filter((key) => key !== '');
  return {
    title: title.join(' '),
    vendor: vendor.join(' '),
    detail: bounded(detail),
    description: bounded(
      [product.description, ...translations.map(({ description }) => description ?? '')].flatMap((text) =>
        words(text.slice(0, 20_000)),
      ),
    ),
    marks: [
      ...new Set([...title, ...vendor].map((word) => `=${word}`)),
      ...[...new Set(codes)].slice(0, codesMax).map((key) => `#${key}`),
    ],
    vocabulary: [...title, ...vendor, ...detail].filter((word) => plainWord.test(word)),
  };
}

const plainWord = /^(?=.*[a-z\u00df-\u052f])[\da-z\u00df-\u052f]{3,32}$/;

function detailWords(product: NormalProduct): string[] {
  const texts = new Set<string>();
  for (const { options } of product.variants) for (const value of Object.values(options)) texts.add(value);
  addAttributes(product.attributes, texts);
  for (const { attributes, options } of Object.values(product.translations ?? {})) {
    addAttributes(attributes ?? {}, texts);
    for (const translation of Object.values(options ?? {})) texts.add(translation);
  }
  for (const path of product.collections) texts.add(path.replaceAll('/', ' '));
  return [...texts].flatMap(words);
}

function addAttributes(attributes: NormalProduct['attributes'], texts: Set<string>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) texts.add(name);
    else if (value !== false) texts.add(String(value).slice(0, 500));
  }
}

function bounded(found: readonly string[]): string {
  return found.slice(0, wordsMax).join(' ');
}
