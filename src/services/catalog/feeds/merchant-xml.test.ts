import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMerchantXml } from './merchant-xml.ts';
import { FeedError, type FeedRecord, type Reading } from './record.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Buffer, size = 9, rowBytesMax = 10_000): Promise<Reading[]> {
  const all: Reading[] = [];
  for await (const some of readMerchantXml(inPieces(Buffer.from(text), size), { rowBytesMax })) all.push(...some);
  return all;
}
const recordsOf = (readings: readonly Reading[]) =>
  readings.filter((reading): reading is FeedRecord => reading.kind === 'record');

const rss = (items: string, head = '<?xml version="1.0"?>') => `${head}
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Shop</title><link>https://shop.example</link>
${items}
</channel>
</rss>`;

test('RSS items become records, each with its line and its byte', async () => {
  const text = rss(`<item>
  <g:id>Ü1</g:id><title>Tea &amp; mug &#174; &nbsp;</title><g:title>other</g:title>
  <g:price>1.50 EUR</g:price>
  <description><![CDATA[<b>Strong</b> & hot]]></description>
  <g:additional_image_link>a</g:additional_image_link><g:additional_image_link>b</g:additional_image_link>
  <g:shipping><g:country>DE</g:country><g:price>4 EUR</g:price></g:shipping>
  <media:content>ignored</media:content><g:empty/>
</item>
<item><g:id>2</g:id></item>`);
  for (const size of [1, 7, 100_000]) {
    const [first, second] = recordsOf(await read(text, size));
    assert.deepEqual(first?.values, {
      id: 'Ü1',
      title: ['Tea & mug ®', 'other'],
      price: '1.50 EUR',
      description: '<b>Strong</b> & hot',
      additional_image_link: ['a', 'b'],
      shipping: { country: 'DE', price: '4 EUR' },
      empty: '',
    });
    assert.deepEqual([first?.line, second?.line], [4, 12]);
    for (const record of [first, second]) {
      assert.equal(
        Buffer.from(text)
          .subarray(record?.byte, (record?.byte ?? 0) + 6)
          .toString(),
        '<item>',
      );
    }
  }
});

test('Atom entries, another prefix for the namespace, and links in attributes', async () => {
  const text = `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:goo="http://base.google.com/ns/1.0">
<entry><goo:id>1</goo:id><title>One</title><link rel="self" href="x"/><link href="https://shop.example/1"/></entry></feed>`;
  const [record] = recordsOf(await read(text));
  assert.deepEqual(record?.values, { id: '1', title: 'One', link: 'https://shop.example/1' });
});

test('a broken item costs itself alone', async () => {
  const text = Buffer.from(
    rss(`<item><g:id>1</g:id></item>
<item><g:id>2</g:id><title>Salt &pepper;</title></item>
<item><g:id>3</g:id><title>open</item>
<item><g:id>4</g:id>
<item><g:id>5</g:id></b></item>
<item><g:id>6</g:id><title>M@ller</title></item>
<item><g:id>7</g:id></item>`),
  );
  text[text.indexOf('@')] = 0xfc;
  for (const size of [1, 50, 100_000]) {
    const readings = await read(text, size);
    assert.deepEqual(
      recordsOf(readings).map(({ values }) => values.id),
      ['1', '7'],
    );
    assert.deepEqual(
      readings.flatMap((reading) => (reading.kind === 'refused' ? [`${reading.line} ${reading.reason}`] : [])),
      ['5 syntax', '6 syntax', '7 syntax', '8 syntax', '9 encoding'],
    );
  }
});

test('an “&” that stands alone is text, and the item says so', async () => {
  const text = rss(`<item><g:id>1</g:id><title>Salt & pepper &amp; R&D&</title>
<description><![CDATA[a & b &amp; c]]]]></description><link>https://shop.example/?a=1&b=2</link></item>
<item><g:id>2</g:id></item>`);
  for (const size of [1, 2, 3, 20, 100_000]) {
    const readings = await read(text, size);
    const [first, second] = recordsOf(readings);
    assert.deepEqual(first?.values, {
      id: '1',
      title: 'Salt & pepper & R&D&',
      description: 'a & b &amp; c]]',
      link: 'https://shop.example/?a=1&b=2',
    });
    assert.equal(second?.byte, Buffer.from(text).lastIndexOf('<item>'));
    assert.deepEqual(
      readings.filter(({ kind }) => kind === 'note').map(({ line }) => line),
      [4],
    );
  }
});

test('entities defined in the file are refused before they are expanded', async () => {
  const bomb = `<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><item><id>&b;</id></item></channel></rss>`;
  await assert.rejects(read(bomb), { name: 'FeedError', message: /document type/ });
  const external = rss('<item><g:id>&x;</g:id></item>', '<!DOCTYPE rss SYSTEM "file:///etc/passwd">');
  await assert.rejects(read(external), { name: 'FeedError', message: /document type/ });
});

test('an item, a text or a document type that does not end is bounded', async () => {
  await assert.rejects(read(rss(`<item><title>${'x'.repeat(50_000)}</title></item>`)), FeedError);
  await assert.rejects(read(`<rss><channel>${'x'.repeat(50_000)}`), FeedError);
  await assert.rejects(read(`<!DOCTYPE rss [${'<!ENTITY a "b">'.repeat(5000)}`), FeedError);
});

test('a feed cut off is said to be, after the items that were there', async () => {
  const whole = rss('<item><g:id>1</g:id></item><item><g:id>2</g:id></item>');
  const rows: Reading[] = [];
  await assert.rejects(
    async () => {
      const cut = Buffer.from(whole.slice(0, whole.indexOf('2</g:id>')));
      for await (const some of readMerchantXml(inPieces(cut, 16))) rows.push(...some);
    },
    { name: 'FeedError', message: /cut off/ },
  );
  assert.equal(recordsOf(rows).length, 1);
  await assert.rejects(read('just text'), { name: 'FeedError', message: /not XML/ });
  await assert.rejects(read(' '), { name: 'FeedError', message: /empty/ });
});

test('the declared encoding is honoured', async () => {
  const text = rss('<item><g:id>1</g:id><title>Müller</title></item>', '<?xml version="1.0" encoding="ISO-8859-1"?>');
  const [record] = recordsOf(await read(Buffer.from(text, 'latin1')));
  assert.equal(record?.values.title, 'Müller');
  const unknown = rss('', '<?xml version="1.0" encoding="klingon"?>');
  await assert.rejects(read(unknown), { name: 'FeedError', message: /klingon/ });
});
