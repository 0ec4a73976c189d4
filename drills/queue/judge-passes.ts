import type { Proof } from '../sale/case.ts';
import { count, formatCount, isHeld, proof } from '../sale/proof.ts';
import type { QueueCase } from './case.ts';
import type { AttackKind } from './journal.ts';

const attacks: readonly AttackKind[] = ['forged', 'shared', 'replayed', 'expired', 'too early'];
/** A quote is checked when its order is asked for; the batch that it goes with may commit a little later. */
const commitWithinMs = 2_000;

/** I6: a pass cannot be forged, shared or replayed; and what the room lets in, the shop can sell. */
export function judgePasses(given: QueueCase): Proof[] {
  return [refused(given), usedOnce(given), acknowledged(given), stockHeld(given)];
}

function refused({ journal: { attempts } }: QueueCase): Proof {
  const findings = attempts
    .filter(({ status, slug, wanted }) => status < 400 || status >= 500 || !wanted.includes(slug ?? ''))
    .map(({ attack, what, status, slug }) => `${attack}: ${what} was answered ${status} ${slug ?? ''}`.trimEnd());
  // What nobody tried is not proved.
  if (attempts.length === 0) findings.push('nobody tried');
  const counts = attacks.flatMap((attack) => {
    const number = attempts.filter((each) => each.attack === attack).length;
    return number === 0 ? [] : [`${formatCount(number)} ${attack}`];
  });
  return proof({
    id: 'I6',
    promise: 'a pass is its owner’s, once',
    checked: `attempts with tickets and passes: ${counts.join(', ') || 'none'}`,
    found:
      findings.length === 0
        ? `all ${formatCount(attempts.length)} refused`
        : `${formatCount(findings.length)} not refused`,
    findings,
  });
}

/** Each order of what was queued for has a pass of its own, of its buyer, in time. */
function usedOnce({ books, journal }: QueueCase): Proof {
  const passBy = new Map(books.passes.map((pass) => [pass.place, pass]));
  const usesByOrder = Map.groupBy(books.uses, ({ orderId }) => orderId);
  const usesByPlace = Map.groupBy(books.uses, ({ place }) => place);
  const findings: string[] = [];
  for (const [place, uses] of usesByPlace) {
    if (uses.length > 1) findings.push(`the pass of place ${place} became ${uses.length} orders`);
  }
  for (const { orderId, buyerId, placedAtMs } of books.orders) {
    const [use, ...more] = usesByOrder.get(orderId) ?? [];
    const pass = use && passBy.get(use.place);
    if (use === undefined) findings.push(`order ${orderId} was placed without a pass`);
    else if (pass === undefined)
      findings.push(`order ${orderId} has the pass of place ${use.place}, which nobody claimed`);
    else if (pass.buyerId !== buyerId) findings.push(`order ${orderId} was placed with the pass of another buyer`);
    else if (placedAtMs > pass.expiresAtMs + commitWithinMs)
      findings.push(`order ${orderId} was placed with a pass that had run out`);
    if (more.length > 0) findings.push(`order ${orderId} used ${more.length + 1} passes`);
  }
  const orderIds = new Set(books.orders.map(({ orderId }) => orderId));
  for (const { place, orderId } of books.uses) {
    if (!orderIds.has(orderId)) findings.push(`the pass of place ${place} is used up, and no order came of it`);
  }
  const buyerBy = new Map(journal.waiters.map(({ number, buyerId }) => [number, buyerId]));
  for (const { number, place, buyerId } of books.passes) {
    const holderId = buyerBy.get(number);
    if (holderId !== undefined && holderId !== buyerId)
      findings.push(`the pass of place ${place} is not the buyer’s whose ticket has the number ${number}`);
  }
  for (const { end, pass } of journal.waiters) {
    if (end === 'pass refused') findings.push(`place ${pass?.place} came in, and its pass was refused in time`);
  }
  return proof({
    id: 'I6',
    promise: 'one pass, one order',
    checked: `the pass of each of ${count(books.orders.length, 'order')}: claimed, its buyer’s, in time, used once`,
    found:
      findings.length === 0
        ? `${formatCount(books.uses.length)} used, each once`
        : count(findings.length, 'misused pass', 'misused passes'),
    findings,
  });
}

/** I2, of this sale. */
function acknowledged({ books, journal }: QueueCase): Proof {
  const ids = new Set(books.orders.map(({ orderId }) => orderId));
  const findings = journal.orders
    .filter(({ orderId }) => !ids.has(orderId))
    .map(({ orderId }) => `order ${orderId} is not there`);
  return proof({
    id: 'I2',
    promise: 'no acknowledged order lost',
    checked: 'orders that buyers were told of against the rows',
    found: `${formatCount(journal.orders.length)} told, ${formatCount(findings.length)} missing`,
    findings,
  });
}

/** I1, of this sale. */
function stockHeld({ books: { orders, stock, checkoutFindings }, setup }: QueueCase): Proof {
  const units = orders.filter(({ state }) => isHeld(state)).reduce((sum, order) => sum + order.units, 0);
  const findings = [...checkoutFindings];
  if (units > setup.stock) findings.push(`${units - setup.stock} units beyond the ${setup.stock} received`);
  if (stock.reserved + stock.sold !== units)
    findings.push(`orders hold ${units} units, the stock says ${stock.reserved + stock.sold}`);
  if (stock.granted !== setup.stock) findings.push(`received ${setup.stock}, dealt to checkout ${stock.granted}`);
  return proof({
    id: 'I1',
    promise: 'never oversell',
    checked: 'units in orders against units received',
    found: `${formatCount(units)} of ${formatCount(setup.stock)} sold, ${formatCount(Math.max(0, units - setup.stock))} too many`,
    findings,
  });
}
