import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  balances,
  captureMovement,
  isBalanced,
  type LedgerEntry,
  receivableAccount,
  refundMovement,
  revenueAccount,
} from './ledger.ts';

const anyCurrency = fc.constantFrom('USD', 'EUR', 'JPY');
const anyProvider = fc.constantFrom('test', 'other');
const anyAmountMinor = fc.integer({ min: 0, max: 1_000_000_000_000 });

/** A captured payment and refunds of it that together are no more than it was. */
const anyPayment = fc
  .record({
    paymentId: fc.uuid(),
    provider: anyProvider,
    currency: anyCurrency,
    amountMinor: anyAmountMinor,
    shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
  })
  .map(({ shares, ...payment }) => {
    let leftMinor = payment.amountMinor;
    const refunds = shares.map((share, index) => {
      const amountMinor = Math.floor(leftMinor * share);
      leftMinor -= amountMinor;
      return { refundId: `${payment.paymentId}-${index}`, amountMinor };
    });
    return { ...payment, refunds, leftMinor };
  });
type AnyPayment = typeof anyPayment extends fc.Arbitrary<infer P> ? P : never;

function entriesOf(payment: AnyPayment): LedgerEntry[] {
  return [
    ...captureMovement(payment.paymentId, payment),
    ...payment.refunds.flatMap(({ refundId, amountMinor }) => refundMovement(refundId, { ...payment, amountMinor })),
  ];
}

test('every movement balances, in whatever order the entries are read', () => {
  fc.assert(
    fc.property(fc.array(anyPayment, { maxLength: 10 }), (payments) => {
      assert(isBalanced(payments.flatMap(entriesOf)));
      assert(isBalanced(payments.flatMap(entriesOf).toReversed()));
    }),
  );
});

test('what the provider owes, and what was earned, is what was captured and not given back', () => {
  fc.assert(
    fc.property(anyPayment, (payment) => {
      const held = balances(entriesOf(payment));
      assert.equal(held.get(`${receivableAccount(payment.provider)} ${payment.currency}`) ?? 0, payment.leftMinor);
      assert.equal(0 - (held.get(`${revenueAccount} ${payment.currency}`) ?? 0), payment.leftMinor);
    }),
  );
});

test('an entry that is changed, lost or moved to another currency does not go unnoticed', () => {
  const anyChange = fc.constantFrom<(entries: LedgerEntry[]) => LedgerEntry[]>(
    ([, ...others]) => others,
    ([first, ...others]) => (first ? [{ ...first, amountMinor: first.amountMinor + 1 }, ...others] : []),
    ([first, ...others]) => (first ? [{ ...first, currency: 'XXX' }, ...others] : []),
    ([first, ...others]) => (first ? [{ ...first, movementId: 'another' }, ...others] : []),
  );
  fc.assert(
    fc.property(anyPayment, anyChange, (payment, change) => {
      fc.pre(payment.amountMinor > 0);
      assert(!isBalanced(change(captureMovement(payment.paymentId, payment))));
    }),
  );
});

test('what costs nothing moves nothing', () => {
  assert.deepEqual(captureMovement('p', { provider: 'test', amountMinor: 0, currency: 'USD' }), []);
});
