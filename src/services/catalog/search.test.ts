import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { until } from '../../platform/testing/until.ts';
import { anyText, clean, ok, product, testCatalog } from './testing.ts';

const { catalog, put, search } = await testCatalog();

await put(
  product('g305', {
    title: 'Logitech G305 LIGHTSPEED',
    vendor: 'Logitech',
    collections: ['parts/mouse'],
    attributes: { Sensor: 'Optical', Wireless: true, 'Backlit keys': false },
    variants: [
      { sku: 'MOU-305/BLK', options: { Colour: 'Black' }, barcodes: ['5099206083998'], prices: [] },
      { sku: 'MOU-305/LIL', options: { Colour: 'Lilac' }, prices: [] },
    ],
  }),
  product('mousepad', { title: 'Mouse pad, large', vendor: 'Steelseries', description: 'For a Logitech mouse.' }),
  product('vengeance', { title: 'Corsair Vengeance RGB 32 GB', vendor: 'Corsair', collections: ['parts/memory'] }),
  product('k70', { title: 'Corsair Vengeance K70 Mechanical Keyboard', vendor: 'Corsair' }),
  product('rtx', { title: 'Asus Dual GeForce RTX 3060', vendor: 'Asus' }),
  product('rtx-joined', { title: 'Palit StormX RTX3060', vendor: 'Palit' }),
  product('wifi', { title: 'ASRock Wi-Fi Board', vendor: 'ASRock' }),
  product('jackets', { title: 'Running Jackets', vendor: 'Tern & Tarn', description: 'For the rain.' }),
  product('cafe', { title: 'Café crème, größe Ø 8', vendor: 'Æther' }),
  product('the-who', { title: 'The Who T-Shirt', vendor: 'Merch' }),
  product('earphones', { title: '无线蓝牙耳机 降噪', vendor: '小米' }),
  product('japanese', { title: 'ワイヤレスイヤホン', vendor: 'ソニー' }),
  product('korean', { title: '무선 이어폰', vendor: '삼성' }),
  product('thai', { title: 'หูฟังไร้สาย', vendor: 'Gadget' }),
  product('russian', { title: 'Беспроводные наушники', vendor: 'Звук' }),
  product('daypack', {
    title: 'Tarn daypack',
    attributes: { Fabric: 'Cotton' },
    translations: {
      'zh-Hans': { title: '登山包', description: '防水背板', attributes: { 面料: '棉布' }, options: { Green: '墨绿' } },
      de: { title: 'Bergrucksack' },
    },
  }),
  product('pack-cover', {
    title: 'Rain cover',
    translations: { 'zh-Hans': { title: '大号轻便登山包专用防雨罩' } },
  }),
  product('lamp-zh', { title: 'Reading light', translations: { 'zh-Hans': { title: '灯' } } }),
  product('script', { title: '<script>alert(1)</script> lamp', vendor: "O'Neill" }),
  product('hidden-mouse', { title: 'Logitech hidden mouse', state: 'draft' }),
);

async function slugs(q: string, query = {}): Promise<string[]> {
  return (await search(q, query)).map(({ slug }) => slug);
}

const finds: [typed: string, first: string, why: string][] = [
  ['mou-305/blk', 'g305', 'a SKU, whatever its case'],
  ['MOU305BLK', 'g305', 'a SKU without its punctuation'],
  ['5099206083998', 'g305', 'a barcode'],
  ['g305', 'g305', 'a word of the title'],
  ['lights', 'g305', 'the beginning of the last word'],
  ['logitech lights', 'g305', 'a word and the beginning of another'],
  ['lilac', 'g305', 'an option'],
  ['optical', 'g305', "an attribute's text"],
  ['wireless logitech', 'g305', 'an attribute that is true, by its name'],
  ['jacket', 'jackets', 'the singular'],
  ['jackets for the rain', 'jackets', 'with words that say nothing'],
  ['run jacket', 'jackets', 'another form of the word'],
  ['tern tarn', 'jackets', 'a vendor'],
  ['cafe creme', 'cafe', 'without accents'],
  ['CAFÉ GRÖSSE', 'cafe', 'with accents and ß in capitals'],
  ['aether', 'cafe', 'a ligature taken apart'],
  ['o 8', 'cafe', 'a letter with a stroke'],
  ['the who', 'the-who', 'words that say nothing, when nothing else is said'],
  ['wifi', 'wifi', 'written together'],
  ['wi fi', 'wifi', 'written apart'],
  ['wi-fi', 'wifi', 'written with a hyphen'],
  ['rtx3060 dual', 'rtx', 'letters and digits written together'],
  ['rtx 3060 palit', 'rtx-joined', 'letters and digits written apart'],
  ['32gb', 'vengeance', 'a unit written together'],
  ['corsiar', 'vengeance', 'two letters swapped'],
  ['vengance', 'vengeance', 'a letter left out'],
  ['corsairr vengeence rgb', 'vengeance', 'a letter too many and a wrong one'],
  ['mechancial keybord', 'k70', 'two words mistyped'],
  ['gefroce', 'rtx', 'swapped in the middle'],
  ['asuz', 'rtx', 'a short word'],
  ['loogitech g305', 'g305', 'a mistyped word beside a right one'],
  ['наушник', 'russian', 'Cyrillic, unfinished'],
  ['беспроводные наушикни', 'russian', 'Cyrillic, mistyped'],
  ['耳机', 'earphones', 'the middle of a Chinese title'],
  ['蓝牙耳机', 'earphones', 'a part of it'],
  ['机', 'earphones', 'a single character'],
  ['小米', 'earphones', 'a Chinese vendor'],
  ['イヤホン', 'japanese', 'a part of a Japanese word'],
  ['이어폰', 'korean', 'a Korean word'],
  ['ไร้สาย', 'thai', 'a part of a Thai title'],
  ['登山包', 'daypack', 'a translated title'],
  ['登山', 'daypack', 'the beginning of a Chinese title'],
  ['山包', 'daypack', 'the end of a Chinese title, across its words'],
  ['登山 背板', 'daypack', 'a translated title and description'],
  ['棉布', 'daypack', 'a translated attribute'],
  ['墨绿', 'daypack', 'a translated option'],
  ['防雨罩', 'pack-cover', 'the end of a long Chinese title'],
  ['灯', 'lamp-zh', 'a title of one character'],
  ['bergrucksack', 'daypack', 'a title in another language'],
  ['berg', 'daypack', 'the beginning of it'],
  ['bergrucksak', 'daypack', 'mistyped in another language'],
  ['tarn daypack', 'daypack', 'its own title still'],
  ["o'neill lamp", 'script', 'an apostrophe'],
  ['oneill', 'script', 'and none'],
  ['key board', 'k70', 'two words that are one'],
  ['corsair key boards', 'k70', 'two of three words that are one, in another form'],
  ['mouse pad corsair', 'mousepad', 'never instead of what has the words as they are'],
  ['logitech banana', 'g305', 'one word of two'],
];

