import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readDelimited } from './delimited.ts';
import { readJsonArray } from './json-array.ts';
import { readJsonLines } from './json-lines.ts';
import { FeedError, type FeedRecord, type Reading } from './record.ts';
import { plainUtf8 } from './source.ts';

/** The bytes in pieces that end anywhere: within a character, a quote, a line end. */
async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect(readings: AsyncIterable<readonly Reading[]>): Promise<Reading[]> {
  const all: Reading[] = [];
  for await (const some of readings) all.push(...some);
  return all;
}

const pieceSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const recordsOf = (readings: readonly Reading[]) =>
  readings.filter((reading): reading is FeedRecord => reading.kind === 'record');
const refusedOf = (readings: readonly Reading[]) =>
  readings.flatMap((reading) => (reading.kind === 'refused' ? [`${reading.line} ${reading.reason}`] : []));
const csv = async (text: string | Buffer, sizes: readonly number[] = [7], delimiter = ',') =>
  collect((await readDelimited(inPieces(Buffer.from(text), sizes), { delimiter })).readings);
const jsonl = (text: string | Buffer, sizes: readonly number[] = [7], rowBytesMax = 1000) =>
  collect(readJsonLines(inPieces(Buffer.from(text), sizes), { rowBytesMax }));
const json = (text: string | Buffer, sizes: readonly number[] = [7], rowBytesMax = 1000) =>
  collect(readJsonArray(inPieces(Buffer.from(text), sizes), { rowBytesMax }));

// --- CSV --------------------------------------------------------------------------------------------------------------

const field = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  fc.constantFrom('', '"', '""', 'a"b', '\n', '\r\n', 'x,y', '\t', ' padded ', 'é😀', "'", 'line\nbreak'),
);
const table = fc
  .integer({ min: 2, max: 5 })
  .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }));
const enquoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

