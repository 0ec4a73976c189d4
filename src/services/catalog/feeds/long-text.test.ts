import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decodeEntities, htmlToText, manyLines, oneLine } from './html.ts';
import { parseDecimal, parseUnit } from './measure.ts';
import { createAmountReader } from './money.ts';
import { slugify } from './slug.ts';

// What takes the square of the length would take minutes here, and what is linear takes no time that one would notice: no
// clock is needed to tell them apart.
const long = 500_000;
const run = (text: string) => text.repeat(long / text.length);

test('no text of a feed takes longer than it is long', () => {
  const hostile = [
    ...['<script ', '<style', '<template x="', '<li ', '<li <p ', '</p ', '<br ', '<!-- ', '<', '</', '&', '&a', '&#1'],
    ...['<script></script ', '<p><p', ' ', '\n', ' \n', '\r', '\t', '-', '®', '1,', '1,111', '.', '0', 'a'],
  ];
  for (const part of hostile) {
    for (const text of [run(part), `x${run(part)}x`, `${run(part)}>`, `<p>${run(part)}`, `${run(part)}<br>`]) {
      for (const read of [htmlToText, decodeEntities, oneLine, manyLines, slugify, parseUnit, parseDecimal]) read(text);
    }
  }
  const { read } = createAmountReader();
  for (const part of [' ', '\u00a0', '$', 'USD', '1,111', ' USD', '.', '1.']) {
    for (const text of [`1${run(part)}x`, `x${run(part)}1`, `1${run(part)}$ USD x`]) {
      assert.equal(read(text, 'USD').kind, 'wrong');
    }
  }
});

test('a tag that has no end hides nothing but a script’s', () => {
  assert.equal(htmlToText('<p>one</p> and <li two'), '\none\n and <li two');
  assert.equal(htmlToText('one <script src="x"'), 'one  ');
  assert.equal(htmlToText('one <script>two'), 'one  ');
  assert.equal(htmlToText('<script>two</script >one<p title="a<b">'), ' one\n');
});

test('tags are found as if they were looked for in the whole text', () => {
  const part = fc.constantFrom(
    '<',
    '>',
    '/',
    ' ',
    '\n',
    '!--',
    '-->',
    'br',
    'li',
    'p',
    'td',
    'h1',
    'script',
    'style',
    'x',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const html = parts.join('');
      assert.equal(htmlToText(html), inWholeText(html));
    }),
    { numRuns: 3_000 },
  );
});

/** The same without the care for long texts. */
function inWholeText(html: string): string {
  return html
    .replace(/<!--[\s\S]*?(-->|$)/g, ' ')
    .replace(/<(script|style|noscript|template)\b(?:[^>]*>[\s\S]*?<\/\1\s*>|[\s\S]*$)/gi, ' ')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<li\b[^>]*>/gi, '\n- ')
    .replace(/<\/?(p|div|ul|ol|table|tr|h[1-6]|section|article|blockquote|dl|dt|dd)\b[^>]*>/gi, '\n')
    .replace(/<\/(td|th)\s*>/gi, ' ')
    .replace(/<\/?[a-z][^<>]*>/gi, '');
}
