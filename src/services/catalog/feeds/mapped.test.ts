import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testFolder, testImport, writeFeed } from './testing.ts';

const folder = testFolder();
const base = 'slug: name\nsku: "{name}-sku"\ntitle: name\n';

test('columns, pointers, templates, constants, alternatives and defaults', async () => {
  const { products, told } = await testImport(
    {
      text: [
        '{"name":"One","specs":{"colour":"red","sizes":[10,20]},"brand":"  Acme\\t Ltd "}',
        '{"name":"Two","alias":"Zwei","specs":{"sizes":[]},"a/b":{"c~d":"deep"}}',
      ].join('\n'),
    },
    {
      mapping: `
slug: '{name}-{/specs/colour?}'
sku: { from: [alias, name] }
title: ['{name} by {brand}', '{name}!']
vendor: { from: brand, default: nobody }
description: { const: always }
attributes:
  - { name: colour, from: /specs/colour, default: none }
  - { name: second size, from: /specs/sizes/1 }
  - { name: deep, from: /a~1b/c~0d }
  - { name: line, from: $line }
`,
    },
  );
  assert.deepEqual(told, []);
  assert.deepEqual(products, [
    {
      slug: 'one-red',
      title: 'One by Acme Ltd',
      description: 'always',
      vendor: 'Acme Ltd',
      state: 'draft',
      attributes: { colour: 'red', 'second size': 20, line: 1 },
      variants: [{ sku: 'One', prices: [] }],
    },
    {
      slug: 'two',
      title: 'Two!',
      description: 'always',
      vendor: 'nobody',
      state: 'draft',
      attributes: { colour: 'none', deep: 'deep', line: 2 },
      variants: [{ sku: 'Zwei', prices: [] }],
    },
  ]);
});

test('prices in minor units, in decimals, with symbols and separators, exactly', async () => {
  const price = async (value: string, rule: string, currency = 'USD') => {
    const feed = { text: `name,p\nx,"${value.replaceAll('"', '""')}"\n` };
    const { products, entries } = await testImport(feed, { mapping: `${base}price: ${rule}\ncurrency: ${currency}\n` });
    return products[0]?.variants[0]?.prices[0]?.amountMinor ?? entries[0]?.detail;
  };
  assert.equal(await price('1999', '{ from: p, unit: minor }'), 1999);
  assert.equal(await price('0.29', 'p'), 29);
  assert.equal(await price('$1,234.5', 'p'), 123_450);
  assert.equal(await price('12.50 USD', 'p'), 1250);
  assert.equal(await price('1.234,50 €', '{ from: p, decimalComma: true }', 'EUR'), 123_450);
  assert.equal(await price('1500', 'p', 'JPY'), 1500);
  assert.equal(await price('1.234', 'p', 'KWD'), 1234);
  assert.equal(await price('0', 'p'), 0);
  assert.match(String(await price('1.005', 'p')), /USD has 2 decimals/);
  assert.match(String(await price('1500.5', 'p', 'JPY')), /JPY has 0 decimals/);
  assert.match(String(await price('-3', 'p')), /negative price “-3”/);
  assert.match(String(await price('call us', 'p')), /where a price is expected/);
  assert.match(String(await price('12.5', '{ from: p, unit: minor }')), /decimals/);
  assert.match(String(await price('20000000000', 'p')), /too high/);
});

test('a struck-out price, several currencies, and the currency that the command line names', async () => {
  const feed = { text: 'name,p,old,eur,cur\nx,10,12,9,GBP\ny,10,9,,CHF\n' };
  const several = await testImport(feed, {
    mapping: `${base}prices:\n  - { from: p, compareAt: { from: old } }\n  - { from: eur, currency: EUR }\n`,
    currency: 'SEK',
  });
  assert.deepEqual(
    several.products.map(({ variants }) => variants[0]?.prices),
    [
      [
        { currency: 'SEK', amountMinor: 1000, compareAtMinor: 1200 },
        { currency: 'EUR', amountMinor: 900 },
      ],
      // An old price below the new one is none.
      [{ currency: 'SEK', amountMinor: 1000 }],
    ],
  );
  const own = await testImport(feed, { mapping: `${base}price: { from: p, currency: { from: cur } }\n` });
  assert.deepEqual(
    own.products.map(({ variants }) => variants[0]?.prices[0]?.currency),
    ['GBP', 'CHF'],
  );
});

