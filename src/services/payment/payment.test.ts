import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { PaymentState } from './api.ts';
import {
  decideEnd,
  decidePayment,
  decideRefund,
  type EndStep,
  type News,
  type PaymentStanding,
  retryDelayMs,
  type Step,
  standingOf,
} from './payment.ts';

const anyNews: fc.Arbitrary<News> = fc.constantFrom<News>(
  { kind: 'authorised', reference: 'r' },
  { kind: 'captured', reference: 'r' },
  { kind: 'declined', reason: 'insufficient-funds' },
  { kind: 'voided' },
);
const standing: PaymentStanding = {
  paymentId: 'p',
  state: 'started',
  amountMinor: 4900,
  refundedMinor: 0,
  reference: null,
  declineReason: null,
  isUnwanted: false,
  isOrderSettled: false,
};
const anyEnd = fc.constantFrom<PaymentState>('captured', 'declined', 'voided');

test('a started payment heeds all news, and is captured only for an order that is settled by it', () => {
  fc.assert(
    fc.property(anyNews, fc.constantFrom(undefined, true, false), (news, isOrderSettled) => {
      const step = decidePayment('started', news, isOrderSettled);
      assert.notEqual(step.kind, 'ignore');
      if (step.kind === 'capture') assert.equal(isOrderSettled, true);
      if (step.kind === 'void') assert.equal(isOrderSettled, false);
      if (step.kind === 'end') assert.notEqual(isOrderSettled, undefined, 'nothing ends while this is unknown');
      if (step.kind === 'end' && step.state === 'captured') assert.equal(step.isUnwanted, !isOrderSettled);
      if (step.kind === 'end' && step.state === 'voided') assert.equal(step.isOrderSettled, isOrderSettled);
      if (step.kind === 'end' && step.state === 'declined') assert.equal(isOrderSettled, false);
      const isGone = news.kind === 'declined' || news.kind === 'voided';
      if (isGone) assert.equal(step.kind, isOrderSettled === undefined ? 'ask' : 'end', 'gone money settles nothing');
    }),
  );
});

