import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { copyJson } from './json-copy.ts';

test('a copy is what JSON would have made of the value', () => {
  const value = fc.anything({
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    maxDepth: 4,
  });
  fc.assert(
    fc.property(value, (each) => {
      const text = JSON.stringify(each);
      // Objects without a prototype come back with one, so what they hold is compared.
      assert.equal(JSON.stringify(copyJson(each)), text);
    }),
  );
});

test('a field named __proto__ is a field', () => {
  const copied = copyJson(JSON.parse('{"__proto__": {"isStaff": true}}') as { isStaff?: boolean });
  assert.equal(JSON.stringify(copied), '{"__proto__":{"isStaff":true}}');
  assert.equal(copied.isStaff, undefined);
});

test('a copy shares nothing with its original', () => {
  const original = { list: [{ a: 1 }], at: new Date(0) };
  const copied = copyJson(original) as unknown as { list: { a: number }[]; at: string };
  assert.notEqual(copied.list, original.list);
  assert.notEqual(copied.list[0], original.list[0]);
  assert.equal(copied.at, '1970-01-01T00:00:00.000Z');
});

test('what JSON cannot say is an error, not a silent loss', () => {
  assert.throws(() => copyJson({ amount: 1n }), TypeError);
  const circle: { self?: object } = {};
  circle.self = circle;
  assert.throws(() => copyJson(circle), RangeError);
});
