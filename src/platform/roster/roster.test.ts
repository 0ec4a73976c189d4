import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { bytesGrownOld } from '../testing/old-space.ts';
import { type Listed, Roster, unlisted } from './roster.ts';

test('a roster has what a set has, whatever comes and goes', () => {
  const step = fc.tuple(fc.boolean(), fc.nat({ max: 9 }));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const members = Array.from({ length: 10 }, (): Listed => ({ rosterIndex: unlisted }));
      const roster = new Roster<Listed>();
      const set = new Set<Listed>();
      for (const [isAdded, index] of steps) {
        const member = members[index] as Listed;
        if (isAdded) {
          roster.add(member);
          set.add(member);
        } else assert.equal(roster.delete(member), set.delete(member));
        assert.equal(roster.size, set.size);
        assert.deepEqual(new Set(roster.snapshot()), set);
        for (const each of members) assert.equal(roster.has(each), set.has(each));
      }
    }),
  );
});

test('a member of another roster is not of this one', () => {
  const [one, other] = [new Roster<Listed>(), new Roster<Listed>()];
  const member = { rosterIndex: unlisted };
  one.add(member);
  other.add({ rosterIndex: unlisted });
  assert.equal(other.delete(member), false);
  assert.equal(one.size, 1);
});

test('whatever has come and gone is not kept until the next collection of the whole heap', async () => {
  interface Member extends Listed {
    readonly body: readonly undefined[];
  }
  const roster = new Roster<Member>();
  const present: Member[] = [];
  const [roundCount, bodyBytes] = [20_000, 8_000];
  const newBody = () => Array.from<undefined>({ length: bodyBytes / 8 });
  const comeAndGo = () => {
    const member = { rosterIndex: unlisted, body: newBody() };
    roster.add(member);
    if (present.push(member) > 60) roster.delete(present.shift() as Member);
  };
  for (let round = 0; round < 70; round++) comeAndGo();
  // In a moment of quiet, what the roster is made of grows old.
  for (let round = 0; round < roundCount; round++) newBody();
  const grown = await bytesGrownOld((look) => {
    for (let round = 0; round < roundCount; round++) {
      comeAndGo();
      if (round % 50 === 0) look();
    }
  });
  // With a `Set` it is two thirds.
  assert(grown < 0.1 * roundCount * bodyBytes, `${grown} bytes`);
});
