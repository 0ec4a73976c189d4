import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { OrderState } from './api.ts';
import { decideOrder, type OrderCommand, type OrderFacts } from './order.ts';

const payByAtMs = 1_000_000;
const placed: OrderFacts = { state: 'placed', totalMinor: 4900, currency: 'EUR', payByAtMs, paymentId: undefined };
const settle: OrderCommand = { kind: 'settle', paymentId: 'p1', amountMinor: 4900, currency: 'EUR' };

const cases: [string, Partial<OrderFacts>, OrderCommand, number, object][] = [
  [
    'a placed order is settled',
    {},
    settle,
    0,
    { kind: 'move', to: 'paid', effect: 'reserved-to-sold', paymentId: 'p1' },
  ],
  [
    'even after its deadline, while it is still held',
    {},
    settle,
    payByAtMs + 1,
    { kind: 'move', to: 'paid', effect: 'reserved-to-sold', paymentId: 'p1' },
  ],
  [
    'a retry of the same payment is told that it is paid',
    { state: 'paid', paymentId: 'p1' },
    settle,
    0,
    { kind: 'already' },
  ],
  ['another payment is told no', { state: 'paid', paymentId: 'p2' }, settle, 0, { kind: 'refused' }],
  ['a wrong amount is told no', { totalMinor: 4901 }, settle, 0, { kind: 'refused' }],
  ['a wrong currency is told no', { currency: 'USD' }, settle, 0, { kind: 'refused' }],
  ['an expired order cannot be paid', { state: 'expired' }, settle, 0, { kind: 'refused' }],
  [
    'an order that was paid and cancelled cannot be paid again',
    { state: 'cancelled', paymentId: 'p1' },
    settle,
    0,
    { kind: 'refused' },
  ],
  [
    'a placed order is cancelled',
    {},
    { kind: 'cancel' },
    0,
    { kind: 'move', to: 'cancelled', effect: 'release-reserved' },
  ],
  [
    'a paid order is cancelled',
    { state: 'paid', paymentId: 'p1' },
    { kind: 'cancel' },
    0,
    { kind: 'move', to: 'cancelled', effect: 'return-sold' },
  ],
  ['a fulfilled order is not', { state: 'fulfilled', paymentId: 'p1' }, { kind: 'cancel' }, 0, { kind: 'refused' }],
  ['cancelling twice is cancelling once', { state: 'cancelled' }, { kind: 'cancel' }, 0, { kind: 'already' }],
  [
    'an overdue order expires',
    {},
    { kind: 'expire' },
    payByAtMs,
    { kind: 'move', to: 'expired', effect: 'release-reserved' },
  ],
  ['not a millisecond early', {}, { kind: 'expire' }, payByAtMs - 1, { kind: 'refused' }],
  [
    'a paid order never expires',
    { state: 'paid', paymentId: 'p1' },
    { kind: 'expire' },
    payByAtMs + 1,
    { kind: 'refused' },
  ],
];

for (const [name, facts, command, nowMs, decision] of cases) {
  test(name, () => assert.deepEqual(decideOrder({ ...placed, ...facts }, command, nowMs), decision));
}

const anyCommand: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.constantFrom('p1', 'p2').map((paymentId): OrderCommand => ({ ...settle, paymentId })),
  fc.constant<OrderCommand>({ kind: 'cancel' }),
  fc.constant<OrderCommand>({ kind: 'expire' }),
);

test('whatever is asked in whatever order: units are held once, given back at most once, and one payment at most settles', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyCommand, fc.nat(2 * payByAtMs)), { maxLength: 12 }), (steps) => {
      let order = placed;
      const held: Record<OrderState, number> = { placed: 1, paid: 1, fulfilled: 1, cancelled: 0, expired: 0 };
      let reserved = 1;
      let sold = 0;
      const settledBy = new Set<string>();
      for (const [command, nowMs] of steps) {
        const decision = decideOrder(order, command, nowMs);
        if (decision.kind !== 'move') continue;
        if (decision.effect !== 'return-sold') reserved -= 1;
        if (decision.effect === 'reserved-to-sold') sold += 1;
        if (decision.effect === 'return-sold') sold -= 1;
        if (decision.paymentId) settledBy.add(decision.paymentId);
        order = { ...order, state: decision.to, paymentId: decision.paymentId ?? order.paymentId };
        assert(reserved >= 0 && sold >= 0);
        assert.equal(reserved + sold, held[order.state]);
      }
      assert(settledBy.size <= 1);
    }),
  );
});
