import type { Unit, WeightUnit } from './measure.ts';
import type { Ref, Scalar, Template, ValueRule } from './value.ts';

/** How the rows of some feed become products: what a mapping file says (docs/import.md). */
export interface Mapping {
  /** The file it came from, for messages. */
  readonly name: string;
  readonly format: MappedFormat | undefined;
  readonly delimiter: string | undefined;
  readonly currency: string | undefined;
  /** Columns computed from others, in their order; the later ones may use the earlier ones. */
  readonly columns: readonly { readonly name: string; readonly rule: ValueRule }[];
  readonly required: readonly Ref[];
  readonly skip: readonly SkipRule[];
  readonly group: { readonly by: ValueRule; readonly rows: 'together' | 'anywhere' } | undefined;
  readonly withoutPrice: 'draft' | 'published' | 'skip';

  readonly slug: ValueRule;
  readonly collisions: CollisionRule;
  readonly title: ValueRule;
  readonly description: ValueRule | undefined;
  readonly vendor: ValueRule | undefined;
  readonly state: ValueRule | undefined;
  readonly collections: readonly CollectionRule[];
  readonly media: readonly { readonly url: ValueRule; readonly alt: ValueRule | undefined }[];
  readonly attributes: readonly AttributeRule[];

  readonly sku: ValueRule;
  readonly barcodes: readonly ValueRule[];
  readonly prices: readonly PriceRule[];
  readonly weight: { readonly value: ValueRule; readonly unit: WeightUnit | ValueRule } | undefined;
  readonly onHand: ValueRule | undefined;
  readonly options: readonly { readonly name: string; readonly value: ValueRule }[];

  /** Tables beside the feed that values are looked up in; filled before the first row. */
  readonly lookups: readonly Lookup[];
  /** Whether the file's name says something about the product: the same row in another file is another product then. */
  readonly usesFile: boolean;
  /** Rules that refuse every row of a file whose name they do not know, with their lines. */
  readonly fileRules: readonly { readonly rule: ValueRule; readonly line: number }[];
  /** Every column that a rule names, with the line that names it: a file that lacks one is told so at once. */
  readonly named: readonly { readonly column: string; readonly line: number }[];
}

export type MappedFormat = 'csv' | 'tsv' | 'json' | 'jsonl' | 'merchant-xml';

export interface SkipRule {
  readonly when: Ref;
  /** Nothing: when it is empty. */
  readonly is: ReadonlySet<string> | undefined;
  readonly because: string;
}

/** What becomes of a row whose slug another product of the same import has. */
export type CollisionRule =
  | { readonly kind: 'refuse' }
  /** `-2`, `-3`, … in the order of the file: steady only as long as the file's order is. */
  | { readonly kind: 'number' }
  | { readonly kind: 'append'; readonly value: Ref | Template };

export interface CollectionRule {
  /** One value a level, or one list of all levels. */
  readonly path: readonly ValueRule[];
  /** Each value of the list is a collection of its own, side by side. */
  readonly isList: boolean;
}

export type AttributeType = 'auto' | 'text' | 'number' | 'yes-no';

export type AttributeRule =
  | {
      readonly kind: 'one';
      readonly name: string;
      readonly value: ValueRule;
      readonly type: AttributeType;
      /** `[min, max]`, or one number for both: two attributes. */
      readonly isRange: boolean;
      readonly unit: { readonly from: Unit; readonly to: Unit } | undefined;
      readonly refs: readonly Ref[];
    }
  | { readonly kind: 'prefix'; readonly prefix: string; readonly type: AttributeType; readonly asWords: boolean }
  | {
      readonly kind: 'rest';
      readonly except: ReadonlySet<string>;
      readonly type: AttributeType;
      readonly asWords: boolean;
    };

export interface PriceRule {
  readonly value: ValueRule;
  readonly compareAt: ValueRule | undefined;
  readonly isMinor: boolean;
  readonly decimalComma: boolean;
  readonly currency: string | ValueRule | undefined;
}

export interface Lookup {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly map: Map<string, Scalar>;
}
