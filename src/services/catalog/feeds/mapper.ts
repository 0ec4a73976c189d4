import type { ProductInput } from '../api.ts';
import type { FeedRecord, RefusalReason } from './record.ts';

/** Turns the rows of a feed into products. One for each kind of feed. */
export interface Mapper {
  /** Rows with the same key are one product; undefined is a row by itself. */
  groupOf(record: FeedRecord, file: string): GroupKey | undefined;
  /** Whether the rows of one product stand one after the other, or anywhere in the feed. */
  readonly rows: 'together' | 'anywhere';
  /** Whether a row that is repeated exactly is a duplicate. In feeds with several rows a product it may mean something. */
  readonly skipsRepeats: boolean;
  /** What tells a row from its repetitions; the same text for the same row. */
  contentOf(record: FeedRecord, file: string): string;
  /** Called once per file, where the feed names its columns: what the file lacks is told before anything is written. */
  checkColumns?(columns: readonly string[]): void;
  /** Called once per file, before its rows: throws a FeedError where they all would be refused for the file's name. */
  checkFile?(file: { readonly name: string; readonly stem: string }): void;
  toProduct(rows: readonly FeedRecord[], file: string): MappedProduct;
}

export type GroupKey = string;

export type MappedProduct =
  | {
      readonly kind: 'product';
      readonly product: ProductInput;
      /** Titles of collections as the feed writes them, by path: `cafe-furniture` is `Café furniture`. */
      readonly collectionTitles: ReadonlyMap<string, string>;
      /** Other slugs to try where another product of this import has the first. */
      readonly alternatives: Alternatives;
      readonly notes: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly detail: string }
  | { readonly kind: 'skipped'; readonly because: string };

export type Alternatives =
  | { readonly kind: 'none' }
  | { readonly kind: 'slug'; readonly slug: string }
  | { readonly kind: 'numbered' };

export const noTitles: ReadonlyMap<string, string> = new Map();
export const noAlternatives: Alternatives = { kind: 'none' };
