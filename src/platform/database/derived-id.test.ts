import assert from 'node:assert/strict';
import test from 'node:test';
import { derivedId } from './derived-id.ts';
import { bucketOfId, isUuid, madeAtMs, newId } from './id.ts';

test('a derived id is the same every time, a UUID, and in the place and time of its parent', () => {
  for (let bucket = 0; bucket < 1024; bucket += 31) {
    const parent = newId(bucket, 1_790_000_000_000 + bucket);
    const derived = derivedId(parent, 'first');
    assert.equal(derivedId(parent, 'first'), derived);
    assert(isUuid(derived), derived);
    assert.equal(derived[14], '8');
    assert.equal(bucketOfId(derived), bucket);
    assert.equal(madeAtMs(derived), madeAtMs(parent));
  }
});

test('other names and other parents give other ids', () => {
  const parents = Array.from({ length: 100 }, () => newId(5, 1_790_000_000_000));
  const derived = parents.flatMap((parent) => ['a', 'b', 'a/b'].map((name) => derivedId(parent, name)));
  assert.equal(new Set([...derived, ...parents]).size, 400);
});
