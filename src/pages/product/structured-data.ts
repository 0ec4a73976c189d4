import { minorUnitDigits } from '../../platform/money/currency.ts';
import type { Collection, Product } from '../../services/catalog/api.ts';
import { previewUrl } from '../../services/media/picture.ts';
import { absoluteUrl } from '../absolute-url.ts';
import { type Locale, localPath, translated } from '../locale.ts';
import type { VariantView } from './variant-view.ts';

/** https://schema.org/Product, with an offer for each variant that has a price, now or from its sale's start on. */
export function productData(page: {
  readonly product: Product;
  readonly variants: readonly VariantView[];
  readonly title: string;
  readonly description: string;
  readonly url: string;
  readonly currency: string;
  readonly publicUrl: string;
}): object {
  const { product, currency, url, publicUrl } = page;
  const digits = minorUnitDigits(currency) ?? 2;
  const offers = page.variants.flatMap(({ price, available, sku, sale, soldFrom }) => {
    const shown = price ?? soldFrom?.price;
    if (shown === undefined) return [];
    const isInStock = price !== undefined && available > 0;
    return [
      {
        '@type': 'Offer',
        sku,
        price: (shown.amountMinor / 10 ** digits).toFixed(digits),
        priceCurrency: currency,
        availability: `https://schema.org/${isInStock ? 'InStock' : 'OutOfStock'}`,
        itemCondition: 'https://schema.org/NewCondition',
        url,
        ...(sale?.isRunning && { priceValidUntil: new Date(sale.endsAtMs).toISOString() }),
        ...(soldFrom && startOf(soldFrom.atMs)),
      },
    ];
  });
  const gtin = product.variants[0]?.barcodes.find((barcode) => /^\d{8}(\d{4,6})?$/.test(barcode));
  return {
    '@context': 'https://schema.org',
    '@type': 'Product',
    name: page.title,
    description: page.description,
    url,
    sku: product.variants[0]?.sku,
    ...(gtin !== undefined && { gtin }),
    ...(product.vendor !== undefined && { brand: { '@type': 'Brand', name: product.vendor } }),
    image: product.media.flatMap(({ url }) => absoluteUrl(previewUrl(url), publicUrl) ?? []),
    ...(offers.length > 0 && { offers }),
  };
}

/**
 * Not `PreOrder`: that promises that orders are taken now (Google Merchant Center, `availability`), and before its start
 * nobody can order.
 */
function startOf(atMs: number) {
  const at = new Date(atMs).toISOString();
  return { availabilityStarts: at, validFrom: at };
}

/** https://schema.org/BreadcrumbList */
export function breadcrumbData(trail: readonly Collection[], locale: Locale, publicUrl: string): object {
  return {
    '@context': 'https://schema.org',
    '@type': 'BreadcrumbList',
    itemListElement: trail.map((collection, index) => ({
      '@type': 'ListItem',
      position: index + 1,
      name: translated(collection, 'title', locale),
      item: `${publicUrl}${localPath(locale, `/collections/${collection.path}`)}`,
    })),
  };
}
