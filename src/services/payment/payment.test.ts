import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { PaymentState } from './api.ts';
import { decidePayment, decideRefund, type News, retryDelayMs, type Step } from './payment.ts';

const anyNews: fc.Arbitrary<News> = fc.constantFrom<News>(
  { kind: 'authorised', reference: 'r' },
  { kind: 'captured', reference: 'r' },
  { kind: 'declined', reason: 'insufficient-funds' },
  { kind: 'voided' },
);
const anyEnd = fc.constantFrom<PaymentState>('captured', 'declined', 'voided');

test('a started payment heeds all news, and is captured only for an order that is settled by it', () => {
  fc.assert(
    fc.property(anyNews, fc.constantFrom(undefined, true, false), (news, isOrderSettled) => {
      const step = decidePayment('started', news, isOrderSettled);
      assert.notEqual(step.kind, 'ignore');
      if (step.kind === 'capture') assert.equal(isOrderSettled, true);
      if (step.kind === 'void') assert.equal(isOrderSettled, false);
      if (step.kind === 'end' && step.state === 'captured') assert.equal(step.isUnwanted, !isOrderSettled);
    }),
  );
});

test('an end never changes, whatever is told afterwards', () => {
  fc.assert(
    fc.property(anyEnd, anyNews, fc.constantFrom(undefined, true, false), (state, news, isOrderSettled) => {
      assert.equal(decidePayment(state, news, isOrderSettled).kind, 'ignore');
    }),
  );
});

const contradictions: [PaymentState, News['kind'], boolean][] = [
  ['captured', 'authorised', false],
  ['captured', 'captured', false],
  ['captured', 'declined', true],
  ['captured', 'voided', true],
  ['declined', 'authorised', true],
  ['declined', 'captured', true],
  ['declined', 'declined', false],
  ['declined', 'voided', true],
  ['voided', 'authorised', false],
  ['voided', 'captured', true],
  ['voided', 'declined', true],
  ['voided', 'voided', false],
];
for (const [state, kind, isContradiction] of contradictions) {
  test(`after ${state}, the news ${kind} is ${isContradiction ? 'a contradiction' : 'a repetition'}`, () => {
    const news = { kind, reference: 'r', reason: 'x' } as News;
    assert.deepEqual(decidePayment(state, news), { kind: 'ignore', isContradiction });
  });
}

/**
 * One payment in a small world: a provider with its own truth, an order that may be settled by it, cancelled or paid by
 * another, and several actors (a request, its retry, webhooks, recovery) who each follow `decidePayment` step by step, in
 * any interleaving, and may die after any step. Only the table's rule is shared: a row that has ended stays as it is.
 */
interface World {
  provider: 'authorised' | 'captured' | 'voided' | 'declined';
  order: 'placed' | 'settled' | 'cancelled';
  row: PaymentState;
  isMarkedUnwanted: boolean;
  isUnwanted: boolean;
  endings: number;
}
interface Actor {
  news: News | undefined;
  isOrderSettled: boolean | undefined;
  isDone: boolean;
}

function act(world: World, actor: Actor): void {
  if (actor.isDone) return;
  if (actor.news === undefined) {
    const isDeclined = world.provider === 'declined';
    actor.news = isDeclined ? { kind: 'declined', reason: 'x' } : { kind: 'authorised', reference: 'r' };
    return;
  }
  const step = decidePayment('started', actor.news, actor.isOrderSettled);
  switch (step.kind) {
    case 'settle':
      if (world.order === 'placed') world.order = 'settled';
      actor.isOrderSettled = world.order === 'settled';
      return;
    case 'capture':
      if (world.provider === 'authorised') world.provider = 'captured';
      actor.news = world.provider === 'captured' ? { kind: 'captured', reference: 'r' } : { kind: 'voided' };
      return;
    case 'void':
      if (world.provider === 'authorised') world.provider = 'voided';
      actor.news = world.provider === 'captured' ? { kind: 'captured', reference: 'r' } : { kind: 'voided' };
      return;
    case 'end':
      end(world, step);
      actor.isDone = true;
      return;
    case 'ignore':
      assert.fail('a started payment heeds all news');
  }
}

