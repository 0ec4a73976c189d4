import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ChallengeSettings, defaultChallenge } from '../../platform/config/challenge-settings.ts';
import { createSigner, newSigningKey } from '../../platform/signing/signer.ts';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import { testClock } from '../../platform/testing/context.ts';
import type { Asked, Challenge, Verdict } from './api.ts';
import { counterMaxFor } from './difficulty.ts';
import { createDoor } from './door.ts';
import { createSpent } from './spent.ts';
import { createSuspects } from './suspects.ts';
import { solved } from './testing.ts';

const signer = createSigner([newSigningKey()]);

function shop(settings: Partial<ChallengeSettings> = {}) {
  const clock = testClock();
  const metrics = createMetrics({ withProcess: false });
  const open = () =>
    createDoor({ clock, metrics: createMetrics({ withProcess: false }), signer }, { ...defaultChallenge, ...settings });
  return { clock, metrics, door: createDoor({ clock, metrics, signer }, { ...defaultChallenge, ...settings }), open };
}

const anybody: Asked = { purpose: 'ticket', subject: 'room-1', call: { clientPrefix: 'net-1', suspicion: 0 } };

function challengeOf(verdict: Verdict): Challenge {
  assert.equal(verdict.kind, 'required');
  assert(verdict.kind === 'required');
  return verdict.challenge;
}

const reasonOf = (verdict: Verdict) => (verdict.kind === 'ok' ? 'ok' : verdict.reason);

test('by default nobody is asked but who is suspicious', async () => {
  const { door } = shop();
  assert.equal((await door.check(anybody)).kind, 'ok');
  assert.equal((await door.check({ ...anybody, call: {} })).kind, 'ok');
  assert.equal(reasonOf(await door.check({ ...anybody, call: { clientPrefix: 'net-1', suspicion: 0.6 } })), 'none');
});

test('who lines up behind one address again and again is asked after thirty, only about tickets, and for a while', async () => {
  const { door, clock } = shop();
  const verdicts = await Promise.all(Array.from({ length: 100 }, () => door.check(anybody)));
  const letInCount = verdicts.filter(({ kind }) => kind === 'ok').length;
  assert(letInCount >= 30 && letInCount <= 32, `${letInCount} of 100`);
  assert.equal((await door.check({ ...anybody, call: { clientPrefix: 'net-2' } })).kind, 'ok', 'not another network');
  assert.equal((await door.check({ ...anybody, purpose: 'search' })).kind, 'ok', 'nor a search');
  for (let index = 0; index < 100; index++) assert.equal((await door.check({ ...anybody, call: {} })).kind, 'ok');
  const solution = await solved(challengeOf(await door.check(anybody)));
  assert.equal(reasonOf(await door.check({ ...anybody, solution })), 'ok');
  assert.equal(reasonOf(await door.check(anybody)), 'none', 'work for one is work for one');
  clock.advance(2 * 60_000);
  assert.equal((await door.check(anybody)).kind, 'ok');
});

test('the networks of one IPv6 end site line up as four addresses may, and what fills its hidden fields is soon asked in all', async () => {
  const { door } = shop();
  const from = (clientPrefix: string): Asked => ({ ...anybody, call: { clientPrefix } });
  let letInCount = 0;
  for (let index = 0; index < 400; index++) {
    if ((await door.check(from(`site-1.net-${index}`))).kind === 'ok') letInCount += 1;
  }
  assert(letInCount >= 120 && letInCount <= 128, `${letInCount} of 400`);
  assert.equal((await door.check(from('site-2.net-1'))).kind, 'ok', 'not another site');
  assert.equal((await door.check(from('net-1'))).kind, 'ok', 'nor who has none');

  const search = (clientPrefix: string) => ({ ...from(clientPrefix), purpose: 'search' as const });
  for (let index = 0; index < 4; index++) {
    assert.equal((await door.check(search('site-3.net-9'))).kind, 'ok');
    door.notice({ clientPrefix: `site-3.net-${index}` }, 'honeypot');
  }
  assert.equal(reasonOf(await door.check(search('site-3.net-9'))), 'none');
});

