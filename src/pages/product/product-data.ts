import type { Collection, Product, ProductSummary } from '../../services/catalog/api.ts';
import type { VariantView } from './variant-view.ts';

/** What the page of a product shows. */
export interface ProductPageData {
  readonly product: Product;
  readonly variants: readonly VariantView[];
  readonly collections: readonly Collection[];
  /** From the top down to the first collection that the product is in. */
  readonly trail: readonly Collection[];
  readonly related: readonly ProductSummary[];
}
