import type { Order } from '../../src/services/checkout/api.ts';
import type { Case, Proof } from './case.ts';
import { acknowledgedIds } from './claims.ts';
import { count, formatCount, proof } from './proof.ts';
import type { OrderRow } from './store-audit.ts';

/** I2 and I3 of orders: what was acknowledged is there and unchanged, and nothing is there that nobody asked for. */
export function judgeOrders(given: Case): { proofs: Proof[]; lostCount: number; duplicateCount: number } {
  const rowById = new Map(given.books.orders.map((row) => [row.orderId, row]));
  const lost = findLostOrders(given, rowById);
  const doubled = findDoubledOrders(given);
  const { orders } = given.claims;
  const answerCount = [...orders.values()].reduce((sum, answers) => sum + answers.length, 0);
  return {
    lostCount: lost.length,
    duplicateCount: doubled.length,
    proofs: [
      proof({
        id: 'I2',
        promise: 'no acknowledged order lost',
        checked: `${count(acknowledgedIds(given.claims).length, 'acknowledged order')}: present, with what was acknowledged`,
        found: `${formatCount(lost.length)} lost or changed`,
        findings: lost,
      }),
      proof({
        id: 'I3',
        promise: 'one click, one order',
        checked: `${count(given.books.orders.length, 'order')} against ${count(given.claims.asked.size, 'quote')} sent; ${formatCount(answerCount - orders.size)} answered again`,
        found: `${formatCount(doubled.length)} doubled`,
        findings: doubled,
      }),
      announcements(given),
    ],
  };
}

function findLostOrders({ claims }: Case, rowById: ReadonlyMap<string, OrderRow>): string[] {
  const findings: string[] = [];
  for (const answers of claims.orders.values()) {
    for (const { order } of answers) {
      const row = rowById.get(order.orderId);
      const complaint = row === undefined ? 'is gone' : differenceBetween(order, row);
      if (complaint !== undefined) findings.push(`order ${order.orderId} was acknowledged and ${complaint}`);
      else if (row !== undefined && row.state === 'cancelled' && !claims.cancelling.has(row.orderId)) {
        findings.push(`order ${order.orderId} is cancelled, and nobody asked for that`);
      } else if (row !== undefined && row.state !== 'cancelled' && claims.cancelled.has(row.orderId)) {
        findings.push(`the cancellation of order ${order.orderId} was acknowledged, and it is ${row.state}`);
      }
    }
  }
  return [...new Set(findings)];
}

/** How the rows differ from what the buyer was told; undefined when they do not. The state may have moved on. */
function differenceBetween(order: Order, row: OrderRow): string | undefined {
  const told = contentOf(order, order);
  const kept = contentOf(row, row.details);
  const field = Object.keys(told).find((name) => canonical(told[name]) !== canonical(kept[name]));
  return field === undefined
    ? undefined
    : `has another ${field}: ${canonical(told[field])} became ${canonical(kept[field])}`;
}

function contentOf(
  order: Pick<Order | OrderRow, 'orderId' | 'currency' | 'totalMinor' | 'placedAtMs' | 'payByAtMs' | 'lines'>,
  details: object,
): Record<string, unknown> {
  const { deliveryMinor, taxMinor, deliveryMethod, contact, deliveryAddress, coupon } = details as Record<
    string,
    unknown
  >;
  const { orderId, currency, totalMinor, placedAtMs, payByAtMs, lines } = order;
  const about = { deliveryMinor, taxMinor, deliveryMethod, contact, deliveryAddress, coupon };
  return { orderId, currency, totalMinor, placedAtMs, payByAtMs, ...about, lines: lines.map(withoutLimit) };
}

/** A line's limit is the shop's own affair; the answer does not show it. */
function withoutLimit(line: object): object {
  const { limit: _, ...shown } = line as { limit?: unknown };
  return shown;
}

/** JSON with the keys in order: two texts of the same value are the same. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'object' && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
        : each,
    ) ?? 'nothing'
  );
}

/**
 * The quote's id is the order's, so an order that has an id of its own was made beside its quote: by a second click, or by
 * nobody.
 */
function findDoubledOrders({ claims, books }: Case): string[] {
  const unasked = books.orders
    .filter(({ orderId }) => !claims.asked.has(orderId) && !claims.forged.has(orderId))
    .map(({ orderId }) => `order ${orderId} exists, and no quote with that id was sent`);
  const several = [...claims.orders].flatMap(([asked, answers]) => {
    const ids = new Set(answers.map(({ order }) => order.orderId));
    return ids.size > 1 || !ids.has(asked) ? [`the quote ${asked} became ${[...ids].join(' and ')}`] : [];
  });
  return [...unasked, ...several];
}

const topicsOfState: Readonly<Record<string, string>> = {
  cancelled: 'order.cancelled',
  expired: 'order.expired',
};

/** Each order was announced, once for each thing that happened to it, and nothing was announced that did not happen. */
function announcements({ books }: Case): Proof {
  const counts = new Map(books.events.map(({ orderId, topic, count: times }) => [`${orderId} ${topic}`, times]));
  const wanted = new Map<string, number>();
  const want = (orderId: string, topic: string | undefined) => {
    if (topic === undefined) return;
    const name = `${orderId} ${topic}`;
    wanted.set(name, (wanted.get(name) ?? 0) + 1);
  };
  for (const { orderId, state, isPaid } of books.orders) {
    want(orderId, 'order.placed');
    if (isPaid) want(orderId, 'order.paid');
    want(orderId, topicsOfState[state]);
  }
  for (const { orderId, state } of books.payments) {
    if (state !== 'started') want(orderId, `payment.${state}`);
  }
  const findings = [...new Set([...wanted.keys(), ...counts.keys()])]
    // How often money went back is the refunds' affair, one event each.
    .filter((name) => !name.endsWith(' payment.refunded') && wanted.get(name) !== counts.get(name))
    .map((name) => {
      const [orderId, topic] = name.split(' ');
      return `order ${orderId}: ${topic} was announced ${counts.get(name) ?? 0} times, not ${wanted.get(name) ?? 0}`;
    });
  const total = [...counts.values()].reduce((sum, times) => sum + times, 0);
  return proof({
    id: 'I2',
    promise: 'no order without its events',
    checked: `${count(total, 'event')} of ${count(books.orders.length, 'order')}, each announced once`,
    found: findings.length === 0 ? 'none missing' : `${formatCount(findings.length)} missing or doubled`,
    findings,
  });
}