test('a table written as CSV is read back, whatever it holds and wherever the pieces end', async () => {
  await fc.assert(
    fc.asyncProperty(
      table,
      pieceSizes,
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      async (rows, sizes, lineEnd, ends) => {
        const header = (rows[0] ?? []).map((_, index) => `c${index}`);
        const lines = [header, ...rows].map((row) => row.map(enquoted).join(','));
        const readings = await csv(lines.join(lineEnd) + (ends ? lineEnd : ''), sizes);
        assert.deepEqual(
          recordsOf(readings).map(({ values }) => header.map((name) => values[name])),
          rows,
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('a row knows its line and its byte, past line breaks in quotes and empty lines', async () => {
  const text = 'a,b\n\n"two\nlines",1\r\n\r\nplain,2\n"é",3';
  const records = recordsOf(await csv(text));
  assert.deepEqual(
    records.map(({ line, byte }) => [line, byte]),
    [
      [3, 5],
      [6, 22],
      [7, 30],
    ],
  );
  for (const { byte, values } of records) {
    const rest = Buffer.from(text).subarray(byte).toString();
    assert(rest.replace('"', '').startsWith(String(values.a)));
  }
});

test('rows with too few or too many fields are refused; empty fields at the end are not too many', async () => {
  const readings = await csv('a,b\n1\n1,2\n1,2,3\n1,2,,\n');
  assert.deepEqual(refusedOf(readings), ['2 columns', '4 columns']);
  assert.equal(recordsOf(readings).length, 2);
});

test('a quote that is never closed costs its own line and not the rest of the file', async () => {
  const text = `a,b\n1,2\n"open,3\n4,5\n"6",7\n8,9\n`;
  for (const sizes of [[1], [5], [1000]]) {
    const readings = await csv(text, sizes);
    assert.deepEqual(refusedOf(readings), ['3 syntax']);
    assert.deepEqual(
      recordsOf(readings).map(({ line, values }) => [line, values.a, values.b]),
      [
        [2, '1', '2'],
        [4, '4', '5'],
        [5, '6', '7'],
        [6, '8', '9'],
      ],
    );
  }
});

test('a quote within a field is text, and the row says so', async () => {
  const readings = await csv('name,size\n15" monitor,1\nplain,2\n', [3]);
  assert.deepEqual(
    recordsOf(readings).map(({ values }) => values.name),
    ['15" monitor', 'plain'],
  );
  assert.deepEqual(
    readings.filter(({ kind }) => kind === 'note').map(({ line }) => line),
    [2],
  );
});

test('bytes that are not UTF-8 cost their row only', async () => {
  const text = Buffer.concat([Buffer.from('a,b\nok,1\nM'), Buffer.from([0xfc]), Buffer.from('ller,2\nfine,3\n')]);
  for (const sizes of [[1], [1000]]) {
    const readings = await csv(text, sizes);
    assert.deepEqual(refusedOf(readings), ['3 encoding']);
    assert.deepEqual(
      recordsOf(readings).map(({ line }) => line),
      [2, 4],
    );
  }
});

test('a row beyond the limit is refused in bounded memory and the next one is read', async () => {
  const feed = await readDelimited(inPieces(Buffer.from(`a,b\n${'x'.repeat(5000)},1\nok,2\n`), [64]), {
    delimiter: ',',
    limits: { rowBytesMax: 1000 },
  });
  const readings = await collect(feed.readings);
  assert(refusedOf(readings).includes('2 too-large'));
  assert.deepEqual(
    recordsOf(readings).map(({ values }) => values.a),
    ['ok'],
  );
});

test('a column may be called __proto__ and stays a column', async () => {
  const [record] = recordsOf(await csv('__proto__,b\n1,2\n'));
  assert.equal(record?.values.__proto__, '1');
});

test('two columns of one name, and a file without a line of names, are said to be so', async () => {
  await assert.rejects(csv('a,a\n1,2\n'), { name: 'FeedError', message: /Two columns are named “a”/ });
  await assert.rejects(csv(''), { name: 'FeedError', message: /is empty/ });
  await assert.rejects(csv('\n\n'), { name: 'FeedError', message: /is empty/ });
});

test('tabs separate, and quotes work as in CSV', async () => {
  const readings = await csv('id\ttitle\n1\t"a\tb"\n2\t7" disk\n', [2], '\t');
  assert.deepEqual(
    recordsOf(readings).map(({ values }) => values.title),
    ['a\tb', '7" disk'],
  );
});

// --- JSON Lines -------------------------------------------------------------------------------------------------------

const jsonObject = fc.dictionary(
  fc.string().map((key) => `k${key}`),
  fc.jsonValue({ maxDepth: 3 }),
  { maxKeys: 5 },
);
/** JSON has no -0; names that reach the prototype have their own test. */
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'proto'));

test('objects written as JSON Lines are read back, wherever the pieces end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(jsonObject, { maxLength: 10 }), pieceSizes, fc.boolean(), async (some, sizes, crlf) => {
      const objects = some.map(asJson);
      const readings = await jsonl(
        objects.map((object) => JSON.stringify(object)).join(crlf ? '\r\n\r\n' : '\n'),
        sizes,
        1e6,
      );
      assert.deepEqual(
        recordsOf(readings).map(({ values }) => values),
        objects,
      );
      assert.deepEqual(
        recordsOf(readings).map(({ line }) => line),
        objects.map((_, index) => (crlf ? index * 2 : index) + 1),
      );
    }),
    { numRuns: 300 },
  );
});

test('bad lines are refused with their number and the good ones are read', async () => {
  const bad = Buffer.concat([
    Buffer.from('{"a":1}\n{"a":\n[1]\nnull\n\n{"b":"'),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('"}\n{"c":"\\u0000"}\n{"__proto__":1}\n{"d":"\\ud800"}\n'),
    Buffer.from(`{"e":"${'x'.repeat(3000)}"}\n{"f":1}\n`),
  ]);
  for (const sizes of [[1], [100], [100_000]]) {
    const readings = await jsonl(bad, sizes);
    assert.deepEqual(
      refusedOf(readings),
      ['2 syntax', '3 syntax', '4 syntax', '6 encoding', '7 syntax', '8 syntax', '9 syntax'].concat(
        sizes[0] === 100_000 ? [] : ['10 too-large'],
      ),
    );
    assert.equal(recordsOf(readings).at(-1)?.line, 11);
  }
});

test('a last line that ends in the middle is a file cut off, after all rows before it', async () => {
  const rows: Reading[] = [];
  await assert.rejects(
    async () => {
      for await (const some of readJsonLines(inPieces(Buffer.from('{"a":1}\n{"a":2}\n{"a"'), [4]))) rows.push(...some);
    },
    { name: 'FeedError', message: /middle of line 3/ },
  );
  assert.equal(recordsOf(rows).length, 2);
});

