import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cleanSvg } from './svg.ts';
import { sizeOfSvg } from './svg-size.ts';
import { svgAttributes, svgElements } from './svg-vocabulary.ts';
import { circle, drawing } from './testing.ts';

const clean = (svg: string) => cleanSvg(Buffer.from(svg));

function cleaned(svg: string): string {
  const result = clean(svg);
  assert(result.kind === 'clean', JSON.stringify(result));
  return result.bytes.toString();
}

/** Each with what the sentence names. */
const attacks: Record<string, [svg: string, names: RegExp]> = {
  'a script': [drawing('<script>alert(1)</script>'), /<script>/],
  'a script of another case': [drawing('<SCRIPT>alert(1)</SCRIPT>'), /<SCRIPT>/],
  'a script in a namespace of its own': [
    drawing('<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>'),
    /<x:script>/,
  ],
  'an event handler': [drawing(circle, 'viewBox="0 0 1 1" onload="alert(1)"'), /event handlers \(onload on <svg>\)/],
  'HTML inside': [
    drawing('<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'),
    /<foreignObject>/,
  ],
  'HTML without a wrapper': [
    drawing('<img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="alert(1)"/>'),
    /<img>/,
  ],
  'a picture from elsewhere': [drawing('<image href="https://example.com/a.png"/>'), /<image>/],
  'a filter with a picture from elsewhere': [drawing('<filter><feImage href="https://a/"/></filter>'), /<feImage>/],
  'a link': [drawing('<a href="javascript:alert(1)"><path d="M0 0"/></a>'), /<a>/],
  'a part of another file': [drawing('<use xlink:href="https://example.com/a.svg#b"/>'), /href on <use>/],
  'data instead of a reference': [drawing('<use href="data:image/svg+xml;base64,AA=="/>'), /href on <use>/],
  'an animation that writes a link': [drawing('<set attributeName="href" to="javascript:alert(1)"/>'), /<set>/],
  'a fill from elsewhere': [drawing('<path d="M0 0" fill="url(https://example.com/a#b)"/>'), /fill on <path>/],
  'a style from elsewhere': [drawing('<path style="background:url(//example.com/a)"/>'), /style on <path>/],
  'a style sheet that imports': [drawing('<style>@import "https://example.com/a.css";</style>'), /@import/],
  'a style sheet of two halves': [drawing('<style>@im</style><style>port "a.css";</style>'), /@im/],
  'a style that hides a word': [drawing('<style>*{fill:\\75rl(https://example.com)}</style>'), /backslashes/],
  'a font from elsewhere': [drawing('<style>@font-face{src:url(https://a)}</style>'), /@font-face/],
  'a set of pictures': [drawing('<style>*{background:image-set("https://a" 1x)}</style>'), /image-set/],
  'a style in CDATA': [drawing('<style><![CDATA[*{fill:url(https://example.com)}]]></style>'), /url\(/],
  'a style sheet before the root': [`<?xml-stylesheet href="https://a"?>${drawing(circle)}`, /xml-stylesheet/],
  'a file read by an entity': [
    `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${drawing('<text>&x;</text>')}`,
    /DOCTYPE/,
  ],
  'laughs, a billion of them': [
    `<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>${drawing('<text>&b;</text>')}`,
    /DOCTYPE/,
  ],
  'an entity that nobody declared': [drawing('<text>&nbsp;</text>'), /not well-formed/],
  'another base': [drawing('<g xml:base="https://example.com/"/>'), /attribute base/],
  'elements that draw each other': [
    drawing('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
    /draw themselves/,
  ],
  'ten to the power of ten circles': [
    drawing(
      Array.from({ length: 10 }, (_, level) => {
        const uses = `<use href="#l${level}"/>`.repeat(10);
        return `<g id="l${level + 1}">${level === 0 ? circle : uses}</g>`;
      }).join(''),
    ),
    /more than 50,000 elements/,
  ],
  'a filter on everything': [
    drawing(
      `<filter id="f"><feGaussianBlur stdDeviation="9"/></filter>${'<rect filter="url(#f)" width="9" height="9"/>'.repeat(300)}`,
    ),
    /more than 50,000 elements/,
  ],
  'patterns in patterns by a style sheet': [
    drawing('<style>.a{fill:url(#p)}</style><pattern id="p"><rect class="a"/></pattern>'),
    /other than gradients in <style> \(#p\)/,
  ],
  'nesting without end': [drawing('<g>'.repeat(5000) + '</g>'.repeat(5000)), /nested more than 100 deep/],
  'elements without end': [drawing('<g/>'.repeat(30_000)), /more than 20,000 elements/],
};

for (const [what, [svg, names]] of Object.entries(attacks)) {
  test(`refused, and named: ${what}`, () => {
    const result = clean(svg);
    assert(result.kind === 'refused', JSON.stringify(result));
    assert.match(result.detail, names);
    assert.match(result.detail, /^[A-Z].*\.$/);
  });
}

test('what is no SVG, not whole or not UTF-8 is told so', () => {
  const cases: [Uint8Array, RegExp][] = [
    [Buffer.from('<html xmlns="http://www.w3.org/1999/xhtml"><script/></html>'), /not an SVG/],
    [Buffer.from('<svg viewBox="0 0 1 1"/>'), /not an SVG/],
    [Buffer.from(drawing(circle).slice(0, -8)), /not well-formed/],
    [Buffer.from(''), /not/],
    [Buffer.from(drawing(circle), 'utf16le'), /not/],
    [Buffer.from([...Buffer.from('<svg>'), 0xff, 0xfe]), /not UTF-8/],
    [Buffer.from(`<?xml version="1.0" encoding="utf-7"?>${drawing(circle)}`), /not UTF-8/],
    [Buffer.from(drawing(circle, '')), /how large/],
    [Buffer.alloc(1024 * 1024 + 1, 0x20), /1 MB/],
  ];
  for (const [bytes, names] of cases) {
    const result = cleanSvg(bytes);
    assert(result.kind === 'refused', bytes.toString().slice(0, 60));
    assert.match(result.detail, names);
  }
});

test('what drawing programs write is taken, without their own notes', () => {
  const svg = `\ufeff<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Created with a program -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="210mm" height="297mm"
  xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:version="1.4" viewBox="0 0 210 297">
  <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>
  <inkscape:grid units="mm"/>
  <title>Lamp &amp; table</title>
  <style><![CDATA[.a > path { fill: url(#g); } @media (prefers-color-scheme: dark) { .a { opacity: .9 } }]]></style>
  <defs><linearGradient id="g" inkscape:collect="always"><stop offset="0" stop-color="#fff"/></linearGradient>
  <clipPath id="c"><rect width="10" height="10"/></clipPath></defs>
  <g class="a" clip-path="url('#c')" data-name="Layer 1"><path d="M0 0&#10;L1 1"/><use xlink:href="#c"/></g>
</svg>`;
  const text = cleaned(svg);
  assert(!/inkscape|rdf|metadata|DOCTYPE|xlink|<\?|<!--|CDATA/.test(text), text);
  for (const kept of [
    'Lamp &#38; table',
    'url(#g)',
    'href="#c"',
    'data-name="Layer 1"',
    'width="210mm"',
    '&#62; path',
  ]) {
    assert(text.includes(kept), kept);
  }
  assert.equal(text.match(/xmlns/g)?.length, 1);
  const result = clean(svg);
  assert(result.kind === 'clean');
  assert.deepEqual([result.width, result.height], [794, 1123]);
});

test('a drawing that was cleaned is clean: cleaning it again changes nothing', () => {
  const names = fc.constantFrom(...svgElements, 'script', 'a', 'image');
  const attributes = fc.dictionary(
    fc.constantFrom(...svgAttributes, 'id', 'class', 'href', 'onclick'),
    fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('#a', 'url(#a)', 'url(x)', 'a\n"<b>&', '#b')),
    { maxKeys: 3 },
  );
  const elementOf = (children: fc.Arbitrary<string>) =>
    fc.tuple(names, attributes, children, fc.string()).map(([name, values, inside, text]) => {
      const written = Object.entries(values).map(([key, value]) => ` ${key}="${escaped(value)}"`);
      return `<${name}${written.join('')}>${escaped(text)}${inside}</${name}>`;
    });
  const leaves = fc.array(elementOf(fc.constant('')), { maxLength: 3 }).map((all) => all.join(''));
  let cleanCount = 0;
  fc.assert(
    fc.property(elementOf(leaves), (inside) => {
      const once = clean(drawing(inside));
      if (once.kind === 'refused') return;
      cleanCount += 1;
      const text = once.bytes.toString();
      assert(!/<(?:script|a|image)\b|onclick/.test(text), text);
      assert.equal(cleaned(text), text);
    }),
    { numRuns: 500 },
  );
  assert(cleanCount > 20, `only ${cleanCount} were clean`);
});

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

test('how large a drawing is', () => {
  const cases: [Parameters<typeof sizeOfSvg>[0], [number, number] | undefined][] = [
    [{ viewBox: '0 0 400 300' }, [400, 300]],
    [{ viewBox: '-10,-10, 20.4 ,30' }, [20, 30]],
    [{ width: '100', height: '50', viewBox: '0 0 1 1' }, [100, 50]],
    [{ width: '1in', height: '2.54cm' }, [96, 96]],
    [{ width: '200', viewBox: '0 0 400 300' }, [200, 150]],
    [{ height: '150px', viewBox: '0 0 400 300' }, [200, 150]],
    [{ width: '100%', height: '100%', viewBox: '0 0 24 24' }, [24, 24]],
    [{ width: '0.2', height: '0.2' }, [1, 1]],
    [{ width: '100%', height: '100%' }, undefined],
    [{ width: '-1', height: '5' }, undefined],
    [{ viewBox: '0 0 0 1' }, undefined],
    [{ viewBox: 'a b c d' }, undefined],
    [{}, undefined],
  ];
  for (const [root, size] of cases) {
    const { width, height } = sizeOfSvg(root) ?? {};
    assert.deepEqual(width === undefined ? undefined : [width, height], size, JSON.stringify(root));
  }
});
