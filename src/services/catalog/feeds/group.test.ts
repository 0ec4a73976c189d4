import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Group, groupAnywhere, groupRowsMax, groupTogether } from './group.ts';
import type { FeedRecord } from './record.ts';
import { createSeen } from './seen.ts';

const record = (line: number, values: Record<string, unknown> = {}): FeedRecord => ({
  kind: 'record',
  line,
  byte: 0,
  values,
});

async function collect(groups: AsyncIterable<Group>): Promise<Group[]> {
  const all: Group[] = [];
  for await (const group of groups) all.push(group);
  return all;
}
const linesOf = (groups: readonly Group[]) => groups.map(({ records }) => records.map(({ line }) => line));

test('grouped anywhere, each key has all of its rows in their order, on disk as in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.constantFrom('a', 'b', 'c', '__proto__', '', 'ü\n'), { nil: undefined }), {
        maxLength: 40,
      }),
      fc.boolean(),
      async (keys, isLarge) => {
        const grouper = groupAnywhere();
        const alone: Group[] = [];
        // Three rows are more than it keeps in memory.
        const padding = isLarge ? 'x'.repeat(3_000_000) : '';
        for (const [line, key] of keys.slice(0, isLarge ? 8 : 40).entries()) {
          alone.push(...grouper.push(record(line, { padding }), key));
          await grouper.settle();
        }
        const groups = await collect(grouper.end());
        await grouper.close();
        const expected = Map.groupBy([...keys.slice(0, isLarge ? 8 : 40).entries()], ([, key]) => key);
        assert.deepEqual(
          linesOf(groups).toSorted(),
          [...expected]
            .filter(([key]) => key !== undefined)
            .map(([, rows]) => rows.map(([line]) => line))
            .toSorted(),
        );
        assert.deepEqual(
          linesOf(alone).flat(),
          (expected.get(undefined) ?? []).map(([line]) => line),
        );
        for (const group of groups) assert.equal(group.records[0]?.values.padding, padding);
      },
    ),
    { numRuns: 15 },
  );
});

test('grouped together, rows that come back later are told where their product stands', async () => {
  const grouper = groupTogether();
  const groups = ['a', 'a', 'b', undefined, 'a', 'c'].flatMap((key, index) => grouper.push(record(index + 1), key));
  groups.push(...(await collect(grouper.end())));
  assert.deepEqual(linesOf(groups), [[1, 2], [3], [4], [5], [6]]);
  assert.deepEqual(
    groups.map(({ damage }) => damage?.reason),
    [undefined, undefined, undefined, 'key-taken', undefined],
  );
  assert.match(groups[3]?.damage?.detail ?? '', /begins on line 1/);
});

test('a key that is none does not fill the memory', async () => {
  for (const grouper of [groupTogether(), groupAnywhere()]) {
    for (let line = 1; line <= groupRowsMax + 5; line++) grouper.push(record(line), 'same');
    const [group] = await collect(grouper.end());
    assert.equal(group?.records.length, groupRowsMax);
    assert.equal(group?.damage?.reason, 'too-large');
    await grouper.close();
  }
});

test('what was seen is remembered with its first place, however much it is', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 300 }), (texts) => {
      const seen = createSeen();
      const first = new Map<string, number>();
      for (const [index, text] of texts.entries()) {
        const before = seen.first(text, { file: index % 7, line: index + 1 });
        const known = first.get(text);
        assert.deepEqual(before, known === undefined ? undefined : { file: known % 7, line: known + 1 });
        if (known === undefined) first.set(text, index);
      }
      assert.equal(seen.size, first.size);
    }),
  );
  const seen = createSeen();
  for (let line = 1; line <= 100_000; line++) assert.equal(seen.first(`text ${line}`, { file: 0, line }), undefined);
  for (let line = 1; line <= 100_000; line += 997) {
    assert.equal(seen.first(`text ${line}`, { file: 1, line: 1 })?.line, line);
  }
});
