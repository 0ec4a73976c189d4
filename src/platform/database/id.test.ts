import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { testDatabase } from '../testing/database.ts';
import { bucketCount, bucketOf } from './bucket.ts';
import { bucketOfId, isUuid, madeAtMs, newId } from './id.ts';
import { sql } from './sql.ts';

const anyBucket = fc.integer({ min: 0, max: bucketCount - 1 });
const anyInstantMs = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test('an id is a UUID of version 8 and gives back its bucket and its instant', () => {
  fc.assert(
    fc.property(anyBucket, anyInstantMs, (bucket, nowMs) => {
      const id = newId(bucket, nowMs);
      assert(isUuid(id), id);
      assert.match(id, /^.{14}8.{4}[89ab]/);
      assert.equal(bucketOfId(id), bucket);
      assert.equal(madeAtMs(id), nowMs);
    }),
  );
});

test('ids of later instants sort after those of earlier ones', () => {
  fc.assert(
    fc.property(anyBucket, anyBucket, anyInstantMs, fc.integer({ min: 1, max: 1e6 }), (one, other, nowMs, laterMs) => {
      fc.pre(nowMs + laterMs < 2 ** 48);
      assert(newId(one, nowMs) < newId(other, nowMs + laterMs));
    }),
  );
});

test('a hundred thousand ids of one instant and bucket are distinct', () => {
  const ids = new Set(Array.from({ length: 100_000 }, () => newId(7, 1_800_000_000_000)));
  assert.equal(ids.size, 100_000);
});

test('a key has the same bucket in TypeScript and in SQL', async () => {
  const database = await testDatabase([]);
  const keys = ['', 'a', 'ünï', '买家', ...Array.from({ length: 200 }, (_, n) => `buyer-${n}`)];
  const { rows } = await sql<{ key: string; bucket: number }>`
    select key, crc32(convert_to(key, 'UTF8')) % 1024 as bucket
      from unnest(${keys}::text[]) as key`.execute(database);
  assert.deepEqual(
    rows.map((row) => row.bucket),
    keys.map(bucketOf),
  );
});

test('keys spread evenly over the buckets', () => {
  const counts = new Array<number>(bucketCount).fill(0);
  for (let n = 0; n < 102_400; n++) counts[bucketOf(`buyer-${n}`)] = (counts[bucketOf(`buyer-${n}`)] ?? 0) + 1;
  // 100 each on average; the chance of a bucket beyond these bounds is below one in a million for an even hash.
  assert(Math.min(...counts) > 40 && Math.max(...counts) < 180, `${Math.min(...counts)}..${Math.max(...counts)}`);
});
