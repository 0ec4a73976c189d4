import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideRule, isOn, nextShedding, noShedding, type Rule, retryAfterS } from './rule.ts';

const rule: Rule = { whenShed: 'deferrable', forMs: 3_000, backAfterMs: 30_000 };

/** What the rule says each second of this history. */
function follow(history: readonly boolean[], startMs = 1_000_000): ('off' | 'on' | 'keep')[] {
  let shedding = noShedding;
  return history.map((isShedding, second) => {
    const nowMs = startMs + second * 1000;
    shedding = nextShedding(shedding, nowMs, isShedding);
    return decideRule(rule, shedding, nowMs);
  });
}

const seconds = (count: number, isShedding: boolean) => new Array<boolean>(count).fill(isShedding);

test('refusals that last switch it off, and half a minute of calm switches it on again', () => {
  const says = follow([...seconds(5, true), ...seconds(40, false)]);
  assert.deepEqual(says.slice(0, 5), ['keep', 'keep', 'keep', 'off', 'off']);
  const back = says.indexOf('on', 5);
  assert.equal(back, 4 + 30);
  assert(says.slice(6, back).every((each) => each === 'keep'));
});

test('a moment of refusals switches nothing off', () => {
  assert(!follow([...seconds(2, true), ...seconds(10, false), ...seconds(2, true)]).includes('off'));
});

test('between off and on there is always the whole time of calm, whatever the history', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (history) => {
      const says = follow(history);
      says.forEach((each, second) => {
        if (each === 'off') assert(history.slice(second - 3, second).some(Boolean));
        if (each === 'on') assert(!history.slice(Math.max(0, second - 29), second + 1).includes(true));
      });
    }),
  );
});

test('a clock that goes back neither switches off at once nor keeps off for ever', () => {
  let shedding = nextShedding(noShedding, 9_000_000, true);
  shedding = nextShedding(shedding, 1_000_000, true);
  assert.equal(decideRule(rule, shedding, 1_000_000), 'keep');
  shedding = nextShedding(shedding, 500_000, false);
  assert.equal(decideRule(rule, shedding, 500_000), 'on');
});

test('what was set by hand for a while is left to the rule afterwards', () => {
  assert(isOn(undefined, 0));
  assert(!isOn({ position: 'off', isThrown: false, untilMs: 100 }, 99));
  assert(isOn({ position: 'off', isThrown: false, untilMs: 100 }, 100));
  assert(isOn({ position: 'on', isThrown: true }, 0));
  assert(!isOn({ position: 'rule', isThrown: true }, 0));
  assert(!isOn({ position: 'on', isThrown: true, untilMs: 100 }, 100));
});

test('who is turned away is told the end that is known, and never to stay away for long', () => {
  assert.equal(retryAfterS({ position: 'off', isThrown: false, untilMs: 90_500 }, 500), 90);
  assert.equal(retryAfterS({ position: 'off', isThrown: false, untilMs: 90_500 }, 90_499), 1);
  assert.equal(retryAfterS({ position: 'off', isThrown: false, untilMs: 86_400_000 }, 0), 300);
  assert.equal(retryAfterS({ position: 'off', isThrown: false }, 0), 30);
  assert.equal(retryAfterS({ position: 'rule', isThrown: true }, 0), 30);
  assert.equal(retryAfterS({ position: 'off', isThrown: true, untilMs: 100 }, 200), 30, 'left to the rule by then');
});