test('an order is settled by the payment that it names while it is paid, and open while it is placed', () => {
  const anyState = fc.constantFrom('placed', 'paid', 'fulfilled', 'cancelled', 'expired');
  fc.assert(
    fc.property(anyState, fc.constantFrom(undefined, 'this', 'other'), (state, paymentId) => {
      const standing = standingOf({ state, paymentId }, 'this');
      assert.equal(standing === 'open', state === 'placed');
      assert.equal(standing === 'settled', ['paid', 'fulfilled'].includes(state) && paymentId === 'this');
    }),
  );
  assert.equal(standingOf(undefined, 'this'), 'closed');
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

const anyStep: fc.Arbitrary<EndStep> = fc.oneof(
  fc.boolean().map((isUnwanted) => ({ kind: 'end', state: 'captured', reference: 'r', isUnwanted }) as const),
  fc.constant({ kind: 'end', state: 'declined', reason: 'stolen' } as const),
  fc.boolean().map((isOrderSettled) => ({ kind: 'end', state: 'voided', isOrderSettled }) as const),
);

test('a payment ends once, as it is told; what goes back is all of an unwanted capture, and nothing else', () => {
  fc.assert(
    fc.property(anyStep, fc.boolean(), fc.nat(5000), (step, isUnwanted, amountMinor) => {
      const started: PaymentStanding = { ...standing, amountMinor, isUnwanted };
      const end = decideEnd(started, step);
      const isCaptured = step.state === 'captured';
      const goesBack = isUnwanted || (isCaptured && step.isUnwanted);
      assert.deepEqual(end, {
        ...started,
        state: step.state,
        reference: isCaptured ? 'r' : null,
        declineReason: step.state === 'declined' ? 'stolen' : null,
        isUnwanted: goesBack,
        isOrderSettled: step.state === 'voided' && step.isOrderSettled,
        refundedMinor: isCaptured && goesBack ? amountMinor : 0,
        isAmended: false,
      });
    }),
  );
});

test('after its end a payment stays as it is, but that its order is settled without money is added once', () => {
  fc.assert(
    fc.property(anyStep, anyStep, anyStep, fc.boolean(), (first, second, third, isUnwanted) => {
      let payment: PaymentStanding = { ...standing, isUnwanted };
      for (const step of [first, second, third]) {
        const end = decideEnd(payment, step);
        const isNews = step.state === 'voided' && step.isOrderSettled && !payment.isOrderSettled;
        if (payment.state === 'captured' || (payment.state !== 'started' && !isNews)) assert.equal(end, undefined);
        else if (payment.state !== 'started') {
          assert.deepEqual(end, { ...payment, isOrderSettled: true, isAmended: true });
        }
        payment = end ?? payment;
      }
      assert.equal(payment.state, first.state);
    }),
  );
});

/**
 * One payment in a small world: a provider with its own truth, an order that may be settled by it, cancelled or paid by
 * another, and several actors (a request, its retry, webhooks, recovery) who each follow `decidePayment` step by step, in
 * any interleaving, and may die after any step. Only the table's rules are shared: a row that has ended stays as it is, but
 * that its order is settled without money is added; and who takes up a payment has its lease. The provider may let an
 * authorisation go by itself, and tell of it.
 */
interface World {
  provider: 'authorised' | 'captured' | 'voided' | 'declined';
  order: 'placed' | 'settled' | 'cancelled';
  row: PaymentState;
  isMarkedUnwanted: boolean;
  isUnwanted: boolean;
  isKnownUnpaid: boolean;
  endings: number;
}
interface Actor {
  news: News | undefined;
  isOrderSettled: boolean | undefined;
  isDone: boolean;
  isMine: boolean;
}

const isAtWork = (actor: Actor) => actor.news !== undefined && !actor.isDone;

function act(world: World, actor: Actor, others: readonly Actor[]): void {
  if (actor.isDone) return;
  if (actor.news === undefined) {
    // Nobody takes up what has ended, or what somebody else has taken to himself.
    if (others.some((other) => isAtWork(other) && other.isMine)) return;
    if (world.row !== 'started') {
      actor.isDone = true;
      return;
    }
    const isDeclined = world.provider === 'declined';
    actor.news = isDeclined ? { kind: 'declined', reason: 'x' } : { kind: 'authorised', reference: 'r' };
    actor.isMine = true;
    return;
  }
  const step = decidePayment('started', actor.news, actor.isOrderSettled);
  switch (step.kind) {
    case 'settle':
      if (world.order === 'placed') world.order = 'settled';
      actor.isOrderSettled = world.order === 'settled';
      return;
    case 'ask':
      if (world.order !== 'placed' || actor.isMine) actor.isOrderSettled = world.order === 'settled';
      else if (others.some(isAtWork) || world.row !== 'started') actor.isDone = true;
      else actor.isMine = true;
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
  const isUnpaid = step.state === 'voided' && step.isOrderSettled;
  if (world.row !== 'captured' && isUnpaid) world.isKnownUnpaid = true;
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
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('lapse' as const), actor: fc.integer({ min: 0, max: 3 }) }) },
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
        isKnownUnpaid: false,
        endings: 0,
      };
      const newActor = (): Actor => ({ news: undefined, isOrderSettled: undefined, isDone: false, isMine: false });
      const othersThan = (actor: Actor) => actors.filter((other) => other !== actor);
      const actors = [newActor(), newActor(), newActor(), newActor()];
      // One of them begins with a webhook's news instead of asking.
      if (isWebhookFirst && provider === 'authorised')
        actors[1] = { ...newActor(), news: { kind: 'authorised', reference: 'r' } };
      for (const move of moves) {
        const actor = actors['actor' in move ? move.actor : 0] ?? assert.fail('there are four');
        if (move.kind === 'act') act(world, actor, othersThan(actor));
        if (move.kind === 'lapse') {
          if (world.provider === 'authorised') world.provider = 'voided';
          // Told by webhook, to one who has nothing else to do.
          if (world.provider === 'voided' && !isAtWork(actor) && world.row === 'started')
            actors[move.actor] = { ...newActor(), news: { kind: 'voided' } };
        }
        // Who dies is replaced by one who knows nothing: a retry, or recovery.
        if (move.kind === 'die') actors[move.actor] = newActor();
        if (move.kind === 'cancel') cancelOrder(world);
        if (move.kind === 'hear') hearOfCancellation(world);
      }
      // In the end everybody is done, and the news of a cancellation has arrived.
      for (let steps = 0; steps < 40; steps++) for (const actor of actors) act(world, actor, othersThan(actor));
      // Nobody may have been left to it: recovery.
      const last = newActor();
      for (let steps = 0; steps < 10; steps++) act(world, last, []);
      hearOfCancellation(world);

      assert.equal(world.endings, 1);
      if (provider === 'declined') assert.equal(world.row, 'declined');
      else assert.equal(world.row, world.provider, 'the table says what the provider says');
      const isKept = world.row === 'captured' && !world.isUnwanted;
      // A settled order has its money, or its lack was announced.
      assert.equal(isKept || (world.order === 'settled' && world.isKnownUnpaid), world.order === 'settled');
      assert(!(isKept && world.isKnownUnpaid));
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
