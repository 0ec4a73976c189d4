import assert from 'node:assert/strict';
import test from 'node:test';
import { testPhoto } from '../services/media/testing.ts';
import { createMediaSizes } from './media-sizes.ts';
import { pagesBench, type Seen, well } from './testing.ts';

const shop = await pagesBench();
const { catalog, media, promotion } = shop.peers;

async function upload(width: number) {
  const bytes = await (await testPhoto({ width, height: width / 2 })).jpeg().toBuffer();
  return well(await media.addMedia({ query: {}, body: { contentType: 'image/jpeg', bytes } }));
}

test('a photograph of which only the URL was written is shown in its widths and formats, wherever it stands', async () => {
  const [photo, cover] = [await upload(400), await upload(500)];
  const collections = [{ path: 'front', title: 'Front', media: { url: cover.url } }];
  well(await catalog.putCollections({ body: { collections } }));
  const products = ['red', 'blue'].map((name) => ({
    slug: `${name}-lamp`,
    title: `Lamp, ${name}`,
    collections: ['front'],
    // The second one's seller says nonsense: nobody is sent to a width that the picture has not.
    media: [{ url: photo.url, ...(name === 'blue' && { width: 9000, height: 9000 }) }],
    variants: [{ sku: name, prices: [{ currency: 'USD', amountMinor: 500 }] }],
  }));
  const { results } = well(await catalog.putProducts({ body: { products } }));
  const variantId = results[0]?.variants[0]?.variantId ?? '';
  const nowMs = shop.ctx.clock.nowMs();
  const items = [{ variantId, currency: 'USD', amountMinor: 400 }];
  const sale = { name: 'Lamps', startsAtMs: nowMs + 60_000, endsAtMs: nowMs + 120_000, items };
  const { saleId } = well(await promotion.createSale({ body: sale }));

  const visitor = shop.visitor();
  const cart = await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '500' });
  const paths = ['/', '/products/red-lamp', '/products/blue-lamp', '/collections/front', '/search?q=lamp'];
  const pages: Seen[] = [cart];
  for (const path of [...paths, `/sales/${saleId}`]) pages.push(await visitor.get(path));
  for (const { url, status, html } of pages) {
    assert.equal(status, 200, url);
    const srcset = ['160.avif 160w', '320.avif 320w', '480.avif 400w'].map((each) => `/media/${photo.mediaId}-${each}`);
    assert(html.includes(`srcset="${srcset.join(', ')}"`), url);
    assert(html.includes('width="400" height="200"'), url);
    assert(!html.includes('9000'), url);
  }
  for (const page of pages.filter(({ url }) => url === '/' || url === '/collections/front')) {
    assert(page.html.includes(`/media/${cover.mediaId}-480.avif 480w`), page.url);
  }
});

test('sizes are asked for once, those of all pictures together, and a foreign picture keeps what was written', async () => {
  const photo = await upload(300);
  const asked: string[][] = [];
  const sizes = createMediaSizes({
    findMedia(input) {
      asked.push(input.body.mediaIds);
      return media.findMedia(input);
    },
  });
  const missing = { url: '/media/abcdefghijklmnopqrst-_.png' };
  const foreign = { url: 'https://example.com/a.jpg', width: 3, height: 4 };
  const things = [{ media: [{ url: photo.url, alt: 'A' }, foreign] }, { media: missing }, { media: undefined }, {}];
  const filled = [
    { media: [{ url: photo.url, alt: 'A', width: 300, height: 150 }, foreign] },
    { media: missing },
    { media: undefined },
    {},
  ];
  assert.deepEqual(await sizes.fill<object>(things), filled);
  assert.deepEqual(await sizes.fill<object>(things.slice(0, 1)), filled.slice(0, 1));
  assert.deepEqual(
    asked.map((ids) => ids.length),
    [2],
  );
});
