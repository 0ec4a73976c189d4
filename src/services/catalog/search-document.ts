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
 * Marks: each word of title and vendor with `=` before it (who searches for words in the title is to find them before those
 * elsewhere, without PostgreSQL reading every product that has them anywhere), and each SKU and barcode with `#`.
 */
export function searchDocument(product: NormalProduct): SearchDocument {
  const title = words(product.title);
  const vendor = words(product.vendor ?? '');
  const detail = detailWords(product);
  const codes = product.variants
    .flatMap(({ sku, barcodes }) => [sku, ...barcodes].map(codeKey))
    .filter((key) => key !== '');
  return {
    title: title.join(' '),
    vendor: vendor.join(' '),
    detail: bounded(detail),
    description: bounded(words(product.description.slice(0, 20_000))),
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
  for (const [name, value] of Object.entries(product.attributes)) {
    if (value === true) texts.add(name);
    else if (value !== false) texts.add(String(value).slice(0, 500));
  }
  for (const path of product.collections) texts.add(path.replaceAll('/', ' '));
  return [...texts].flatMap(words);
}

function bounded(found: readonly string[]): string {
  return found.slice(0, wordsMax).join(' ');
}
