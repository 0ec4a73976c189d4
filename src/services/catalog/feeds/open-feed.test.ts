import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FeedFormat } from './open-feed.ts';
import { testFolder, testImport, writeFeed } from './testing.ts';

const folder = testFolder();
const own = '{"slug":"x","title":"X","variants":[{"sku":"x","prices":[]}]}';
const shopify = 'Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\nx,X,,,x,1\n';
const merchant = (separator: string) =>
  [
    ['id', 'title', 'link', 'price', 'availability'],
    ['x', 'X', 'https://s', '1 USD', 'in_stock'],
  ]
    .map((row) => row.join(separator))
    .join('\n');
const xml = '<rss><channel><item><id>x</id><title>X</title></item></channel></rss>';

test('what a file is, is told from its beginning, whatever it is called and packed in', async () => {
  const feeds = [
    own,
    `\n\n${own}\n`,
    `[${own}]`,
    ` [\n${own}\n]\n`,
    shopify,
    merchant('\t'),
    merchant(','),
    merchant(';'),
    'ID;Image Link;Title;Link;Price\nx;https://i/1.jpg;X;https://s;1 USD\n',
    xml,
    `<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by hand -->\n${xml}`,
  ];
  for (const feed of feeds) {
    for (const bytes of [
      Buffer.from(feed),
      Buffer.from(`\ufeff${feed}`),
      Buffer.from(feed, 'utf16le'),
      gzipSync(feed),
    ]) {
      if (bytes.length === feed.length * 2 && bytes[1] === 0) continue; // UTF-16 says so by its mark, which is added below.
      const { products, outcome } = await testImport({ text: bytes });
      assert.deepEqual([outcome.stopped, products.map(({ slug }) => slug)], [undefined, ['x']], feed);
    }
    const utf16 = Buffer.from(`\ufeff${feed}`, 'utf16le');
    assert.equal((await testImport({ text: utf16 })).products.length, 1, feed);
    const file = writeFeed(folder, 'feed.dat', feed);
    assert.equal((await testImport({ files: [file] })).products.length, 1, feed);
  }
});

test('a mapping reads whatever holds the rows, with the separator that it names or the file shows', async () => {
  const mapping = 'slug: name\nsku: name\ntitle: name\nvendor: brand\n';
  for (const text of [
    'name,brand\nx,"a;b"\n',
    'name;brand\nx;a;b\n'.replace('a;b', '"a;b"'),
    'name\tbrand\nx\ta;b\n',
    'name|brand\nx|a;b\n',
    '[{"name":"x","brand":"a;b"}]',
    '{"name":"x","brand":"a;b"}\n',
    '<rss><channel><item><name>x</name><brand>a;b</brand></item></channel></rss>',
  ]) {
    const { products } = await testImport({ text }, { mapping });
    assert.deepEqual([products[0]?.slug, products[0]?.vendor], ['x', 'a;b'], text);
  }
  const named = await testImport({ text: 'name~brand\nx~a,b,c\n' }, { mapping: `${mapping}delimiter: "~"\n` });
  assert.equal(named.products[0]?.vendor, 'a,b,c');
});

test('what a file is not is told in a sentence', async () => {
  const cases: [text: string, format: FeedFormat | undefined, why: RegExp][] = [
    ['', undefined, /^Standard input is empty\.$/],
    ['\n \n', undefined, /^Standard input is empty\.$/],
    ['{\n  "slug": "x"\n}\n', undefined, /one JSON object over several lines/],
    ['a,b\n1,2\n', undefined, /has columns of its own \(“a”, “b”\)/],
    ['a,b\n1,2\n', 'shopify', /lacks the columns of a Shopify product export/],
    ['a,b\n1,2\n', 'merchant', /lacks the columns of a Merchant feed/],
    [own, 'shopify', /is not a CSV, as a Shopify export is/],
    [own, 'merchant', /is not TSV or XML/],
    [shopify, 'onrush', /is not JSON Lines, as Onrush exports them/],
    [own, 'json', /is not a JSON array/],
    ['\u0089PNG\r\n\u001a\n\u0000\u0000\u0000\rIHDR', undefined, /^Standard input is not text\./],
    [
      '{"name":"x","price":1}\n{"name":"y"}\n',
      undefined,
      /has fields of its own \(“name”, “price”\)\. Say with --mapping/,
    ],
    ['[{"name":"x"}]', undefined, /has fields of its own \(“name”\)/],
    ['PK\u0003\u0004', undefined, /zip archive or an Excel workbook/],
    ['<html><body>Not found</body></html>', undefined, /holds no items/],
  ];
  for (const [text, format, why] of cases) {
    const { outcome, products } = await testImport({ text }, format === undefined ? {} : { format });
    assert.equal(products.length, 0);
    assert(outcome.stopped?.kind === 'unreadable', text);
    assert.match(outcome.stopped.detail, why);
  }
});
