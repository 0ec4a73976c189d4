import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBucketTable } from './bucket-table.ts';
import { fingerprint, type HashKey } from './keyed-hash.ts';

const key: HashKey = [0x1234567, 0x89abcde];

test('who owes much is still known after two hundred thousand others came by, and nothing has grown', () => {
  const table = createBucketTable(1024);
  const offender = fingerprint('203.0.113.9', key);
  table.fullAtMs[table.slotOf(offender)] = 60_000;
  const before = table.fullAtMs.buffer.byteLength;
  let unknown = 0;
  for (let index = 0; index < 200_000; index++) {
    const slot = table.slotOf(fingerprint(`newcomer ${index}`, key));
    // Each newcomer finds a full bucket, and takes from it.
    if (table.fullAtMs[slot] !== 0) unknown++;
    table.fullAtMs[slot] = 100 + (index % 1000);
  }
  assert.equal(unknown, 0);
  assert.equal(table.fullAtMs[table.find(offender)], 60_000);
  assert.equal(table.fullAtMs.buffer.byteLength, before);
});

test('what is forgotten for a newcomer is the least that anybody in its places owed', () => {
  const anyDebts = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 10_000 })), { maxLength: 60 });
  fc.assert(
    fc.property(anyDebts, (debts) => {
      // One set, so that all of them are in each other's way.
      const table = createBucketTable(8);
      for (const [who, owes] of debts) {
        const name = fingerprint(String(who), key);
        const before = [...table.fullAtMs];
        const isKnown = table.find(name) >= 0;
        const slot = table.slotOf(name);
        if (isKnown) assert.deepEqual([...table.fullAtMs], before);
        else assert.equal(before[slot], Math.min(...before));
        table.fullAtMs[slot] = Math.max(owes, table.fullAtMs[slot] ?? 0);
        assert.equal(table.find(name), slot);
      }
    }),
  );
});

test('those who owe something are counted', () => {
  const table = createBucketTable(64);
  for (const [index, fullAtMs] of [10, 20, 30].entries()) {
    table.fullAtMs[table.slotOf(fingerprint(String(index), key))] = fullAtMs;
  }
  assert.deepEqual([table.countOwing(0), table.countOwing(20), table.countOwing(30)], [3, 1, 0]);
});
