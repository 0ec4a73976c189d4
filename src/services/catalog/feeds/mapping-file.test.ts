import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigFault } from '../../../platform/config/config-fault.ts';
import { parseMapping } from './mapping-file.ts';
import { testImport } from './testing.ts';

const minimal = 'slug: name\nsku: name\ntitle: name\n';

function problemsOf(text: string): readonly string[] {
  try {
    parseMapping(text, 'm.yaml');
  } catch (error) {
    assert(error instanceof ConfigFault, String(error));
    return error.problems;
  }
  return [];
}

test('every wrong place is told with its line and column, all at once', () => {
  const text = `slug: '{name'
titel: name
sku: name
price: { from: price, unit: cents }
attributes:
  - { prefix: attr_, type: numbers }
  - { name: size, from: size, unit: cm, to: kg }
  - just a text
currency: XXQ
skip:
  - { when: $nothing, is: [x] }
vendor: { match: 'x' }
description: { from: body, match: '(' }
weight: heavy
onHand:
`;
  const problems = problemsOf(text);
  const expected = [
    [/^m\.yaml:2:1 A mapping has no “titel”\. It may have: about, format/, 'unknown field'],
    [/A mapping needs “title”/, 'missing field'],
    [/^m\.yaml:1:7 is a template with a wrong \{column\} in it/, 'template'],
    [/^m\.yaml:4:29 must be one of decimal, minor/, 'unit of a price'],
    [/^m\.yaml:6:28 must be one of auto, text, number, yes-no/, 'type'],
    [/^m\.yaml:7:45 measures something else than “unit”/, 'units'],
    [/^m\.yaml:8:5 must be a map, such as/, 'attribute'],
    [/^m\.yaml:9:11 must be a currency of ISO 4217/, 'currency'],
    [/^m\.yaml:11:13 “\$nothing” is not one of \$file, \$line, \$hash/, 'reference'],
    [/^m\.yaml:12:9 needs “from” \(a column\) or “const”/, 'value'],
    [/^m\.yaml:13:35 is not a regular expression/, 'pattern'],
    [/^m\.yaml:14:9 must be a map with a unit/, 'weight'],
    [/^m\.yaml:15:1 “onHand” has no value/, 'empty'],
  ] as const;
  for (const [pattern, what] of expected) {
    assert(
      problems.some((problem) => pattern.test(problem)),
      `${what}: ${problems.join('\n')}`,
    );
  }
  assert.equal(problems.length, expected.length, problems.join('\n'));
  const lines = problems.map((problem) => Number(problem.split(':')[1]));
  assert.deepEqual(
    lines,
    lines.toSorted((one, other) => one - other),
  );
});

test('what is no YAML, or no map, is said to be so', () => {
  assert.match(problemsOf('slug: [a\n')[0] ?? '', /^m\.yaml:\d+:\d+ /);
  assert.match(problemsOf('')[0] ?? '', /^m\.yaml:1:1 /);
  assert.match(problemsOf('- a\n')[0] ?? '', /A mapping must be a map/);
  assert.match(problemsOf(`${minimal}slug: other\n`)[0] ?? '', /^m\.yaml:4:1 .*unique/);
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n${minimal}`;
  assert(problemsOf(bomb).length > 0);
});

test('price and prices, lookup and map, from and const exclude each other', () => {
  assert.match(problemsOf(`${minimal}price: a\nprices: [b]\n`)[0] ?? '', /use one of them/);
  const lookup = 'lookup: { file: f.csv, from: a, to: b }';
  assert.match(problemsOf(`${minimal}vendor: { from: v, map: { a: b }, ${lookup} }\n`)[0] ?? '', /use one of them/);
  assert.match(problemsOf(`${minimal}vendor: { from: v, const: x }\n`)[0] ?? '', /one only/);
});

test('any text is either a mapping or told where it is wrong, never an accident', () => {
  const words = fc.constantFrom(
    ...'slug sku title name: from: const: [ ] { } - , \n " attributes: prices: price: skip: when: is: group: by: rows: columns: lookup: map: path: 1 true null & * ! | > # \' {a} $hash match: ('.split(
      ' ',
    ),
    '\n  ',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 25 }), (some) => {
      problemsOf(some.join(' '));
      problemsOf(`${minimal}${some.join(' ')}`);
    }),
    { numRuns: 500 },
  );
});

test('the mappings that come with Onrush are right, and say what they are for', () => {
  const folder = new URL('../../../../mappings/', import.meta.url);
  const names = readdirSync(folder);
  assert(names.length >= 6);
  for (const name of names) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    parseMapping(text, name);
    assert.match(text, /^about:/);
  }
});

test('the examples in docs/import.md are what they say they are', async () => {
  const text = readFileSync(new URL('../../../../docs/import.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```(yaml|json)\n([\s\S]*?)```/g)];
  assert(blocks.length >= 5);
  for (const [, kind, block = ''] of blocks) {
    if (kind === 'yaml') assert.deepEqual(problemsOf(block.includes('slug:') ? block : minimal + block), [], block);
    else {
      const { told, products } = await testImport({ text: block.replaceAll('\n', '') });
      assert.deepEqual([told, products.length], [[], 1]);
    }
  }
});