test('what to do without a price', async () => {
  const feed = { text: 'name,p\na,1\nb,\n' };
  const states = async (rule: string) => {
    const { products, outcome } = await testImport(feed, { mapping: `${base}price: p\nwithoutPrice: ${rule}\n` });
    return [...products.map(({ state }) => state), `skipped ${outcome.summary.skipped}`];
  };
  assert.deepEqual(await states('draft'), ['published', 'draft', 'skipped 0']);
  assert.deepEqual(await states('published'), ['published', 'published', 'skipped 0']);
  assert.deepEqual(await states('skip'), ['published', 'skipped 1']);
});

test('weights and lengths are converted; what is no number is told', async () => {
  const { products, told, entries } = await testImport(
    { text: 'name,w,u,inch\na,1.5,kg,10\nb,2,lbs,0.5\nc,8,oz,\nd,x,kg,1\ne,1,stone,1\n' },
    {
      mapping: `${base}weight: { from: w, unit: { from: u } }
attributes:
  - { name: width cm, from: inch, unit: in, to: cm }
`,
    },
  );
  assert.deepEqual(
    products.map(({ variants, attributes }) => [variants[0]?.weightGrams, attributes?.['width cm']]),
    [
      [1500, 25.4],
      [907, 1.27],
      [227, undefined],
    ],
  );
  assert.deepEqual(told, ['5 value', '6 value']);
  assert.match(entries[1]?.detail ?? '', /“stone” where a unit of weight is expected/);
});

test('HTML becomes text, lists are split, values are mapped, words cut', async () => {
  const { products } = await testImport(
    {
      text: 'name\tbody\ttags\tstate\timg\nx\t<p>Fish &amp; chips&#174;</p><script>x()</script><ul><li>a</li><li>b</li></ul>\tA > B; C ;\tyes\thttp://i/1.jpg|http://i/2.jpg|javascript:x\n',
    },
    {
      mapping: `${base}description: { from: body, html: true }
state: { from: state, map: { yes: published, no: archived }, otherwise: refuse }
withoutPrice: published
media: [{ from: img, split: '|', alt: name }]
collections: [{ from: tags, split: ';' }]
vendor: { from: body, html: true, max: 5 }
`,
    },
  );
  assert.deepEqual(products[0], {
    slug: 'x',
    title: 'x',
    description: 'Fish & chips®\n\n- a\n- b',
    vendor: 'Fish…',
    state: 'published',
    collections: ['a-b', 'c'],
    media: [
      { url: 'http://i/1.jpg', alt: 'x' },
      { url: 'http://i/2.jpg', alt: 'x' },
    ],
    variants: [{ sku: 'x-sku', prices: [] }],
  });
});

test('attributes by prefix and the rest, typed; a name that two columns come to says which it is', async () => {
  const { products } = await testImport(
    {
      text: '{"name":"x","t_size__cm_":"big","n_size__cm_":12,"b_new":"Yes","extra":"007","ok":"true","list":["a","b"],"range":[1,9],"flat":5,"none":null}',
    },
    {
      mapping: `${base}attributes:
  - { name: span, from: range, range: true }
  - { name: flat, from: flat, range: true }
  - { prefix: t_, names: words, type: text }
  - { prefix: n_, names: words, type: number }
  - { prefix: b_, type: yes-no }
  - { rest: true, except: [name, t_size__cm_, n_size__cm_, b_new] }
`,
    },
  );
  assert.deepEqual(products[0]?.attributes, {
    'span min': 1,
    'span max': 9,
    'flat min': 5,
    'flat max': 5,
    'size cm': 'big',
    'size cm (number)': 12,
    new: true,
    extra: '007',
    ok: true,
    list: 'a, b',
  });
});

