import type { Case, Proof } from './case.ts';
import { count, formatCount, isHeld, isPaid, proof } from './proof.ts';
import type { OrderRow } from './store-audit.ts';

/** I1: nothing is promised twice, the counts add up, and nobody has more than the sale allows. */
export function judgeStock(given: Case): { proofs: Proof[]; sold: number; paid: number; oversold: number } {
  const { setup, books } = given;
  const held = unitsBySubject(books.orders.filter(({ state }) => isHeld(state)));
  const paid = unitsBySubject(books.orders.filter(({ state }) => isPaid(state)));
  const { hot, ordinary } = setup;
  const received = new Map([
    [hot.variantId, hot.stock],
    ...(ordinary?.variants ?? []).map(({ variantId, stock }) => [variantId, stock] as const),
    ...(ordinary === undefined ? [] : [[ordinary.coupon.couponId, ordinary.coupon.redemptionsMax] as const]),
  ]);
  const over = [...received].flatMap(([subjectId, units]) => {
    const excess = (held.get(subjectId) ?? 0) - units;
    return excess > 0 ? [{ subjectId, excess, units }] : [];
  });
  const oversold = over.reduce((sum, { excess }) => sum + excess, 0);
  const sold = held.get(hot.variantId) ?? 0;
  return {
    sold,
    paid: paid.get(hot.variantId) ?? 0,
    oversold,
    proofs: [
      proof({
        id: 'I1',
        promise: 'never oversell',
        checked: `units in orders against units received, of ${count(1 + (ordinary?.variants.length ?? 0), 'variant')}${ordinary === undefined ? '' : ' and a coupon'}`,
        found: `${formatCount(sold)} of ${formatCount(hot.stock)} sold, ${formatCount(oversold)} too many`,
        findings: over.map(({ subjectId, excess, units }) => `${subjectId}: ${excess} beyond the ${units} received`),
      }),
      stockEquation(given, received),
      limits(given),
      unsoldThoughRefused(given, sold),
    ],
  };
}

/** Units in orders; of a coupon, redemptions. */
function unitsBySubject(orders: readonly OrderRow[]): Map<string, number> {
  const units = new Map<string, number>();
  const add = (subjectId: string, quantity: number) => units.set(subjectId, (units.get(subjectId) ?? 0) + quantity);
  for (const { lines, couponId } of orders) {
    for (const { variantId, quantity } of lines) add(variantId, quantity);
    if (couponId !== null) add(couponId, 1);
  }
  return units;
}

/** Received, dealt out, and in orders: three rooms keep count, and all must agree. */
function stockEquation({ setup, books }: Case, received: ReadonlyMap<string, number>): Proof {
  const couponId = setup.ordinary?.coupon.couponId;
  const dealt = books.stock.flatMap(({ subjectId, moved, granted, reserved, sold }) => {
    const wanted = received.get(subjectId) ?? 0;
    const complaints: string[] = [];
    if (subjectId !== couponId && moved !== wanted)
      complaints.push(`${subjectId}: received ${wanted}, movements say ${moved}`);
    if (granted !== wanted) complaints.push(`${subjectId}: received ${wanted}, dealt to checkout ${granted}`);
    if (reserved + sold > granted) complaints.push(`${subjectId}: reserved ${reserved} and sold ${sold} of ${granted}`);
    return complaints;
  });
  return proof({
    id: 'I1',
    promise: 'the stock adds up',
    checked: 'sold + reserved + available = received, from movements, allotments and orders',
    found: books.checkoutFindings.length + dealt.length === 0 ? 'equal everywhere' : 'not equal',
    findings: [...dealt, ...books.checkoutFindings],
  });
}

function limits({ setup, books }: Case): Proof {
  const unitsByBuyer = new Map<string, number>();
  const couponsByBuyer = new Map<string, number>();
  for (const { buyerId, state, lines, couponId } of books.orders) {
    if (!isHeld(state)) continue;
    for (const { variantId, quantity } of lines) {
      if (variantId === setup.hot.variantId) unitsByBuyer.set(buyerId, (unitsByBuyer.get(buyerId) ?? 0) + quantity);
    }
    if (couponId !== null) couponsByBuyer.set(buyerId, (couponsByBuyer.get(buyerId) ?? 0) + 1);
  }
  const { limitPerBuyer } = setup.hot;
  const findings = [
    ...[...unitsByBuyer]
      .filter(([, units]) => units > limitPerBuyer)
      .map(([id, units]) => `buyer ${id} has ${units} units`),
    ...[...couponsByBuyer]
      .filter(([, uses]) => uses > 1)
      .map(([id, uses]) => `buyer ${id} used the coupon ${uses} times`),
  ];
  const most = Math.max(0, ...unitsByBuyer.values());
  return proof({
    id: 'I1',
    promise: 'nobody beyond the limit',
    checked: `units of ${count(unitsByBuyer.size, 'buyer')}, ${limitPerBuyer} allowed`,
    found: `at most ${most} each`,
    findings,
  });
}

/** The opposite of overselling, and as bad for the shop: to send buyers away while there is something left. */
function unsoldThoughRefused({ setup, tally }: Case, sold: number): Proof {
  const left = setup.hot.stock - sold;
  // What was given back when everybody had been refused already is nobody's fault.
  const isExcused = tally.singleRefusals === 0 || left <= tally.unitsReturned;
  return proof({
    id: 'I1',
    promise: 'nobody refused in vain',
    checked: `${count(tally.singleRefusals, 'answer')} "sold out" to who wanted a single unit`,
    found: left > 0 ? `${formatCount(left)} left at the end` : 'nothing was left',
    findings: isExcused
      ? []
      : [`${left} units were left, of which buyers had given back ${tally.unitsReturned} at most`],
  });
}
