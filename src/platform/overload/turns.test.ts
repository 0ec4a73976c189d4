import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { createTurns, type TurnSettings } from './turns.ts';

const patient: TurnSettings = { sliceMs: 4, sliceMsMax: 4, waitMsMax: [1e9, 1e9, 1e9], firstCount: 1 };

/** Turns by a clock that stands still unless it is moved, and what becomes of those who ask for one. */
function watched(settings: Partial<TurnSettings> = {}) {
  let nowMs = 0;
  const turns = createTurns({ ...patient, ...settings }, () => nowMs);
  const became: string[] = [];
  const ask = (group: number, name: string) => {
    const isTaken = turns.begin(
      group,
      () => became.push(name),
      () => became.push(`late ${name}`),
    );
    if (!isTaken) became.push(`refused ${name}`);
  };
  const drain = async () => {
    while (turns.waitingCount > 0) await turn();
  };
  return {
    turns,
    became,
    ask,
    drain,
    advance: (ms: number) => {
      nowMs += ms;
    },
    /** Learns that one request takes so long, the refusals with it that were written meanwhile. */
    async learn(costMs: number, refusedCount = 0) {
      for (let window = 0; window < 50; window++) {
        for (let index = 0; index < 10; index++) ask(0, '');
        await drain();
        turns.endWindow({ durationMs: 10 * costMs, busyShare: 1, refusedCount });
      }
      became.length = 0;
      await turn();
    },
  };
}

test('whoever comes is begun once, refused once or told once that it took too long', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ group: fc.nat(2), turns: fc.nat(2), ms: fc.nat(10) }), { maxLength: 120 }),
      async (comers) => {
        const { ask, became, drain, advance, turns } = watched({ waitMsMax: [40, 20, 5] });
        for (const [index, { group, turns, ms }] of comers.entries()) {
          ask(group, `${index}`);
          advance(ms);
          for (let passed = 0; passed < turns; passed++) await turn();
        }
        await drain();
        assert.equal(turns.waitingCount, 0);
        const names = became.map((each) => Number(each.split(' ').at(-1))).sort((one, other) => one - other);
        assert.deepEqual(
          names,
          comers.map((_, index) => index),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('a turn begins what it has room for, and the next one the first groups before the others', async () => {
  const { ask, became, learn } = watched();
  await learn(2);
  for (const [index, group] of [2, 1, 2, 1, 0, 0, 2].entries()) ask(group, `${group}-${index}`);
  assert.deepEqual(became, ['2-0', '1-1'], 'nobody waits while there is room');
  await turn();
  assert.deepEqual(became.slice(2), ['0-4', '0-5']);
  await turn();
  assert.deepEqual(became.slice(4), ['1-3', '2-2']);
  await turn();
  assert.deepEqual(became.slice(6), ['2-6']);
});

test('the dearer the work, the less of it is begun in a turn; and never nothing', async () => {
  for (const [costMs, wanted] of [
    [0.5, 8],
    [1, 4],
    [4, 1],
    [100, 1],
  ] as const) {
    const { ask, became, learn } = watched();
    await learn(costMs);
    for (let index = 0; index < 20; index++) ask(0, '');
    assert.equal(became.length, wanted, `${costMs} ms`);
  }
});

test('the longer a turn lasts for other things, the more the next one begins, up to a bound', async () => {
  for (const [turnMs, wanted] of [
    [2, 4],
    [16, 8],
    [1_000, 12],
  ] as const) {
    const { ask, became, learn, advance } = watched({ sliceMsMax: 12 });
    await learn(1);
    for (let index = 0; index < 30; index++) ask(0, '');
    assert.equal(became.length, 4);
    advance(turnMs);
    await turn();
    assert.equal(became.length, 4 + wanted, `after ${turnMs} ms`);
    await turn();
    assert.equal(became.length, 8 + wanted, 'and then as ever');
  }
});

test('refusals take time from what is begun, but do not make a turn begin less of it; who comes is told of both', async () => {
  const { ask, became, learn } = watched({ waitMsMax: [41 / 0.6, 1e9, 1e9] });
  await learn(1);
  await learn(4, 100);
  for (let index = 0; index < 16; index++) ask(0, `${index}`);
  assert.deepEqual(became.slice(0, 4), ['0', '1', '2', '3'], 'as many as before');
  assert.deepEqual(became.slice(4), ['refused 15'], 'eleven go before the last, of 4 ms each with what comes between');
  const cheaper = watched();
  await cheaper.learn(4);
  await cheaper.learn(2, 100);
  for (let index = 0; index < 12; index++) cheaper.ask(0, '');
  assert.equal(cheaper.became.length, 2, 'dearer than that, with all refusals, it is not');
});

test('who would wait too long is refused at once, by what goes before him; who has waited too long is told', async () => {
  const { ask, became, learn, advance, drain } = watched({ waitMsMax: [100, 8 / 0.6, 8] });
  await learn(2);
  for (let index = 0; index < 8; index++) ask(1, `${index}`);
  assert.deepEqual(became, ['0', '1', 'refused 7'], 'ten milliseconds of work go before the last');
  ask(0, 'first');
  became.length = 0;
  advance(14);
  await drain();
  assert.deepEqual(became, ['late 2', 'late 3', 'late 4', 'late 5', 'late 6', 'first']);
});

test('how long they waited is told of all and of the first groups', async () => {
  const { turns, ask, learn, advance, drain } = watched();
  await learn(4);
  ask(2, 'at once');
  ask(2, 'waits');
  ask(0, 'waits less');
  advance(6);
  await turn();
  advance(6);
  await drain();
  assert.deepEqual(turns.endWindow({ durationMs: 100, busyShare: 1, refusedCount: 0 }), { allMs: 6, firstMs: 6 });
  assert.deepEqual(turns.endWindow({ durationMs: 100, busyShare: 1, refusedCount: 0 }), { allMs: 0, firstMs: 0 });
});

test('who has waited too long is told so while more important ones come without end', async () => {
  const { turns, ask, became, learn, advance } = watched({ waitMsMax: [1e9, 1e9, 8] });
  await learn(2);
  for (const name of ['a', 'b', 'c']) ask(0, name);
  ask(2, 'last');
  for (let passed = 0; passed < 4; passed++) {
    for (const name of ['d', 'e', 'f']) ask(0, name);
    advance(4);
    await turn();
  }
  assert(became.includes('late last'), `${became}, and ${turns.waitingCount} wait`);
});