test('off asks nobody, always everybody', async () => {
  const { door } = shop({ ticket: 'off', search: 'always' });
  assert.equal((await door.check({ ...anybody, call: { suspicion: 1 } })).kind, 'ok');
  assert.equal(reasonOf(await door.check({ purpose: 'search', call: {} })), 'none');
});

test('a solution opens what it was asked for, once; in the header as in a form', async () => {
  const { door } = shop({ ticket: 'always' });
  const first = await solved(challengeOf(await door.check(anybody)));
  assert.equal(reasonOf(await door.check({ ...anybody, solution: first })), 'ok');
  assert.equal(reasonOf(await door.check({ ...anybody, solution: first })), 'used');
  const second = await solved(challengeOf(await door.check(anybody)));
  const call = { ...anybody.call, challengeSolution: second };
  assert.equal(reasonOf(await door.check({ ...anybody, call })), 'ok');
});

test('of twenty who send one solution at the same time, one is let through', async () => {
  const { door } = shop({ ticket: 'always' });
  const solution = await solved(challengeOf(await door.check(anybody)));
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => door.check({ ...anybody, solution })));
  assert.equal(verdicts.filter(({ kind }) => kind === 'ok').length, 1);
});

test('a solution is of no use for another purpose, another room, another network', async () => {
  const { door } = shop({ ticket: 'always', search: 'always' });
  const solution = await solved(challengeOf(await door.check(anybody)));
  assert.equal(reasonOf(await door.check({ ...anybody, purpose: 'search', solution })), 'elsewhere');
  assert.equal(reasonOf(await door.check({ ...anybody, subject: 'room-2', solution })), 'elsewhere');
  const call = { clientPrefix: 'net-2', suspicion: 0 };
  assert.equal(reasonOf(await door.check({ ...anybody, call, solution })), 'elsewhere');
  assert.equal(reasonOf(await door.check({ ...anybody, solution })), 'ok', 'those tries have not used it up');
});

test('a solution that comes too late, or from before a restart, is asked anew', async () => {
  const { door, clock, open } = shop({ ticket: 'always' });
  const solution = await solved(challengeOf(await door.check(anybody)));
  clock.advance(1);
  const restarted = open();
  await restarted.check(anybody);
  assert.equal(reasonOf(await restarted.check({ ...anybody, solution })), 'expired');
  clock.advance(121_000);
  assert.equal(reasonOf(await door.check({ ...anybody, solution })), 'expired');
});

test('a clock that goes back shuts nobody out', async () => {
  const { door, clock } = shop({ ticket: 'always' });
  await door.check(anybody);
  clock.advance(-20_000);
  const solution = await solved(challengeOf(await door.check(anybody)));
  assert.equal(reasonOf(await door.check({ ...anybody, solution })), 'ok');
});

test('whatever is changed in a solution, it is refused and nothing breaks', async () => {
  const { door } = shop({ ticket: 'always' });
  const challenge = challengeOf(await door.check(anybody));
  const text = Buffer.from(await solved(challenge), 'base64').toString();
  const whole = JSON.parse(text);
  const {
    challenge: { parameters },
  } = whole;
  const changed: unknown[] = [
    { ...whole, solution: { ...whole.solution, derivedKey: '00'.repeat(32) } },
    { ...whole, solution: { ...whole.solution, derivedKey: parameters.keyPrefix } },
    { ...whole, solution: {} },
    { ...whole, solution: null },
    { ...whole, challenge: { ...whole.challenge, signature: 'a'.repeat(64) } },
    { ...whole, challenge: { ...whole.challenge, signature: undefined } },
    { ...whole, challenge: { ...whole.challenge, parameters: { ...parameters, keySignature: undefined } } },
    {
      ...whole,
      challenge: { ...whole.challenge, parameters: { ...parameters, expiresAt: parameters.expiresAt + 600 } },
    },
    { ...whole, challenge: { ...whole.challenge, parameters: { ...parameters, cost: 1 } } },
    { ...whole, challenge: { ...whole.challenge, parameters: { ...parameters, keyPrefix: '' } } },
    {
      ...whole,
      challenge: { ...whole.challenge, parameters: { ...parameters, data: { ...parameters.data, counterMax: 1 } } },
    },
    { ...whole, challenge: null },
    [],
    null,
    1,
  ];
  for (const each of changed) {
    const solution = Buffer.from(JSON.stringify(each)).toString('base64');
    assert.equal((await door.check({ ...anybody, solution })).kind, 'required', JSON.stringify(each));
  }
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.json().map((json) => Buffer.from(json).toString('base64')),
      ),
      async (solution) => {
        assert.equal((await door.check({ ...anybody, solution })).kind, 'required');
      },
    ),
    { numRuns: 200 },
  );
});

