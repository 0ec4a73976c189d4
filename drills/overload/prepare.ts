import type { ProductSummary } from '../../src/services/catalog/api.ts';
import type { Random } from '../random.ts';
import type { Admin } from '../sale/admin.ts';
import { DrillFault } from '../sale/drill-fault.ts';
import { type Prepared, prepareSale } from '../sale/prepare.ts';
import type { OverloadSetup } from './setup.ts';

/** More than can be sold in the time: what is drilled is the shop's strength, not its stock. */
const hotStock = 2_000_000;
/** As if for so many carts. */
const cartCount = 100_000;

/** A sale as the sale drill has it, and what there is to look at beside it. */
export async function prepareOverload(
  admin: Admin,
  { runId, random }: { runId: string; random: Random },
): Promise<{ sale: Prepared; setup: OverloadSetup }> {
  await holdSwitchesOn(admin);
  const sale = await prepareSale(admin, { runId, stock: hotStock, cartCount, random });
  const { hot, ordinary, currency } = sale.setup;
  const [{ items: products }, { items: collections }, { path }] = await Promise.all([
    admin.call<{ items: ProductSummary[] }>('GET', '/v1/products?limit=100'),
    admin.call<{ items: { path: string }[] }>('GET', '/v1/collections'),
    admin.call<{ path: string }>('GET', '/v1/admin/wall-link'),
  ]);
  // The drill's own goods are no use for looking: nobody searches for them.
  const others = products.filter(({ slug }) => !slug.startsWith('drill-'));
  if (ordinary === undefined || others.length === 0 || collections.length === 0) {
    throw new DrillFault('The shop has no catalogue to look at.');
  }
  const words = others.flatMap(({ title }) => title.toLowerCase().match(/[a-z]{4,}/g) ?? []);
  return {
    sale,
    setup: {
      hotVariantId: hot.variantId,
      // Of some goods there are few, so that sales run short of them; here none may.
      variantIds: ordinary.variants.filter(({ stock }) => stock >= cartCount).map(({ variantId }) => variantId),
      deliveryMethod: ordinary.deliveryMethod,
      currency,
      slugs: others.map(({ slug }) => slug),
      words: [...new Set(words)],
      collections: collections.map((each) => each.path),
      wallKey: new URL(path, 'http://shop').searchParams.get('key') ?? '',
    },
  };
}

/**
 * A shop under load switches off what it can do without, and takes a minute to switch it on again. Here it may not: it is the
 * turning away, and how soon that ends, that is measured. The shop is the drill's own and goes away with it.
 */
async function holdSwitchesOn(admin: Admin): Promise<void> {
  const { items } = await admin.call<{ items: { name: string }[] }>('GET', '/v1/admin/switches');
  for (const { name } of items) {
    await admin.call('PUT', `/v1/admin/switches/${name}`, { position: 'on', reason: 'overload drill' });
  }
}