for (const [typed, first, why] of finds) {
  test(`“${typed}” finds ${first}: ${why}`, async () => {
    assert.equal((await slugs(typed))[0], first, JSON.stringify(await slugs(typed)));
  });
}

test('a translated title is found by its parts alone, the closest title first', async () => {
  assert.deepEqual(await slugs('登山包'), ['daypack', 'pack-cover']);
  assert.deepEqual(await slugs('登山'), ['daypack', 'pack-cover']);
  for (const unrelated of ['帐篷', '登包', '包山', '山登', '登山鞋', '登帐'])
    assert.deepEqual(await slugs(unrelated), [], unrelated);
});

test('what a search finds says what it is called in other languages, and no longer does when it is not', async () => {
  const found = async (q: string) => (await search(q)).map(({ slug, translations }) => [slug, translations]);
  assert.deepEqual(await found('登山包专用'), [['pack-cover', { 'zh-Hans': { title: '大号轻便登山包专用防雨罩' } }]]);
  await put(product('whistle', { translations: { 'zh-Hans': { title: '求生哨子' }, fr: { description: 'Fort.' } } }));
  assert.deepEqual(await found('哨子'), [['whistle', { 'zh-Hans': { title: '求生哨子' } }]]);
  await put(product('whistle', { translations: { 'zh-Hans': { title: '口笛' } } }));
  await until(async () => (await slugs('口笛')).length === 1 && (await slugs('哨子')).length === 0);
});

test('what has the words in its title comes before what has them elsewhere', async () => {
  assert.deepEqual((await slugs('logitech')).slice(0, 2), ['g305', 'mousepad']);
});

test('a search in a collection finds what is in it and below it alone', async () => {
  assert.deepEqual(await slugs('corsair', { collection: 'parts' }), ['vengeance']);
  assert.deepEqual(await slugs('corsair', { collection: 'parts/mouse' }), []);
  assert.deepEqual(await slugs('corsair', { collection: 'no/such' }), []);
});

test('what finds nothing is an empty page', async () => {
  for (const q of ['xyzzyplugh', '!!!', '-', '"', "'", '   ', '()', '%', '\\', '…', '🦭']) {
    assert.deepEqual(await slugs(q), [], q);
  }
});

test('whatever is typed is answered', async () => {
  const operators = fc.constantFrom(
    "'",
    '"',
    '\\',
    '&',
    '|',
    '!',
    '<->',
    ':*',
    '(',
    ')',
    ' or ',
    '-',
    '$1',
    '%',
    '_',
    '*',
  );
  const anyQuery = fc
    .array(fc.oneof(operators, anyText, fc.constantFrom('corsair', 'rtx', '耳机')), {
      minLength: 1,
      maxLength: 14,
    })
    .map((parts) => clean(parts.join(''), 190))
    .filter((q) => q !== '');
  await fc.assert(
    fc.asyncProperty(anyQuery, async (q) => {
      ok(await catalog.search({ query: { q } }));
    }),
    { numRuns: 120 },
  );
});

test('pages of a search go on where the last one ended, though others have come meanwhile', async () => {
  const many = Array.from({ length: 30 }, (_, n) => `brass-hook-${String(n).padStart(2, '0')}`);
  await put(...many.map((slug) => product(slug, { title: slug.replaceAll('-', ' ') })));
  const seen: string[] = [];
  let cursor: string | undefined;
  let round = 0;
  do {
    const { body } = ok(await catalog.search({ query: { q: 'brass hook', limit: 8, ...(cursor && { cursor }) } }));
    seen.push(...body.items.map(({ slug }) => slug));
    cursor = body.nextCursor;
    round += 1;
    await put(product(`brass-hook-new-${round}`, { title: `Brass hook new ${round}` }));
  } while (cursor !== undefined);
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(
    many.filter((slug) => !seen.includes(slug)),
    [],
  );
  const reply = await catalog.search({ query: { q: 'brass', cursor: 'nonsense' } });
  assert.equal(reply.status, 400);
});