test('an order’s solution is good for that order however often it is sent, and for no other', async () => {
  const { door } = shop({ order: 'always' });
  const asked: Asked = { ...anybody, purpose: 'order', subject: 'order-1' };
  const solution = await solved(challengeOf(await door.check(asked)));
  for (let index = 0; index < 3; index++) assert.equal(reasonOf(await door.check({ ...asked, solution })), 'ok');
  assert.equal(reasonOf(await door.check({ ...asked, subject: 'order-2', solution })), 'elsewhere');
});

test('puzzles that were taken while nobody was suspicious are of no use to who is', async () => {
  for (const setting of ['suspicious', 'always'] as const) {
    const { door } = shop({ ticket: setting });
    const call = { clientPrefix: 'net-1', suspicion: 1 };
    const stocked = await solved(await door.issue(anybody));
    const verdict = await door.check({ ...anybody, call, solution: stocked });
    assert.equal(reasonOf(verdict), 'expired', setting);
    assert(Number(challengeOf(verdict).parameters.data?.counterMax) === counterMaxFor(1));
    // Who has become more suspicious while he worked is not sent round in circles.
    const own = { ...call, suspicion: 0.6 };
    const solution = await solved(challengeOf(await door.check({ ...anybody, call: own })));
    assert.equal(reasonOf(await door.check({ ...anybody, call: { ...call, suspicion: 0.85 }, solution })), 'ok');
  }
});

test('a wait that was used is not good once more after a restart', async () => {
  const { door, clock, open } = shop({ ticket: 'always' });
  const { token = '' } = door.lock(anybody) ?? {};
  clock.advance(30_000);
  assert.equal(reasonOf(await door.check({ ...anybody, solution: token })), 'ok');
  const restarted = open();
  assert.equal(reasonOf(await restarted.check({ ...anybody, solution: token })), 'expired');
  restarted.lock(anybody);
  assert.equal(reasonOf(await restarted.check({ ...anybody, solution: token })), 'expired');
});

test('more suspicion is more work, from 64 tries to 6,400, whatever number comes', () => {
  assert.equal(counterMaxFor(0), 64);
  assert.equal(counterMaxFor(1), 6400);
  fc.assert(
    fc.property(fc.double(), fc.double(), (one, other) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      if (Number.isFinite(one) && Number.isFinite(other)) assert(counterMaxFor(less) <= counterMaxFor(more));
      for (const each of [one, other]) assert(counterMaxFor(each) >= 64 && counterMaxFor(each) <= 6400);
    }),
  );
});

test('who fills the hidden field is asked from then on, in his network only, and it wears off', async () => {
  const { door, clock } = shop();
  door.notice(anybody.call, 'honeypot');
  assert.equal(reasonOf(await door.check(anybody)), 'none');
  assert.equal(reasonOf(await door.check({ ...anybody, call: { clientPrefix: 'net-2', suspicion: 0 } })), 'ok');
  clock.advance(3_600_000);
  assert.equal(reasonOf(await door.check(anybody)), 'ok');
});

test('a form that was sent in haste is a sign only when it happens again', async () => {
  const { door } = shop();
  door.notice(anybody.call, 'hasty');
  assert.equal(reasonOf(await door.check(anybody)), 'ok');
  door.notice(anybody.call, 'hasty');
  assert.equal(reasonOf(await door.check(anybody)), 'none');
});

