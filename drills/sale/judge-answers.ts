import type { Case, Proof } from './case.ts';
import { count, formatCount, proof } from './proof.ts';
import { type Demand, demands, visitEnds } from './tally.ts';

/** I8 and manners: no answer is a lie, what must be refused is refused, and everybody is answered. */
export function judgeAnswers(given: Case): Proof[] {
  return [prices(given), refusals(given), repetitions(given), everybodyAnswered(given)];
}

/** The price of the sale is the price in the orders. */
function prices(given: Case): Proof {
  const { setup, books, tally } = given;
  const wrong = books.orders.flatMap(({ orderId, lines }) =>
    lines
      .filter(({ variantId, quantity, unitPriceMinor, totalMinor }) => {
        if (variantId !== setup.hot.variantId) return false;
        return unitPriceMinor !== setup.hot.salePriceMinor || totalMinor !== quantity * setup.hot.salePriceMinor;
      })
      .map(({ unitPriceMinor }) => `order ${orderId} has the price ${unitPriceMinor}, not ${setup.hot.salePriceMinor}`),
  );
  const broken = brokenDemand(given, 'quotedPrice');
  return proof({
    id: 'I8',
    promise: 'what was quoted is paid',
    checked: `${count(tally.demands.quotedPrice.made, 'order')} against the signed quote and the sale's price`,
    found: `${formatCount(wrong.length + broken.length)} differ`,
    findings: [...wrong, ...broken],
  });
}

function refusals(given: Case): Proof {
  const { claims, books, tally } = given;
  const names = ['forgedQuote', 'expiredQuote', 'reusedKey', 'limit'] as const;
  const accepted = books.orders
    .filter(({ orderId }) => claims.forged.has(orderId))
    .map(({ orderId }) => `order ${orderId} was made of a forged or expired quote`);
  const made = (name: Demand) => tally.demands[name].made;
  const findings = [...accepted, ...names.flatMap((name) => brokenDemand(given, name))];
  return proof({
    id: 'I8',
    promise: 'what is false is refused',
    checked: `${formatCount(made('forgedQuote'))} forged and ${formatCount(made('expiredQuote'))} expired quotes, ${formatCount(made('reusedKey'))} reused keys, ${formatCount(made('limit'))} orders beyond the limit`,
    found: findings.length === 0 ? 'all refused' : `${formatCount(findings.length)} not refused`,
    findings,
  });
}

function repetitions(given: Case): Proof {
  const findings = brokenDemand(given, 'sameAnswer');
  return proof({
    id: 'I3',
    promise: 'asked again, told the same',
    checked: `${count(given.tally.demands.sameAnswer.made, 'request')} sent twice, at once or later`,
    found:
      findings.length === 0 ? 'same answers' : `${formatCount(given.tally.demands.sameAnswer.broken)} other answers`,
    findings,
  });
}

function everybodyAnswered({ tally, buyerCount }: Case): Proof {
  const ended = visitEnds.reduce((sum, end) => sum + tally.ends[end], 0);
  const findings: string[] = [];
  if (ended !== buyerCount) findings.push(`${ended} of ${buyerCount} visits came to an end`);
  if (tally.errors > 0) findings.push(...tally.complaints);
  if (tally.errors > 0 && findings.length === 0) findings.push(`${tally.errors} errors`);
  return proof({
    id: '',
    promise: 'everybody was answered',
    checked: `${count(ended, 'visit')}, ${count(tally.requests, 'request')}`,
    found:
      tally.errors === 0
        ? 'no errors'
        : `${count(tally.errors, 'error')}, ${formatCount(tally.ends['no-answer'])} without an answer`,
    findings,
  });
}

function brokenDemand({ tally }: Case, name: Demand): string[] {
  const { broken, made } = tally.demands[name];
  if (broken === 0) return [];
  const examples = tally.complaints.filter((complaint) => complaint.startsWith(demands[name]));
  return [...examples, `${broken} of ${made} times`];
}