function end(world: World, step: Step & { kind: 'end' }): void {
  if (world.row !== 'started') return;
  world.row = step.state;
  world.endings += 1;
  world.isUnwanted = step.state === 'captured' && (step.isUnwanted || world.isMarkedUnwanted);
}

/** The buyer cancels; then, at any later time, the event reaches us. */
function cancelOrder(world: World): void {
  world.order = 'cancelled';
}
function hearOfCancellation(world: World): void {
  if (world.order !== 'cancelled') return;
  if (world.row === 'started') world.isMarkedUnwanted = true;
  if (world.row === 'captured') world.isUnwanted = true;
}

test('whoever acts, in whatever order, dying anywhere: one end, and money is kept exactly for a settled order', () => {
  const anyMove = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('act' as const), actor: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), actor: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'cancel' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'hear' as const }) },
  );
  const anyProvider = fc.constantFrom<World['provider']>('authorised', 'authorised', 'authorised', 'declined');
  fc.assert(
    fc.property(anyProvider, fc.boolean(), fc.array(anyMove, { maxLength: 60 }), (provider, isWebhookFirst, moves) => {
      const world: World = {
        provider,
        order: 'placed',
        row: 'started',
        isMarkedUnwanted: false,
        isUnwanted: false,
        endings: 0,
      };
      const newActor = (): Actor => ({ news: undefined, isOrderSettled: undefined, isDone: false });
      const actors = [newActor(), newActor(), newActor(), newActor()];
      // One of them begins with a webhook's news instead of asking.
      if (isWebhookFirst && provider === 'authorised')
        actors[1] = { ...newActor(), news: { kind: 'authorised', reference: 'r' } };
      for (const move of moves) {
        if (move.kind === 'act') act(world, actors[move.actor] ?? newActor());
        // Who dies is replaced by one who knows nothing: a retry, or recovery.
        if (move.kind === 'die') actors[move.actor] = newActor();
        if (move.kind === 'cancel') cancelOrder(world);
        if (move.kind === 'hear') hearOfCancellation(world);
      }
      // In the end everybody is done, and the news of a cancellation has arrived.
      for (const actor of actors) for (let steps = 0; steps < 10; steps++) act(world, actor);
      hearOfCancellation(world);

      assert.equal(world.endings, 1);
      if (provider === 'declined') assert.equal(world.row, 'declined');
      else assert.equal(world.row, world.provider, 'the table says what the provider says');
      const isKept = world.row === 'captured' && !world.isUnwanted;
      assert.equal(isKept, world.order === 'settled');
    }),
    { numRuns: 3000 },
  );
});

test('a refund is never more than is left, and all that is left when no amount is asked for', () => {
  const anyPayment = fc
    .record({ amountMinor: fc.integer({ min: 1, max: 1e6 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ amountMinor, share }) => ({
      state: 'captured' as const,
      amountMinor,
      refundedMinor: Math.floor(amountMinor * share),
    }));
  fc.assert(
    fc.property(anyPayment, fc.option(fc.integer({ min: -5, max: 2e6 }), { nil: undefined }), (payment, askedMinor) => {
      const leftMinor = payment.amountMinor - payment.refundedMinor;
      const decision = decideRefund(payment, askedMinor);
      if (decision.kind === 'refund') {
        assert(decision.amountMinor > 0 && decision.amountMinor <= leftMinor);
        assert.equal(decision.amountMinor, askedMinor ?? leftMinor);
      } else {
        assert.deepEqual(decision, { kind: 'exceeds', leftMinor });
        const wantedMinor = askedMinor ?? leftMinor;
        assert(wantedMinor <= 0 || wantedMinor > leftMinor);
      }
    }),
  );
});

test('only what was captured can be given back', () => {
  for (const state of ['started', 'declined', 'voided'] as const) {
    assert.deepEqual(decideRefund({ state, amountMinor: 100, refundedMinor: 0 }, undefined), { kind: 'not-captured' });
  }
});

test('the wait between tries grows, and stays within five minutes', () => {
  assert.deepEqual([0, 1, 2, 3].map(retryDelayMs), [1000, 2000, 4000, 8000]);
  assert.equal(retryDelayMs(1_000_000), 300_000);
});