// --- JSON arrays ------------------------------------------------------------------------------------------------------

test('an array is split into its elements, wherever the pieces end and however it is laid out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(jsonObject, { maxLength: 10 }),
      pieceSizes,
      fc.constantFrom(0, 1, '\t'),
      async (some, sizes, indent) => {
        const objects = some.map(asJson);
        const text = JSON.stringify(objects, null, indent);
        const readings = await json(`\n ${text}\n`, sizes, 1e6);
        const records = recordsOf(readings);
        assert.deepEqual(
          records.map(({ values }) => values),
          objects,
        );
        for (const { line, byte } of records) {
          const before = Buffer.from(`\n ${text}`).subarray(0, byte).toString();
          assert.equal(line, before.split('\n').length);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a bad element costs itself alone', async () => {
  const text = `[
  {"a": 1},
  {"a": 2 "b": 3},
  {'a': 4},
  7,
  "text, with [brackets] and \\" quote",
  {"a": 5},,
  {"a": 6}
  {"a": "forgotten quote},
  {"a": 7}},
  {"long": "${'x'.repeat(2000)}"},
  {"a": 8},
]`;
  for (const sizes of [[1], [13], [10_000]]) {
    const readings = await json(text, sizes);
    assert.deepEqual(
      recordsOf(readings).map(({ values }) => values.a),
      [1, 5, 6, 8],
    );
    const refused = refusedOf(readings);
    for (const line of ['3', '4', '5', '6', '7', '9']) assert(refused.includes(`${line} syntax`), `line ${line}`);
    assert(refused.includes('11 too-large'));
  }
});

test('an array that is not closed was cut off; what is no array is said to be none', async () => {
  await assert.rejects(json('[{"a":1},{"a":'), { name: 'FeedError', message: /cut off/ });
  await assert.rejects(json('[{"a":1}'), { name: 'FeedError', message: /cut off/ });
  await assert.rejects(json('{"a":1}'), { name: 'FeedError', message: /begins with/ });
  await assert.rejects(json('[] []'), { name: 'FeedError', message: /follows the end/ });
  await assert.rejects(json('  '), { name: 'FeedError', message: /empty/ });
  assert.deepEqual(await json('[]'), []);
});

// --- What is around the rows ------------------------------------------------------------------------------------------

async function plain(bytes: Buffer, size = 5): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of plainUtf8(inPieces(bytes, [size]), 'feed')) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test('gzip, byte order marks and UTF-16 are told by the first bytes', async () => {
  const text = 'a,b\nÜmläut,😀\n';
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  for (const bytes of [
    Buffer.from(text),
    Buffer.from(`\ufeff${text}`),
    gzipSync(text),
    gzipSync(`\ufeff${text}`),
    Buffer.concat([gzipSync('a,b\n'), gzipSync('Ümläut,😀\n')]),
    utf16,
    Buffer.from(utf16).swap16(),
    gzipSync(utf16),
  ]) {
    for (const size of [1, 3, 1000]) assert.equal(await plain(bytes, size), text);
  }
  assert.equal(await plain(Buffer.from('x')), 'x');
  assert.equal(await plain(Buffer.alloc(0)), '');
});

test('of gzip that was cut off, all that is there is given before the error', async () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `row ${index} ${Math.sin(index)}\n`).join('');
  const whole = gzipSync(text);
  for (const share of [0.3, 0.9, 0.999]) {
    const pieces: Buffer[] = [];
    await assert.rejects(
      async () => {
        for await (const piece of plainUtf8(inPieces(whole.subarray(0, whole.length * share), [4096]), 'feed')) {
          pieces.push(piece);
        }
      },
      (error) => error instanceof FeedError && /cut off/.test(error.message),
    );
    const got = Buffer.concat(pieces).toString();
    assert(text.startsWith(got));
    assert(got.length > text.length * share * 0.8, `${got.length} of ${text.length * share}`);
  }
  const damaged = Buffer.from(whole);
  damaged.fill(0xff, whole.length / 2, whole.length / 2 + 50);
  await assert.rejects(plain(damaged, 4096), { name: 'FeedError', message: /damaged/ });
});

test('a workbook is not mistaken for text', async () => {
  await assert.rejects(plain(Buffer.from('PK\u0003\u0004rest')), { name: 'FeedError', message: /Excel/ });
});
