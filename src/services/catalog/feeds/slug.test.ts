import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEntities, htmlToText, manyLines, oneLine } from './html.ts';
import { convert, grams, parseDecimal } from './measure.ts';
import { slugify, slugWith } from './slug.ts';

const form = /^[a-z0-9]+(-[a-z0-9]+)*$/;

test('a slug is what an address may hold, and texts that differ beyond it stay apart', () => {
  const cases: [text: string, slug: string][] = [
    ['Café “Noir”, 2 kg', 'cafe-noir-2-kg'],
    ["Women's Tee", 'womens-tee'],
    ['Straße & Ærø', 'strasse-aero'],
    ['Intel® Core™2', 'intel-core2'],
    ['  --a__b--  ', 'a-b'],
  ];
  for (const [text, slug] of cases) assert.equal(slugify(text), slug);
  assert.notEqual(slugify('日本'), slugify('中国'));
  assert.notEqual(slugify(`${'x'.repeat(300)}1`), slugify(`${'x'.repeat(300)}2`));
  assert.equal(slugify('!?'), '');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 250 }), fc.integer({ min: 2, max: 999 }), (text, number) => {
      const slug = slugify(text.toWellFormed());
      if (/[\p{L}\p{N}]/u.test(text.toWellFormed().normalize('NFKD'))) assert.match(slug, form);
      assert(slug.length <= 200);
      if (slug === '') return;
      const numbered = slugWith(slug, String(number));
      assert.match(numbered, form);
      assert(numbered.length <= 200);
      // Slugs of slugs are themselves.
      assert.equal(slugify(slug), slug);
    }),
  );
});

test('HTML becomes text: no tag, no script, each entity once', () => {
  const cases: [html: string, text: string][] = [
    ['a &amp;lt; b', 'a &lt; b'],
    ['&#174;&#xAE;&reg;&euro;&nbsp;&unknown;&#0;', '®®®€\u00a0&unknown;\ufffd'],
    ['&#150; &#x80;', '– €'],
    ['up to <5 mm and a < b', 'up to <5 mm and a < b'],
    ['one<br>two<br/>three', 'one\ntwo\nthree'],
    ['x<script>alert(1)</script>y<style>p{}</style>z<!-- c -->', 'x y z'],
    ['<p class="a">b</p>', 'b'],
    ['<b>unclosed', 'unclosed'],
    ['plain', 'plain'],
  ];
  for (const [html, text] of cases) assert.equal(manyLines(htmlToText(html)), manyLines(text), html);
  assert.equal(decodeEntities('&constructor; &__proto__;'), '&constructor; &__proto__;');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'<>/&;#x a1bpscript!-="\n'), maxLength: 60 }), (html) => {
      assert.doesNotMatch(htmlToText(html.replaceAll('&', '')), /<[a-z][^<>]*>/i);
    }),
  );
});

test('tidied text has no control characters and no broken halves, and tidying it again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const tidy of [oneLine, manyLines]) {
        const once = tidy(text);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        assert.doesNotMatch(once, /[\u0000-\u0008\u000b-\u001f\u007f]/);
        assert(once.isWellFormed());
        assert.equal(tidy(once), once);
      }
      assert.doesNotMatch(oneLine(text), /\n/);
    }),
  );
});

test('measures', () => {
  assert.equal(grams(2.5, 'lb'), 1134);
  assert.equal(grams(0.1, 'kg'), 100);
  assert.equal(convert(1, 'in', 'cm'), 2.54);
  assert.equal(convert(0.3, 'm', 'cm'), 30);
  assert.equal(convert(1, 'kg', 'cm'), undefined);
  const cases: [text: string, number: number | undefined][] = [
    ['1,234.5', 1234.5],
    ['-3', -3],
    ['.5', 0.5],
    ['1e5', undefined],
    ['1,23', undefined],
    ['', undefined],
    ['.', undefined],
    ['0x10', undefined],
  ];
  for (const [text, number] of cases) assert.equal(parseDecimal(text), number, text);
  assert.equal(parseDecimal('1.234,5', true), 1234.5);
});
