import type { Product } from '../../services/catalog/api.ts';
import { type Locale, languageTags } from '../locale.ts';

/** An option's name or value in the page's language. */
export function optionText(product: Pick<Product, 'translations'>, word: string, locale: Locale): string {
  return product.translations?.[languageTags[locale]]?.options?.[word] ?? word;
}

/** All attributes of the product in the page's language, if it was translated; else as they were written. */
export function attributesIn(
  product: Pick<Product, 'attributes' | 'translations'>,
  locale: Locale,
): Product['attributes'] {
  return product.translations?.[languageTags[locale]]?.attributes ?? product.attributes;
}
