import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, randomBucket } from '../../platform/database/id.ts';
import type { ProductInput } from '../../services/catalog/api.ts';
import { pagesBench, textOf, well } from '../testing.ts';

const bench = await pagesBench();
const prices = [{ currency: 'USD', amountMinor: 4900 }];

/** A published product with these units of its variants, in their order; its page. */
async function pageOf(
  product: Pick<ProductInput, 'slug' | 'variants'> & Partial<ProductInput>,
  units: readonly number[],
) {
  const products: ProductInput[] = [{ title: 'Lantern', state: 'published', ...product }];
  const { results } = well(await bench.peers.catalog.putProducts({ body: { products } }));
  const movements = (results[0]?.variants ?? []).flatMap(({ variantId }, index) => {
    const movementId = newId(randomBucket(), bench.ctx.clock.nowMs());
    const quantity = units[index] ?? 0;
    return quantity > 0 ? [{ movementId, variantId, quantity, reason: 'received' as const }] : [];
  });
  if (movements.length > 0) well(await bench.peers.stock.moveStock({ body: { movements } }));
  const { html } = await bench.visitor().get(`/products/${product.slug}`);
  return html;
}

/** What its structured data says of each offer's price and availability. */
function offersOf(html: string): object[] {
  const [, data = ''] = /<script type="application\/ld\+json">(.*?"@type":"Product".*?)<\/script>/.exec(html) ?? [];
  const { offers } = JSON.parse(data) as { offers: Record<string, string>[] };
  return offers.map(({ price, availability, availabilityStarts, validFrom }) => ({
    price,
    availability,
    ...(availabilityStarts && { availabilityStarts }),
    ...(validFrom && { validFrom }),
  }));
}

const buttonOf = (html: string) => /<button[^>]*buy-box__button[^>]*>([^<]*)/.exec(html) ?? [];

test('a value that cannot be had with the first choice says so, and sizes ascend', async () => {
  const made = [
    ['L', 'Ink'],
    ['S', 'Ink'],
    ['M', 'Ink'],
    ['S', 'Rust'],
  ] as const;
  const html = await pageOf(
    {
      slug: 'jumper',
      // Not the order that the database keeps the keys of an object in.
      optionNames: ['Shoulder', 'Size'],
      variants: made.map(([Size, Shoulder], index) => ({ sku: `J-${index}`, options: { Size, Shoulder }, prices })),
    },
    [3, 3, 0, 3],
  );
  const chips = [...html.matchAll(/<label class="chip" data-state="([^"]*)">.*?value="([^"]*)"/gs)];
  assert.deepEqual(
    chips.map(([, state, value]) => `${value} ${state}`),
    ['Ink available', 'Rust not-made', 'S available', 'M sold-out', 'L available'],
  );
  const variants = /data-variants="([^"]*)"/.exec(html)?.[1]?.replaceAll('&quot;', '"') ?? '';
  assert.deepEqual(JSON.parse(variants)[0].options, ['Ink', 'L']);
});

test('a page made while nothing was left can still send its form: the cart decides', async () => {
  const html = await pageOf({ slug: 'gone', variants: [{ sku: 'GONE', prices }] }, [0]);
  const [button, label] = buttonOf(html);
  assert.equal(label, 'Add to cart');
  assert.doesNotMatch(button ?? '', /disabled/);
  assert.match(textOf(html), /Sold out when this page was made/);
});

