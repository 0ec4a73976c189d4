import type { Case, Proof } from './case.ts';
import { paymentKey } from './claims.ts';
import { count, formatCount, isPaid, proof } from './proof.ts';
import type { OrderRow, PaymentRow } from './store-audit.ts';

/** I3 and I4 of money: each key one payment, every paid order its payment, and books that sum to zero. */
export function judgeMoney(given: Case): { proofs: Proof[]; lostCount: number; ledgerSum: number } {
  const { claims, books } = given;
  const lost = findLostPayments(given);
  const doubled = findDoubledPayments(given);
  const unbalanced = findUnbalanced(given);
  const ledgerSum = books.ledger.reduce((sum, { sumMinor }) => sum + Math.abs(sumMinor), 0);
  const entryCount = books.ledger.reduce((sum, row) => sum + row.entryCount, 0);
  const captured = books.payments.filter(({ state }) => state === 'captured');
  const answerCount = [...claims.payments.values()].reduce((sum, answers) => sum + answers.length, 0);
  return {
    lostCount: lost.length,
    ledgerSum,
    proofs: [
      proof({
        id: 'I2',
        promise: 'no acknowledged payment lost',
        checked: `${count(claims.payments.size, 'acknowledged payment')}: present, with what was acknowledged`,
        found: `${formatCount(lost.length)} lost or changed`,
        findings: lost,
      }),
      proof({
        id: 'I3',
        promise: 'one key, one payment',
        checked: `${count(books.payments.length, 'payment')} against ${count(claims.paying.size, 'key')} sent; ${formatCount(answerCount - claims.payments.size)} answered again`,
        found: `${formatCount(doubled.length)} doubled`,
        findings: doubled,
      }),
      proof({
        id: 'I4',
        promise: 'the ledger sums to zero',
        checked: `${count(entryCount, 'entry', 'entries')} of double entry, each movement and all together`,
        found: `sum ${formatCount(ledgerSum)}`,
        findings: [
          ...books.ledger
            .filter(({ sumMinor }) => sumMinor !== 0)
            .map((row) => `${row.currency} sums to ${row.sumMinor}`),
          ...books.paymentFindings,
        ],
      }),
      proof({
        id: 'I4',
        promise: 'money matches orders',
        checked: `${count(captured.length, 'captured payment')} against ${count(books.orders.filter(({ state }) => isPaid(state)).length, 'paid order')}, refunds included`,
        found: unbalanced.length === 0 ? 'equal to the cent' : `${formatCount(unbalanced.length)} do not match`,
        findings: unbalanced,
      }),
    ],
  };
}

const stateOfAnswer: Readonly<Record<number, readonly string[]>> = {
  201: ['captured'],
  // Under way when it was answered; it may have ended since.
  202: ['started', 'captured', 'declined', 'voided'],
  402: ['declined'],
};

function findLostPayments({ claims, books }: Case): string[] {
  const paymentById = new Map(books.payments.map((row) => [row.paymentId, row]));
  const orderById = new Map(books.orders.map((row) => [row.orderId, row]));
  const findings = [...claims.payments.values()].flat().flatMap(({ status, orderId, key, payment }) => {
    const row = paymentById.get(payment.paymentId);
    const name = `payment ${payment.paymentId} was acknowledged (${status}) and`;
    if (row === undefined) return [`${name} is gone`];
    if (row.orderId !== orderId || row.key !== key) return [`${name} belongs to another order or key`];
    if (!stateOfAnswer[status]?.includes(row.state)) return [`${name} is ${row.state}`];
    if (
      payment.amountMinor !== undefined &&
      (payment.amountMinor !== row.amountMinor || payment.currency !== row.currency)
    ) {
      return [`${name} is of ${row.amountMinor} ${row.currency}, not ${payment.amountMinor} ${payment.currency}`];
    }
    const order = orderById.get(orderId);
    const isSettled = order?.isPaid === true && order.paymentId === row.paymentId;
    return status === 201 && !isSettled ? [`${name} its order ${orderId} is not paid by it`] : [];
  });
  return [...new Set(findings)];
}

function findDoubledPayments({ claims, books }: Case): string[] {
  const findings: string[] = [];
  const rowByKey = new Map<string, PaymentRow>();
  for (const row of books.payments) {
    const key = paymentKey(row);
    if (!claims.paying.has(key)) findings.push(`payment ${row.paymentId} exists, and nobody asked for it`);
    const other = rowByKey.get(key);
    if (other !== undefined) findings.push(`one key made the payments ${other.paymentId} and ${row.paymentId}`);
    rowByKey.set(key, row);
  }
  for (const answers of claims.payments.values()) {
    const ids = new Set(answers.map(({ payment }) => payment.paymentId));
    if (ids.size > 1) findings.push(`one key was answered with the payments ${[...ids].join(' and ')}`);
  }
  return findings;
}

/** Every paid order has its money, once; whatever else was captured went back. */
function findUnbalanced({ books }: Case): string[] {
  const keptByOrder = new Map<string, PaymentRow[]>();
  const findings: string[] = [];
  const orderById = new Map(books.orders.map((row) => [row.orderId, row]));
  for (const payment of books.payments) {
    if (payment.refundedMinor > payment.amountMinor)
      findings.push(`payment ${payment.paymentId} gave back more than it took`);
    if (payment.state !== 'captured') continue;
    const order = orderById.get(payment.orderId);
    if (order !== undefined && isPaidBy(order, payment)) {
      keptByOrder.set(order.orderId, [...(keptByOrder.get(order.orderId) ?? []), payment]);
    } else if (payment.refundedMinor !== payment.amountMinor) {
      findings.push(
        `payment ${payment.paymentId} keeps ${payment.amountMinor - payment.refundedMinor} of order ${payment.orderId}, which is ${order?.state ?? 'not there'}`,
      );
    }
  }
  for (const order of books.orders) {
    if (!isPaid(order.state)) continue;
    const payments = keptByOrder.get(order.orderId) ?? [];
    const keptMinor = payments.reduce((sum, { amountMinor, refundedMinor }) => sum + amountMinor - refundedMinor, 0);
    const isRight = payments.length === 1 && keptMinor === order.totalMinor && payments[0]?.currency === order.currency;
    if (!isRight)
      findings.push(
        `order ${order.orderId} costs ${order.totalMinor} and has ${keptMinor} from ${payments.length} payments`,
      );
  }
  if (books.underWayCount > 0)
    findings.push(`${count(books.underWayCount, 'payment or refund', 'payments or refunds')} did not come to an end`);
  return findings;
}

function isPaidBy(order: OrderRow, payment: PaymentRow): boolean {
  return isPaid(order.state) && order.paymentId === payment.paymentId && !payment.isUnwanted;
}
