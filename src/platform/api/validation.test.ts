import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Type } from 'typebox';
import { AmountMinor, CurrencyCode, strict, Uuid } from './schema.ts';
import { createValidation } from './validation.ts';

const { body, text } = createValidation();

test('a body is taken as it is: nothing is turned into what it is not, nothing is dropped', () => {
  const check = body(strict({ count: Type.Integer(), isOn: Type.Optional(Type.Boolean()) }));
  assert.equal(check({ count: 5, isOn: true }), undefined);
  for (const count of ['5', 5.5, Number.POSITIVE_INFINITY, Number.NaN, null, [5], true]) {
    assert.deepEqual(check({ count }), [{ pointer: '/count', detail: 'must be an integer' }]);
  }
  const extra = { count: 1, other: 2 };
  assert.deepEqual(check(extra), [{ pointer: '/other', detail: 'is not a known field' }]);
  assert.deepEqual(extra, { count: 1, other: 2 });
});

test('objects that do not say whether they take other fields take none; those that say so do', () => {
  const silent = body(
    Type.Object({ a: Type.Optional(Type.Integer()), inner: Type.Optional(Type.Object({ b: Type.Integer() })) }),
  );
  assert.deepEqual(silent({ c: 1 }), [{ pointer: '/c', detail: 'is not a known field' }]);
  assert.deepEqual(silent({ inner: { b: 1, c: 1 } }), [{ pointer: '/inner/c', detail: 'is not a known field' }]);
  const open = body(Type.Object({ a: Type.Integer() }, { additionalProperties: true }));
  assert.equal(open({ a: 1, c: 1 }), undefined);
  const both = body(Type.Intersect([Type.Object({ a: Type.Integer() }), Type.Object({ b: Type.Integer() })]));
  assert.equal(both({ a: 1, b: 2 }), undefined);
});

test('a record is checked under every key, also one with a line break', () => {
  const check = body(Type.Record(Type.String(), Type.Integer()));
  assert.equal(check({ a: 1, 'b\nc': 2 }), undefined);
  assert.equal(check({ 'b\nc': 'x' })?.length, 1);
});

test('pointers are JSON pointers, also for names with slashes and tildes', () => {
  const check = body(strict({ 'a/b~c': strict({ d: Type.Array(Type.Integer()) }) }));
  assert.deepEqual(check({ 'a/b~c': { d: [1, 'x'] } })?.[0]?.pointer, '/a~1b~0c/d/1');
  assert.deepEqual(
    check({ 'x/~': 1 })
      ?.map(({ pointer }) => pointer)
      .sort(),
    ['/a~1b~0c', '/x~1~0'],
  );
});

test('lengths are counted as people count, in code points', () => {
  const check = body(strict({ name: Type.String({ minLength: 2, maxLength: 3 }) }));
  assert.equal(check({ name: '🎉🎉🎉' }), undefined);
  assert.deepEqual(check({ name: '🎉🎉🎉🎉' }), [{ pointer: '/name', detail: 'must NOT have more than 3 characters' }]);
  assert.equal(check({ name: '🎉' })?.length, 1);
});

test('the text of a query becomes what its schema says, and only where it plainly is that', () => {
  const check = text(
    strict({
      count: Type.Optional(Type.Integer({ maximum: 100 })),
      share: Type.Optional(Type.Number()),
      isOn: Type.Optional(Type.Boolean()),
      name: Type.Optional(Type.String()),
      numbers: Type.Optional(Type.Array(Type.Integer())),
    }),
    '#query/',
  );
  const read = (values: Record<string, unknown>) => (check(values) === undefined ? values : undefined);
  assert.deepEqual(read({ count: '-7', share: '0.5', isOn: 'false', name: '5', numbers: '5' }), {
    count: -7,
    share: 0.5,
    isOn: false,
    name: '5',
    numbers: [5],
  });
  assert.deepEqual(read({ numbers: ['1', '2'] }), { numbers: [1, 2] });
  for (const count of [
    '',
    ' 1',
    '1 ',
    '+1',
    '01',
    '0x1',
    '1e1',
    'Infinity',
    'NaN',
    '1.5',
    '1_0',
    '٣',
    '1,5',
    ['1', '2'],
  ]) {
    assert.equal(read({ count }), undefined, String(count));
  }
  for (const isOn of ['1', 'TRUE', 'yes', '']) assert.equal(read({ isOn }), undefined, isOn);
});

test('formats: what is one passes, what is none does not', () => {
  const passes = (format: string, value: string) =>
    body(strict({ value: Type.String({ format }) }))({ value }) === undefined;
  const cases: Record<string, { good: string[]; bad: string[] }> = {
    email: {
      good: ['a@b.co', 'first.last+tag@sub.example.org', 'ünïcode@example.org'],
      bad: ['', 'a', 'a@b', '@b.co', 'a@', 'a b@c.de', 'a@b..co', `${'a'.repeat(65)}@b.co`, 'a@b.co\n', 'a@b@c.de'],
    },
    date: { good: ['2024-02-29'], bad: ['2023-02-29', '2024-13-01', '24-01-01', '2024-1-1'] },
    'date-time': {
      good: ['2024-02-29T23:59:59Z', '2024-01-01T00:00:00.123+02:00'],
      bad: ['2024-02-30T00:00:00Z', '2024-01-01', '2024-01-01T24:00:00Z', '2024-01-01T00:00:00'],
    },
    uri: { good: ['https://example.org/a?b#c'], bad: ['example.org', '', 'https://'] },
    uuid: { good: ['8e03978e-40d5-83dd-bc93-6894a57f9324'], bad: ['8e03978e40d583ddbc936894a57f9324', 'urn:uuid:x'] },
  };
  for (const [format, { good, bad }] of Object.entries(cases)) {
    for (const value of good) assert(passes(format, value), `${format}: ${value}`);
    for (const value of bad) assert(!passes(format, value), `${format}: ${value}`);
  }
});

test('whatever value comes, the check answers, and never with the value itself', () => {
  const check = body(strict({ id: Uuid, amountMinor: AmountMinor, currency: CurrencyCode }));
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const errors = check(value);
      assert(errors !== undefined && errors.length >= 1 && errors.length <= 20);
    }),
  );
  const personal = check({ id: 'ann@example.org', amountMinor: 'ann@example.org', currency: 'ann@example.org' });
  assert(!JSON.stringify(personal).includes('ann@'));
});