test('rows are skipped by rule, refused where something required is missing', async () => {
  const { products, told, outcome } = await testImport(
    { text: 'name,kind,ean\na,good,1\nb,service,2\nc,good,\n,good,4\nd,,5\n' },
    {
      mapping: `${base}barcodes: ean
required: [ean]
skip:
  - { when: kind, is: [service], because: services are no goods }
  - { when: kind, because: no kind }
`,
    },
  );
  assert.deepEqual(
    products.map(({ slug }) => slug),
    ['a'],
  );
  assert.deepEqual(told, ['3 skipped', '4 missing', '5 missing', '6 skipped']);
  assert.deepEqual(
    outcome.summary.skips.map(({ kind, count }) => [kind, count]),
    [
      ['services are no goods', 1],
      ['no kind', 1],
    ],
  );
});

test('slugs that collide are refused, numbered, or told apart by another column', async () => {
  const feed = { text: 'name,id\nA b,1\na B,2\nA-B,3\nother,4\n' };
  const slugs = async (rule: string) => {
    const mapping = `slug: name\nsku: id\ntitle: name\n${rule}`;
    const { products, told } = await testImport(feed, { mapping });
    return [...products.map(({ slug }) => slug), ...told];
  };
  assert.deepEqual(await slugs(''), ['a-b', 'other', '3 key-taken', '4 key-taken']);
  assert.deepEqual(await slugs('collisions: number\n'), ['a-b', 'a-b-2', 'a-b-3', 'other']);
  assert.deepEqual(await slugs('collisions: { append: id }\n'), ['a-b', 'a-b-2', 'a-b-3', 'other']);
  const { entries } = await testImport(feed, { mapping: 'slug: name\nsku: id\ntitle: name\n' });
  assert.equal(entries[0]?.detail, 'has the slug “a-b”, which line 2 has already');
});

test('rows of one product become its variants, wherever they stand', async () => {
  const text =
    'style,size,sku,price,cat,img\nS1,S,s1-s,10,Tops,http://i/1\nS2,S,s2-s,5,Tops,\nS1,M,s1-m,11,Sale,http://i/2\nS1,M,s1-m,11,Tops,\n';
  const mapping = (rows: string) => `
group: { by: style, rows: ${rows} }
slug: style
title: style
sku: sku
price: price
options: { Size: size }
collections: [cat]
media: [img]
`;
  const anywhere = await testImport({ text }, { mapping: mapping('anywhere') });
  assert.deepEqual(anywhere.told, []);
  assert.deepEqual(
    anywhere.products.find(({ slug }) => slug === 's1'),
    {
      slug: 's1',
      title: 'S1',
      state: 'published',
      collections: ['tops', 'sale'],
      optionNames: ['Size'],
      media: [{ url: 'http://i/1' }, { url: 'http://i/2' }],
      variants: [
        { sku: 's1-s', options: { Size: 'S' }, prices: [{ currency: 'USD', amountMinor: 1000 }] },
        { sku: 's1-m', options: { Size: 'M' }, prices: [{ currency: 'USD', amountMinor: 1100 }] },
      ],
    },
  );
  // Declared to stand together, the second batch of rows is another product with the same slug.
  const together = await testImport({ text }, { mapping: mapping('together') });
  assert.deepEqual(together.told, ['4 key-taken']);
});

test('a bad row refuses its product as a whole, and a row refused among its rows too', async () => {
  const mapping = 'group: s\nslug: s\ntitle: s\nsku: k\nprice: p\n';
  const bad = await testImport({ text: 's,k,p\na,a1,1\na,a2,free\nb,b1,2\n' }, { mapping });
  assert.deepEqual(
    bad.products.map(({ slug }) => slug),
    ['b'],
  );
  assert.match(bad.entries[0]?.detail ?? '', /^line 3, a row of the same product, has “free”/);
  const ragged = await testImport({ text: 's,k,p\na,a1,1\na,a2\na,a3,1\nb,b1,2\n' }, { mapping });
  assert.deepEqual(ragged.told, ['3 columns', '2 columns']);
  assert.deepEqual(
    ragged.products.map(({ slug }) => slug),
    ['b'],
  );
});

