import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testImport } from './testing.ts';

const columns =
  'id\ttitle\tdescription\tlink\timage_link\tadditional_image_link\tavailability\tprice\tsale_price\tsale_price_effective_date\tbrand\tgtin\titem_group_id\tcolor\tsize\tproduct_type\tshipping_weight\tquantity';
const tsv = (...rows: Record<string, string>[]) =>
  [
    columns,
    ...rows.map((row) =>
      columns
        .split('\t')
        .map((name) => row[name] ?? '')
        .join('\t'),
    ),
  ].join('\n');
const tee = {
  title: 'Tee',
  link: 'https://s/t',
  availability: 'in_stock',
  price: '20.00 EUR',
  brand: 'Acme',
  item_group_id: 'TEE',
};

test('items of a group become one product, wherever they stand; options are what they differ in', async () => {
  const { products, told } = await testImport({
    text: tsv(
      {
        ...tee,
        id: 'T-S',
        size: 'S',
        color: 'red',
        image_link: 'https://i/1.jpg',
        product_type: 'Home > Women &amp; Girls > Tees',
        gtin: '4006381333931',
      },
      {
        id: 'MUG',
        title: 'Mug &amp; spoon',
        link: 'https://s/m',
        availability: 'out of stock',
        price: 'USD 8',
        shipping_weight: '1.5 lb',
        color: 'white',
      },
      {
        ...tee,
        id: 'T-M',
        size: 'M',
        color: 'red',
        image_link: 'https://i/1.jpg',
        additional_image_link: 'https://i/2.jpg,https://i/3.jpg?a=1,2',
        quantity: '7',
      },
    ),
  });
  assert.deepEqual(told, []);
  const bySlug = new Map(products.map((product) => [product.slug, product]));
  assert.deepEqual(bySlug.get('tee'), {
    slug: 'tee',
    title: 'Tee',
    vendor: 'Acme',
    state: 'published',
    collections: ['home/women-girls/tees'],
    optionNames: ['size'],
    media: [{ url: 'https://i/1.jpg' }, { url: 'https://i/2.jpg' }, { url: 'https://i/3.jpg?a=1,2' }],
    attributes: { color: 'red' },
    variants: [
      {
        sku: 'T-S',
        options: { size: 'S' },
        barcodes: ['4006381333931'],
        prices: [{ currency: 'EUR', amountMinor: 2000 }],
      },
      { sku: 'T-M', options: { size: 'M' }, prices: [{ currency: 'EUR', amountMinor: 2000 }], onHand: 7 },
    ],
  });
  assert.deepEqual(bySlug.get('mug'), {
    slug: 'mug',
    title: 'Mug & spoon',
    state: 'published',
    attributes: { color: 'white' },
    variants: [{ sku: 'MUG', prices: [{ currency: 'USD', amountMinor: 800 }], weightGrams: 680, onHand: 0 }],
  });
});

test('a sale price counts within its dates, with the price struck out beside it', async () => {
  const dates = '2026-11-27T00:00+0100/2026-11-30T23:59+0100';
  const priceAt = async (nowMs: number, effective = dates) => {
    const text = tsv({ ...tee, id: '1', sale_price: '15 EUR', sale_price_effective_date: effective });
    const { products } = await testImport({ text }, { nowMs });
    return products[0]?.variants[0]?.prices[0];
  };
  const full = { currency: 'EUR', amountMinor: 2000 };
  const sale = { currency: 'EUR', amountMinor: 1500, compareAtMinor: 2000 };
  assert.deepEqual(await priceAt(Date.parse('2026-11-26T22:59:00Z')), full);
  assert.deepEqual(await priceAt(Date.parse('2026-11-26T23:00:00Z')), sale);
  assert.deepEqual(await priceAt(Date.parse('2026-12-01T00:00:00Z')), full);
  assert.deepEqual(await priceAt(0, ''), sale);
});

test('bad items are told with their line, the others are taken', async () => {
  const { products, told } = await testImport({
    text: tsv(
      { ...tee, id: '1', item_group_id: '' },
      { ...tee, id: '', item_group_id: '' },
      { ...tee, id: '3', title: '', item_group_id: '' },
      { ...tee, id: '4', price: 'free', item_group_id: '' },
      { ...tee, id: '5', price: '1 XXZ', item_group_id: '' },
      { ...tee, id: '6', price: '', shipping_weight: 'heavy', image_link: 'ftp://i/1', item_group_id: '' },
      { ...tee, id: '1', title: 'Other', item_group_id: '' },
    ),
  });
  assert.deepEqual(
    products.map(({ slug }) => slug),
    ['1', '6'],
  );
  assert.deepEqual(told, ['3 missing', '4 missing', '5 value', '6 value', '7 note', '7 note', '8 key-taken']);
  // No price: shown, but not for sale.
  assert.deepEqual(products[1]?.variants[0]?.prices, []);
});

test('the XML feed gives the same product as the TSV, and details besides', async () => {
  const { products, told } = await testImport({
    text: `<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>T-S</g:id><g:title>Tee</g:title><link>https://s/t</link><g:price>20.00 EUR</g:price><g:availability>in stock</g:availability>
<g:description>&lt;p&gt;Soft &amp;amp; warm&lt;/p&gt;</g:description>
<g:product_type>Tees</g:product_type><g:product_type>Summer</g:product_type>
<g:product_detail><g:section_name>General</g:section_name><g:attribute_name>Neck</g:attribute_name><g:attribute_value>Round</g:attribute_value></g:product_detail>
<g:product_highlight>Soft</g:product_highlight><g:product_highlight>Warm</g:product_highlight><g:condition>new</g:condition>
<g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping></item></channel></rss>`,
  });
  assert.deepEqual(told, []);
  assert.deepEqual(products, [
    {
      slug: 't-s',
      title: 'Tee',
      description: 'Soft & warm',
      state: 'published',
      collections: ['tees', 'summer'],
      attributes: { condition: 'new', Neck: 'Round', 'highlight 1': 'Soft', 'highlight 2': 'Warm' },
      variants: [{ sku: 'T-S', prices: [{ currency: 'EUR', amountMinor: 2000 }] }],
    },
  ]);
});

test('a mapping reads any XML feed by the names of its elements', async () => {
  const { products } = await testImport(
    {
      text: '<feed xmlns:g="http://base.google.com/ns/1.0"><entry><g:id>1</g:id><g:name>One</g:name><g:size>4</g:size></entry></feed>',
    },
    { mapping: 'slug: name\nsku: id\ntitle: name\nattributes: [{ name: size, from: size }]\n' },
  );
  assert.deepEqual(products[0]?.attributes, { size: 4 });
});
