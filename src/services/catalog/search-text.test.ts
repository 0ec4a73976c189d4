import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { codeKey, fold, terms, titleKeyOf, words } from './search-text.ts';
import { anyText } from './testing.ts';

const cases: [text: string, words: string][] = [
  ['Corsair Vengeance', 'corsair vengeance'],
  ['Wi-Fi', 'wifi wi fi'],
  ["Men's", 'mens men s'],
  ['RTX3060', 'rtx3060 rtx 3060'],
  ['32GB', '32gb 32 gb'],
  ['CMK32GX5M2', 'cmk32gx5m2'],
  ['3.5 mm', '3.5 mm'],
  ['1.2.3', '1.2.3'],
  ['and/or', 'and or'],
  ['-6000', '6000'],
  ['Größe Ø Łódź Æther', 'grosse o lodz aether'],
  ['ＷＩＤＥ ①', 'wide 1'],
  ['ﬁn', 'fin'],
  ['İstanbul', 'istanbul'],
  ['耳机', '耳机 机'],
  ['无线耳机 X', '无线 线耳 耳机 机 x'],
  ['机', '机 机'],
  ['한국어', '한국 국어 어'],
  ['索尼WH1000', '索尼 尼 wh1000 wh 1000'],
  ['', ''],
  ['!!! … —', ''],
];

for (const [text, expected] of cases) {
  test(`the words of “${text}”`, () => assert.deepEqual(words(text).join(' '), expected));
}

// Any characters of Unicode, and halves of them.
const anyCharacters = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 20 })
  .map((codePoints) => String.fromCodePoint(...codePoints));

test('words hold nothing that a query would have to escape, and are no longer than PostgreSQL takes', () => {
  const anyLength = fc.tuple(anyText, fc.constantFrom(1, 50)).map(([text, times]) => text.repeat(times));
  fc.assert(
    fc.property(fc.oneof(anyLength, anyCharacters), (text) => {
      for (const word of words(text)) {
        assert.match(word, /^[\p{L}\p{N}\p{M}.]+$/u);
        assert(word.length <= 64);
      }
    }),
    { numRuns: 1000 },
  );
});

test('ASCII goes a faster way to the same words', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (text) => {
      // A letter beyond ASCII sends the whole text the general way.
      assert.deepEqual(terms(`${text} ж`).slice(0, -1), terms(text));
    }),
    { numRuns: 1000 },
  );
});

test('folding and cutting are stable', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(fold(fold(text)), fold(text));
      const key = titleKeyOf(text);
      assert(key.isWellFormed() && key.length <= 120);
      assert.equal(codeKey(codeKey(text)), codeKey(text));
    }),
  );
});

test('a code is the same however it is copied', () => {
  for (const typed of ['WH-1000XM4/B', 'wh 1000xm4 b', 'WH1000XM4B', '  wh_1000.xm4b '])
    assert.equal(codeKey(typed), 'wh1000xm4b');
});