test('the same row twice is a duplicate; in files of two names only where the name says nothing', async () => {
  const one = writeFeed(folder, 'one.csv', 'name\na\nb\na\n');
  const two = writeFeed(folder, 'two.csv', 'name\na\n');
  const plain = await testImport({ files: [one, two] }, { mapping: base });
  assert.equal(plain.outcome.summary.duplicates, 2);
  assert.match(plain.entries[1]?.detail ?? '', /repeats line 2 of .*one\.csv/);
  const byFile = await testImport(
    { files: [one, two] },
    { mapping: 'slug: "{name}-{$file}"\nsku: "{name}-{$hash}"\ntitle: name\n' },
  );
  assert.equal(byFile.outcome.summary.duplicates, 1);
  assert.deepEqual(
    byFile.products.map(({ slug }) => slug),
    ['a-one', 'b-one', 'a-two'],
  );
});

test('values are looked up in a file beside the feed', async () => {
  writeFeed(folder, 'names.csv', '\ufeffcode,english\r\nbebes,baby\r\n');
  const feed = writeFeed(folder, 'goods.csv', 'name,cat\nx,bebes\ny,pc_gamer\n');
  const lookup = 'lookup: { file: names.csv, from: code, to: english }';
  const { products } = await testImport({ files: [feed] }, { mapping: `${base}vendor: { from: cat, ${lookup} }\n` });
  assert.deepEqual(
    products.map(({ vendor }) => vendor),
    ['baby', 'pc_gamer'],
  );
  const missing = await testImport(
    { files: [feed] },
    { mapping: `${base}vendor: { from: cat, ${lookup.replace('names', 'no')} }\n` },
  );
  assert.match(JSON.stringify(missing.outcome.stopped), /no\.csv.*put it beside the feed/);
});

test('a column that the file lacks is told with the line of the mapping, before anything is written', async () => {
  const { outcome, products } = await testImport({ text: 'name,prise\nx,1\n' }, { mapping: `${base}price: price\n` });
  assert.equal(products.length, 0);
  assert.match(
    JSON.stringify(outcome.stopped),
    /test\.yaml:4 names the column “price”, which the file lacks\. It has: “name”, “prise”/,
  );
});

test('units on hand are whole numbers, none below nothing', async () => {
  const { products, told } = await testImport(
    { text: 'name,q\na,5\nb,-2\nc,1.5\nd,many\ne,\nf,7.0\n' },
    { mapping: `${base}onHand: q\n` },
  );
  assert.deepEqual(
    products.map(({ variants }) => variants[0]?.onHand),
    [5, 0, undefined, 7],
  );
  assert.deepEqual(told, ['3 note', '4 value', '5 value']);
});

test('a file whose name a mapping must know is told so before its first row, with the names it knows', async () => {
  const mapping =
    'slug: name\nsku: name\ntitle: name\ncollections:\n  - from: $file\n    otherwise: refuse\n    map: { cpu: Processors, mouse: Mice }\n';
  const piped = await testImport({ text: 'name\nx\n' }, { mapping });
  assert(piped.outcome.stopped?.kind === 'unreadable');
  assert.equal(
    piped.outcome.stopped.detail,
    "test.yaml:5 tells by the file's name what its rows are, and standard input has none. Give a file of one of these names: cpu, mouse.",
  );
  const renamed = await testImport({ files: [writeFeed(folder, 'copy.csv', 'name\nx\n')] }, { mapping });
  assert.match(JSON.stringify(renamed.outcome.stopped), /and it does not know “copy”\./);
  assert.equal(renamed.outcome.summary.rows, 0);
  const named = await testImport({ files: [writeFeed(folder, 'cpu.csv', 'name\nx\n')] }, { mapping });
  assert.deepEqual(named.products[0]?.collections, ['processors']);
});

test('rows are accounted for: products, joined, repeated, left out and refused add up to them', async () => {
  const mapping = 'group: { by: s, rows: anywhere }\nslug: "{s}"\nsku: k\ntitle: t\nskip: [{ when: t, is: no }]\n';
  const text = 's,k,t\na,1,A\nb,2,B\na,3,A\na,3,A\nc,4,no\nd,5,\nd,6,\ne\n';
  const { summary } = (await testImport({ text }, { mapping })).outcome;
  const { rows, created, joined, duplicates, skipped, refused } = summary;
  assert.deepEqual([rows, created, joined, duplicates, skipped, refused], [8, 2, 2, 1, 1, 2]);
});
