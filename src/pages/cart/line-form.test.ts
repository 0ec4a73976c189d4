import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseBack } from './line-form.ts';

const backTo = (back: string) => parseBack(new URLSearchParams({ back }));

test('a form leads back to a path of the site, with its query', () => {
  for (const path of ['/', '/cart', '/zh/checkout/review?cart=a-b_c', '/products/a#reviews', '/a//b']) {
    assert.equal(backTo(path), path);
  }
  assert.equal(backTo('/a/../cart'), '/cart');
});

test('a form leads to no other site, however its address is written', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '%2e',
    '%2f',
    '%5c',
    'evil.example',
    '@',
    ':',
    '?',
    '#',
    'a',
    '\t',
    '\n',
  );
  const paths = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);
  fc.assert(
    fc.property(paths, (path) => {
      const to = backTo(path);
      if (to === undefined) return;
      assert.equal(new URL(to, 'https://shop.example').host, 'shop.example', path);
      assert.match(to, /^\/(?![/\\])/);
    }),
    {
      numRuns: 5000,
      examples: [['/.//evil.example/x'], ['/..//evil.example'], ['/a/..//evil.example'], ['/%2e//evil.example']],
    },
  );
});