test('what is not for sale says it once, and asks for nothing', async () => {
  const html = await pageOf({ slug: 'kept', variants: [{ sku: 'KEPT', prices: [] }] }, [4]);
  assert.equal(textOf(html).match(/Not for sale/g)?.length, 1);
  assert.doesNotMatch(html, /name="quantity"|class="stock|buy-box__button|product__promises/);
});

test('what is held until its sale says from when it is sold and at what price, and cannot be bought until then', async () => {
  const { ctx, peers } = bench;
  const startsAtMs = ctx.clock.nowMs() + 3_600_000;
  const plan = { name: 'Drop', startsAtMs, endsAtMs: startsAtMs + 3_600_000, isHeldUntilStart: true };
  const { variantId, slug } = await bench.newVariant(4900, 3);
  const sizes = ['S', 'M'].map((Size) => ({ sku: `HELD-${Size}`, options: { Size }, prices }));
  const product = { slug: 'held', title: 'Held', optionNames: ['Size'], variants: sizes, state: 'published' as const };
  const { results } = well(await peers.catalog.putProducts({ body: { products: [product] } }));
  const [small = ''] = (results[0]?.variants ?? []).map((variant) => variant.variantId);
  const items = [variantId, small].map((id) => ({
    variantId: id,
    currency: 'USD',
    amountMinor: 900,
    limitPerBuyer: 2,
  }));
  well(await peers.promotion.createSale({ body: { ...plan, items } }));

  const { html } = await bench.visitor().get(`/products/${slug}`);
  assert.match(
    textOf(html),
    /\$9\.00 before: \$49\.00 At most 2 for each buyer\. See the sale .*For sale from \w+ \d+, \d{4} at [\d:]+ [AP]M UTC To buy it, load this page again then\./,
  );
  const [button, label] = buttonOf(html);
  assert.match(button ?? '', / disabled/);
  assert.equal(label?.trim(), 'Not for sale yet');
  assert.doesNotMatch(html, /class="stock|http-equiv="refresh"/);
  const start = new Date(startsAtMs).toISOString();
  assert.deepEqual(offersOf(html), [
    { price: '9.00', availability: 'https://schema.org/OutOfStock', availabilityStarts: start, validFrom: start },
  ]);
  assert.match(textOf((await bench.visitor().get(`/zh/products/${slug}`)).html), /开售时间： 20\d\d年/);

  const some = (await bench.visitor().get('/products/held')).html;
  const told = JSON.parse(/data-variants="([^"]*)"/.exec(some)?.[1]?.replaceAll('&quot;', '"') ?? '') as {
    minor?: number;
    soldFrom?: { atMs: number; minor: number };
  }[];
  assert.deepEqual(
    told.map(({ minor, soldFrom }) => [minor, soldFrom?.atMs, soldFrom?.minor]),
    [
      [undefined, startsAtMs, 900],
      [4900, undefined, undefined],
    ],
  );
  assert.match(buttonOf(some)[1] ?? '', /Add to cart/);

  const live = async () => {
    const { html } = await bench.visitor().get(`/v1/storefront/variants?variantIds=${variantId}`);
    const { amountMinor, compareAtMinor, soldFrom } = JSON.parse(html).items[0];
    return { amountMinor, compareAtMinor, soldFrom };
  };
  const onSale = { amountMinor: 900, compareAtMinor: 4900 };
  const unsold = { amountMinor: undefined, compareAtMinor: undefined };
  assert.deepEqual(await live(), { ...unsold, soldFrom: { atMs: startsAtMs, ...onSale } });
  const visitor = bench.visitor();
  await visitor.post('/cart/lines', { variantId, quantity: '1' });
  assert.match(textOf((await visitor.get('/cart')).html), /Its sale begins/);
  ctx.clock.advance(3_600_000);
  assert.deepEqual(await live(), { ...onSale, soldFrom: undefined });
  assert.doesNotMatch(textOf((await visitor.get('/cart')).html), /Its sale begins/);
});

test('of many facts the first are shown, the others on demand', async () => {
  const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`fact ${index}`, `v${index}`]));
  const html = await pageOf({ slug: 'wordy', attributes, variants: [{ sku: 'WORDY', prices }] }, [1]);
  const [before = '', within = ''] = html.split('<details class="product__further">');
  assert.match(before, /fact 23/);
  assert.doesNotMatch(before, /fact 24/);
  assert.match(within, /Show 77 more/);
  assert.match(within, /fact 99/);
});
