import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testImport } from './testing.ts';

const older = `Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,SEO Description,Variant Image,Variant Weight Unit,Status
`;
const newer = `Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,Option1 Linked To,Option2 name,Option2 value,Option2 Linked To,Price,Compare-at price,Cost per item,Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams),Weight unit for display,Requires shipping,Product image URL,Image position,Image alt text,Variant image URL,Gift card,Color (product.metafields.shopify.color-pattern)
`;

test('the older export: several rows a product, options named once, rows with an image only', async () => {
  const { products, told, collections } = await testImport({
    text: `${older}tee,Classic Tee,"<p>Soft.</p>
<p>Really &amp; truly.</p>",Acme,Apparel & Accessories > Clothing > Shirts,Shirts,"cotton, summer",TRUE,Size,S,Colour,Red,,,'0012,181.437,shopify,5,deny,manual,19.90,25.00,TRUE,TRUE,'4006381333931,https://cdn/1.jpg,1,Front,FALSE,,,https://cdn/red.jpg,lb,active
tee,,,,,,,,,M,,Red,,,T-M-R,200,shopify,-3,deny,manual,19.90,,TRUE,TRUE,,/media/abcdefghijklmnopqrst-_.jpg,2,,,,,,g,
tee,,,,,,,,,,,,,,,,,,,,,,,,,https://cdn/3.jpg,3,Back,,,,,,
tee,,,,,,,,,L,,Blue,,,,,,7,deny,manual,21.00,19.00,TRUE,TRUE,,,,,,,,,,
mug,Mug,,Acme,,Kitchen,,false,Title,Default Title,,,,,MUG,350,shopify,12,deny,manual,8,,TRUE,TRUE,,,,,,,,,kg,active
`,
  });
  assert.deepEqual(products, [
    {
      slug: 'tee',
      title: 'Classic Tee',
      description: 'Soft.\n\nReally & truly.',
      vendor: 'Acme',
      state: 'published',
      collections: ['apparel-accessories/clothing/shirts'],
      optionNames: ['Size', 'Colour'],
      media: [
        { url: 'https://cdn/1.jpg', alt: 'Front' },
        { url: '/media/abcdefghijklmnopqrst-_.jpg' },
        { url: 'https://cdn/3.jpg', alt: 'Back' },
        { url: 'https://cdn/red.jpg' },
      ],
      attributes: { type: 'Shirts', tags: 'cotton, summer' },
      variants: [
        {
          sku: '0012',
          options: { Size: 'S', Colour: 'Red' },
          barcodes: ['4006381333931'],
          prices: [{ currency: 'USD', amountMinor: 1990, compareAtMinor: 2500 }],
          weightGrams: 181,
          onHand: 5,
        },
        {
          sku: 'T-M-R',
          options: { Size: 'M', Colour: 'Red' },
          prices: [{ currency: 'USD', amountMinor: 1990 }],
          weightGrams: 200,
          onHand: 0,
        },
        // Not tracked, so not counted; no SKU of its own; an old price that is none.
        {
          sku: 'tee-l-blue',
          options: { Size: 'L', Colour: 'Blue' },
          prices: [{ currency: 'USD', amountMinor: 2100 }],
        },
      ],
    },
    {
      slug: 'mug',
      title: 'Mug',
      vendor: 'Acme',
      state: 'draft',
      collections: ['kitchen'],
      attributes: { type: 'Kitchen' },
      variants: [{ sku: 'MUG', prices: [{ currency: 'USD', amountMinor: 800 }], weightGrams: 350, onHand: 12 }],
    },
  ]);
  assert.deepEqual(told, ['2 note']);
  assert.equal(collections.get('apparel-accessories'), 'Apparel & Accessories');
});

test('the newer export says the same under other names', async () => {
  const { products, told } = await testImport(
    {
      text: `${newer}Classic Tee,tee,Soft.,Acme,Apparel > Shirts,,,TRUE,Active,T-S,111,Size,S,,,,,19.90,25,9,shopify,5,DENY,181,g,TRUE,https://cdn/1.jpg,1,Front,,FALSE,red; blue
,tee,,,,,,,,T-M,,,M,,,,,19.90,,,shopify,4,DENY,190,g,TRUE,,,,https://cdn/m.jpg,,
Old,old,,,,,,TRUE,Archived,OLD,,Title,Default Title,,,,,5,,,,,,,,,,,,,,
`,
    },
    { currency: 'EUR' },
  );
  assert.deepEqual(told, []);
  assert.deepEqual(
    products.map(({ slug, state }) => [slug, state]),
    [
      ['tee', 'published'],
      ['old', 'archived'],
    ],
  );
  assert.deepEqual(products[0], {
    slug: 'tee',
    title: 'Classic Tee',
    description: 'Soft.',
    vendor: 'Acme',
    state: 'published',
    collections: ['apparel/shirts'],
    optionNames: ['Size'],
    media: [{ url: 'https://cdn/1.jpg', alt: 'Front' }, { url: 'https://cdn/m.jpg' }],
    attributes: { Color: 'red; blue' },
    variants: [
      {
        sku: 'T-S',
        options: { Size: 'S' },
        barcodes: ['111'],
        prices: [{ currency: 'EUR', amountMinor: 1990, compareAtMinor: 2500 }],
        weightGrams: 181,
        onHand: 5,
      },
      {
        sku: 'T-M',
        options: { Size: 'M' },
        prices: [{ currency: 'EUR', amountMinor: 1990 }],
        weightGrams: 190,
        onHand: 4,
      },
    ],
  });
});

const short = 'Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Gift Card\n';

test('what cannot be a product is told with its line', async () => {
  const { products, told, entries } = await testImport({
    text: `${short}a,A,Size,S,A-S,1,,
a,,,M,A-S,1,,
b,B,,,B,free,,
,No handle,,,X,1,,
c,,,,C,1,,
card,Card,,,CARD,10,,TRUE
d,D,,,D,1,lots,
good,Good,,,G,2,3,
a,A again,,,A-2,1,,
`,
  });
  assert.deepEqual(
    products.map(({ slug }) => slug),
    ['good'],
  );
  assert.deepEqual(told, ['2 key-taken', '4 value', '5 missing', '6 missing', '7 value', '8 value', '10 key-taken']);
  assert.match(entries[0]?.detail ?? '', /^line 3, a row of the same product, has the SKU “A-S”/);
});

test('handles of other alphabets become slugs that stay apart', async () => {
  const { products } = await testImport({ text: `${short}日本,A,,,A,1,,\n中国,B,,,B,1,,\nÜber-Größe,C,,,C,1,,\n` });
  const slugs = products.map(({ slug }) => slug);
  assert.equal(new Set(slugs).size, 3);
  assert.equal(slugs[2], 'uber-grosse');
  for (const slug of slugs) assert.match(slug, /^[a-z0-9]+(-[a-z0-9]+)*$/);
});
