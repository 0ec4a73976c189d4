import { succeeded } from '../../platform/api/peer.ts';
import { problem } from '../../platform/api/problem.ts';
import type { Service } from '../../platform/context/service.ts';
import { isUuid } from '../../platform/database/id.ts';
import type { Media } from '../../services/catalog/api.ts';
import { pictureSources } from '../../services/media/picture.ts';
import type { PagesHost } from '../host.ts';
import { translated } from '../locale.ts';
import { priceNow, type ShownPrice, soldFrom } from '../product/variant-view.ts';
import { queueIn } from '../sale/queue.ts';
import { createSaleBook } from '../sale-book.ts';
import { type LiveVariant, storefrontApi } from './api.ts';

const variantsMax = 50;
const suggestionsMax = 6;

/** Answers the storefront's scripts, from caches: a million pages that look do not reach the database. */
export function createStorefront(host: PagesHost): Service<typeof storefrontApi> {
  const { catalog, promotion } = host.peers;
  const { currency } = host.ctx.shop;
  const units = host.ctx.cache.namespace<{ available: number; granted: number }>('live-units', {
    ttlMs: 500,
    staleMs: 2_000,
    entriesMax: 50_000,
  });

  async function liveVariants(variantIds: readonly string[]): Promise<LiveVariant[]> {
    const [variants, sales, left] = await Promise.all([
      catalog.getVariants({ body: { variantIds: [...variantIds] } }),
      promotion.listSales({}),
      unitsOf(variantIds),
    ]);
    const { body } = succeeded('promotion', sales);
    const book = createSaleBook(body.items, currency, body.nowMs);
    return succeeded('catalog', variants).body.items.map((variant) => {
      const price = variant.isPublished ? priceNow(variant, currency, book) : undefined;
      const later = variant.isPublished ? soldFrom(variant, currency, book) : undefined;
      return {
        variantId: variant.variantId,
        ...(left.get(variant.variantId) ?? { available: 0, granted: 0 }),
        ...(price && amountsOf(price)),
        ...(later && { soldFrom: { atMs: later.atMs, ...amountsOf(later.price) } }),
      };
    });
  }

  /** Those that expired together are looked up with one statement. */
  async function unitsOf(variantIds: readonly string[]) {
    const missing = variantIds.filter((variantId) => units.peek(variantId) === undefined);
    let loading: ReturnType<typeof host.reads.stock> | undefined;
    const found = await Promise.all(
      variantIds.map((variantId) =>
        units.getOrLoad(variantId, async () => {
          loading ??= host.reads.stock(missing.length > 0 ? missing : [variantId]);
          return (await loading).get(variantId) ?? { available: 0, granted: 0 };
        }),
      ),
    );
    return new Map(variantIds.map((variantId, index) => [variantId, found[index]]));
  }

  return {
    contract: storefrontApi,
    importance: 'standard',
    handlers: {
      async getLiveVariants({ query }) {
        const variantIds = [...new Set(query.variantIds.toLowerCase().split(','))];
        if (variantIds.length > variantsMax || !variantIds.every(isUuid)) {
          return problem('bad-request', {
            detail: 'The request is not valid.',
            errors: [{ pointer: '/variantIds', detail: `must be up to ${variantsMax} ids, separated by commas` }],
          });
        }
        const [items, rooms] = await Promise.all([liveVariants(variantIds), host.reads.rooms()]);
        const nowMs = host.ctx.clock.nowMs();
        const queues = rooms.flatMap((room) => queueIn(room, nowMs) ?? []);
        return { status: 200, body: { nowMs, currency, items, queues } };
      },

      async suggest({ query: { q, locale } }) {
        const reply = succeeded('catalog', await catalog.search({ query: { q, limit: suggestionsMax } }));
        const { format } = host.shellWith(locale, []);
        const found = await host.mediaSizes.fill(reply.body.items);
        const items = found.map((product) => ({
          slug: product.slug,
          title: translated(product, 'title', locale) ?? product.title,
          ...(product.fromPrice && { price: format.money(product.fromPrice.amountMinor, product.fromPrice.currency) }),
          ...pictureOf(product.media),
        }));
        return { status: 200, body: { items } };
      },
    },
  };
}

function amountsOf({ amountMinor, compareAtMinor }: ShownPrice) {
  return { amountMinor, ...(compareAtMinor !== undefined && { compareAtMinor }) };
}

/** As small as the list of suggestions shows it. */
function pictureOf(media: Media | undefined): { picture?: string } {
  const shown = media && pictureSources(media, '', { widthMax: 160 });
  return shown === undefined ? {} : { picture: shown.src };
}