test('time locks of one network open one after the other, each once and not before its time', async () => {
  const { door, clock } = shop({ ticket: 'always' });
  const locks = Array.from({ length: 40 }, () => door.lock(anybody));
  const [first, second] = locks;
  assert(first && second);
  assert.equal(first.opensAtMs, clock.nowMs() + 5_000);
  assert.equal(second.opensAtMs, clock.nowMs() + 10_000);
  assert.equal(locks.filter((lock) => lock !== undefined).length, 24, 'no wait of more than two minutes');
  assert.equal(door.lock({ ...anybody, call: { clientPrefix: 'net-2' } })?.opensAtMs, clock.nowMs() + 5_000);

  assert.equal(reasonOf(await door.check({ ...anybody, solution: first.token })), 'early');
  clock.advance(5_000);
  assert.equal(reasonOf(await door.check({ ...anybody, solution: second.token })), 'early');
  assert.equal(reasonOf(await door.check({ ...anybody, subject: 'room-2', solution: first.token })), 'elsewhere');
  assert.equal(reasonOf(await door.check({ ...anybody, solution: `${first.token}x` })), 'forged');
  assert.equal(reasonOf(await door.check({ ...anybody, solution: first.token })), 'ok');
  assert.equal(reasonOf(await door.check({ ...anybody, solution: first.token })), 'used');
  clock.advance(600_000);
  assert.equal(reasonOf(await door.check({ ...anybody, solution: second.token })), 'expired');
});

test('time locks of the networks of one IPv6 end site open four times as fast as those of one address, and no faster', () => {
  const { door, clock } = shop({ ticket: 'always' });
  const afterMs = (clientPrefix: string) => {
    const lock = door.lock({ ...anybody, call: { clientPrefix } });
    return lock && lock.opensAtMs - clock.nowMs();
  };
  const opened = Array.from({ length: 120 }, (_, index) => afterMs(`site-1.net-${index}`));
  assert.deepEqual(opened.slice(0, 6), [5_000, 5_000, 5_000, 5_000, 6_250, 7_500]);
  assert.equal(opened.filter((ms) => ms !== undefined).length, 4 * 24);
  assert.equal(afterMs('site-2.net-1'), 5_000);
  assert.equal(afterMs('site-2.net-1'), 10_000, 'one network waits as ever');
});

test('a clock that went back does not lock a network for longer than any wait', () => {
  const { door, clock } = shop({ ticket: 'always' });
  door.lock(anybody);
  clock.advance(-3_600_000);
  assert.equal(door.lock(anybody)?.opensAtMs, clock.nowMs() + 5_000);
});

test('nobody can make the shop remember more than it has room for', () => {
  const spent = createSpent(100);
  const suspects = createSuspects(100);
  for (let index = 0; index < 10_000; index++) {
    spent.use(String(index), 1, 1e12, index);
    suspects.raise(String(index), 0.7, index);
  }
  assert.equal(spent.size, 100);
  assert.equal(suspects.size, 100);
  assert.equal(spent.use('9999', 1, 1e12, 10_000), false, 'the newest are remembered');
});

test('what has expired is forgotten, and uses are counted', () => {
  const spent = createSpent(100);
  assert.deepEqual([spent.use('a', 2, 10, 0), spent.use('a', 2, 10, 0), spent.use('a', 2, 10, 0)], [true, true, false]);
  spent.use('b', 1, 100, 11);
  assert.equal(spent.size, 1);
});

test('checks and signs are counted', async () => {
  const { door, metrics } = shop({ ticket: 'always' });
  await door.check(anybody);
  door.notice(anybody.call, 'honeypot');
  assert.deepEqual(metrics.series('onrush_challenge_checks_total'), [
    { labels: { purpose: 'ticket', outcome: 'none' }, value: 1 },
  ]);
  assert.deepEqual(metrics.series('onrush_challenge_signs_total'), [{ labels: { sign: 'honeypot' }, value: 1 }]);
});
