import assert from 'node:assert/strict';
import test from 'node:test';
import type { Case } from './case.ts';
import { gatherClaims } from './claims.ts';
import { judge } from './judge.ts';
import type { OrderRow, PaymentRow } from './store-audit.ts';
import { createTally, type Tally } from './tally.ts';
import type { Testimony } from './witness.ts';

// The smallest sale there is: one unit, one buyer, one payment. What no database can show is broken here.
const hot = { variantId: 'lantern', salePriceMinor: 4900, limitPerBuyer: 2, stock: 1 };
const line = {
  variantId: 'lantern',
  sku: 'L',
  title: 'A lantern',
  quantity: 1,
  unitPriceMinor: 4900,
  discountMinor: 0,
  totalMinor: 4900,
};
const order = {
  orderId: 'order-1',
  currency: 'USD',
  totalMinor: 4900,
  placedAtMs: 1000,
  payByAtMs: 2000,
  lines: [line],
};
const orderRow: OrderRow = {
  ...order,
  buyerId: 'ann',
  state: 'paid',
  couponId: null,
  paymentId: 'payment-1',
  isPaid: true,
  details: { deliveryMinor: 0, taxMinor: 0 },
};
const paymentRow: PaymentRow = {
  paymentId: 'payment-1',
  orderId: 'order-1',
  key: 'k',
  state: 'captured',
  amountMinor: 4900,
  refundedMinor: 0,
  currency: 'USD',
  isUnwanted: false,
};
const acknowledged: Testimony = {
  kind: 'order',
  atMs: 1500,
  asked: 'order-1',
  order: { ...order, key: 'secret', state: 'placed', deliveryMinor: 0, taxMinor: 0 },
};
const paid: Testimony = {
  kind: 'payment',
  atMs: 1600,
  status: 201,
  orderId: 'order-1',
  key: 'k',
  payment: { paymentId: 'payment-1', amountMinor: 4900, currency: 'USD' },
};
const testimonies: Testimony[] = [
  { kind: 'asked', orderId: 'order-1', buyerId: 'ann' },
  acknowledged,
  { kind: 'paying', orderId: 'order-1', key: 'k' },
  paid,
];

function caseOf(change: {
  also?: Testimony[];
  tally?: (tally: Tally) => void;
  books?: Partial<Case['books']>;
  stock?: number;
}): Case {
  const tally = createTally();
  tally.ended('paid');
  change.tally?.(tally);
  const stock = change.stock ?? 1;
  return {
    setup: { runId: 'r', currency: 'USD', hot: { ...hot, stock }, expiredQuotes: [], ordinary: undefined },
    claims: gatherClaims([...testimonies, ...(change.also ?? [])]),
    tally: tally.toJson(),
    buyerCount: 1,
    books: {
      orders: [orderRow],
      payments: [paymentRow],
      events: ['order.placed', 'order.paid', 'payment.captured'].map((topic) => ({
        orderId: 'order-1',
        topic,
        count: 1,
      })),
      stock: [{ subjectId: 'lantern', moved: stock, granted: stock, reserved: 0, sold: 1 }],
      ledger: [{ currency: 'USD', entryCount: 2, sumMinor: 0 }],
      checkoutFindings: [],
      paymentFindings: [],
      underWayCount: 0,
      ...change.books,
    },
  };
}

function brokenBy(change: Parameters<typeof caseOf>[0]): string[] {
  return judge(caseOf(change))
    .proofs.filter(({ isKept }) => !isKept)
    .map(({ promise }) => promise);
}

test('the smallest sale that went well has no broken promise', () => {
  assert.deepEqual(brokenBy({}), []);
});

const breakages: [name: string, change: Parameters<typeof caseOf>[0], promises: string[]][] = [
  [
    'one quote was answered with two orders',
    { also: [{ ...acknowledged, order: { ...acknowledged.order, orderId: 'order-2' } }] },
    ['no acknowledged order lost', 'one click, one order'],
  ],
  [
    'one key was answered with two payments',
    { also: [{ ...paid, payment: { ...paid.payment, paymentId: 'payment-2' } }] },
    ['no acknowledged payment lost', 'one key, one payment'],
  ],
  [
    'a payment was called declined and is captured',
    { also: [{ ...paid, status: 402 }] },
    ['no acknowledged payment lost'],
  ],
  [
    'a repeated answer tells another price',
    { also: [{ ...acknowledged, order: { ...acknowledged.order, totalMinor: 1 } }] },
    ['no acknowledged order lost'],
  ],
  [
    'a cancellation was acknowledged and did not happen',
    {
      also: [
        { kind: 'cancelling', orderId: 'order-1' },
        { kind: 'cancelled', orderId: 'order-1' },
      ],
    },
    ['no acknowledged order lost'],
  ],
  [
    'a payment gave back more than it took',
    { books: { payments: [{ ...paymentRow, refundedMinor: 5000 }] } },
    ['money matches orders'],
  ],
  [
    'the sale’s price is not the price in the order',
    { books: { orders: [{ ...orderRow, lines: [{ ...line, unitPriceMinor: 9900, discountMinor: 5000 }] }] } },
    ['no acknowledged order lost', 'what was quoted is paid'],
  ],
  [
    'buyers of one unit were refused while some were left',
    { stock: 3, tally: (tally) => tally.count('singleRefusals') },
    ['nobody refused in vain'],
  ],
  ['the checkout’s own audit complains', { books: { checkoutFindings: ['something'] } }, ['the stock adds up']],
  ['the payments’ own audit complains', { books: { paymentFindings: ['something'] } }, ['the ledger sums to zero']],
  [
    'a currency does not sum to zero',
    { books: { ledger: [{ currency: 'EUR', entryCount: 1, sumMinor: -5 }] } },
    ['the ledger sums to zero'],
  ],
  ['a buyer never came to an end', { tally: (tally) => tally.ended('paid') }, ['everybody was answered']],
  ['a request was answered wrongly', { tally: (tally) => tally.error('500') }, ['everybody was answered']],
  [
    'a forged quote was accepted',
    { tally: (tally) => tally.demand('forgedQuote', false, () => 'it was answered 201') },
    ['what is false is refused'],
  ],
  [
    'a reused key was not refused',
    { tally: (tally) => tally.demand('reusedKey', false, () => 'it was answered 201') },
    ['what is false is refused'],
  ],
  [
    'the order is not what was quoted',
    { tally: (tally) => tally.demand('quotedPrice', false, () => 'it costs more') },
    ['what was quoted is paid'],
  ],
  [
    'the same request had another answer',
    { tally: (tally) => tally.demand('sameAnswer', false, () => 'it was another order') },
    ['asked again, told the same'],
  ],
];

for (const [name, change, promises] of breakages) {
  test(`found: ${name}`, () => assert.deepEqual(brokenBy(change), promises));
}

test('units that were given back after everybody had been refused are nobody’s fault', () => {
  const tally = (of: Tally) => {
    of.count('singleRefusals');
    of.count('unitsReturned', 2);
  };
  assert.deepEqual(brokenBy({ stock: 3, tally }), []);
});

test('ledgers that are off in opposite ways are still off', () => {
  const ledger = [
    { currency: 'EUR', entryCount: 1, sumMinor: 5 },
    { currency: 'USD', entryCount: 1, sumMinor: -5 },
  ];
  assert.equal(judge(caseOf({ books: { ledger } })).ledgerSum, 10);
});
