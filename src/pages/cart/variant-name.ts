import type { Media, SellableVariant } from '../../services/catalog/api.ts';
import { type Locale, languageTags } from '../locale.ts';

/** What a variant is called in one language, wherever it stands in a list of things to buy or bought. */
export interface VariantName {
  readonly title: string;
  /** `Colour: Fog`, one for each option. */
  readonly options: readonly string[];
  /** Of its product's page; undefined if the catalogue has it no more. */
  readonly slug: string | undefined;
  readonly media: Media | undefined;
}

export function variantName(variant: SellableVariant | undefined, otherwise: string, locale: Locale): VariantName {
  if (variant === undefined) return { title: otherwise, options: [], slug: undefined, media: undefined };
  const translation = variant.translations?.[languageTags[locale]];
  const options = translation?.options ?? variant.options;
  const separator = locale === 'zh' ? '：' : ': ';
  return {
    title: translation?.title ?? variant.productTitle,
    options: Object.entries(options).map(([name, value]) => `${name}${separator}${value}`),
    slug: variant.isPublished ? variant.productSlug : undefined,
    media: variant.media,
  };
}
