import assert from 'node:assert/strict';
import test from 'node:test';
import { pagesBench, well } from '../testing.ts';

const shop = await pagesBench();

async function put(slug: string, url: string): Promise<void> {
  const variants = [{ sku: slug, prices: [{ currency: 'USD', amountMinor: 500 }] }];
  const products = [{ slug, title: `A ${slug}`, media: [{ url }], variants }];
  well(await shop.peers.catalog.putProducts({ body: { products } }));
}

const meta = (html: string, name: string) =>
  new RegExp(`<meta (?:property|name)="${name}" content="([^"]*)"`).exec(html)?.[1];

test('who previews a link is told of it in words and with a picture that it can read', async () => {
  const mediaId = 'abcdefghijklmnopqrst-_';
  await put('kettle', `/media/${mediaId}.svg`);
  const { html } = await shop.visitor().get('/zh/products/kettle');
  const told = ['og:type', 'og:locale', 'og:title', 'og:url', 'og:image', 'twitter:card'];
  assert.deepEqual(
    told.map((name) => meta(html, name)),
    [
      'website',
      'zh_CN',
      'A kettle',
      `${shop.url}/zh/products/kettle`,
      `${shop.url}/media/${mediaId}-1280.jpg`,
      'summary_large_image',
    ],
  );
  const data = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  assert.deepEqual(JSON.parse(data).image, [`${shop.url}/media/${mediaId}-1280.jpg`]);
});

test('a picture of an imported catalogue is shown by https, and what is no picture is told to nobody', async () => {
  await put('imported', 'http://images.example.com/a.jpg');
  const { html } = await shop.visitor().get('/products/imported');
  assert(html.includes('src="https://images.example.com/a.jpg"'));
  assert.equal(meta(html, 'og:image'), 'https://images.example.com/a.jpg');
  assert(!html.includes('http://images.example.com'));
  await put('nonsense', 'javascript:alert(1)');
  const other = (await shop.visitor().get('/products/nonsense')).html;
  assert(!other.includes('javascript:'));
  assert.equal(meta(other, 'og:image'), undefined);
  assert.equal(meta(other, 'twitter:card'), 'summary');
});

test('a page of one visitor has no address to share', async () => {
  const { html } = await shop.visitor().get('/cart');
  assert.equal(meta(html, 'og:url'), undefined);
});
