import type { Random } from '../random.ts';

/** What buyers do in a sale, and how many of a hundred do it. What is odd here is ordinary at half a million buyers. */
export const behaviours = {
  plain: { share: 56, does: 'buy and pay' },
  doubleClick: { share: 10, does: 'click twice at once, to order and to pay' },
  impatient: { share: 8, does: 'give up waiting and send the same again' },
  comesBack: { share: 2, does: 'send the same order again after paying' },
  reusesKey: { share: 4, does: 'send a known key with another body' },
  abandons: { share: 5, does: 'order and never pay' },
  cancels: { share: 3, does: 'cancel, before or after paying' },
  isDeclined: { share: 4, does: 'have a card declined, then try another or leave' },
  bankIsSlow: { share: 0.5, does: 'pay at a bank that answers late, by webhook' },
  bankRepeats: { share: 1.5, does: 'pay at a bank that tells everything twice' },
  bankFails: { share: 1, does: 'pay at a bank that fails at first' },
  forges: { share: 2, does: 'send forged, changed and expired quotes' },
  isGreedy: { share: 3, does: 'want more than the limit, several at once' },
} as const satisfies Record<string, { readonly share: number; readonly does: string }>;

export type Behaviour = keyof typeof behaviours;

export const behaviourNames = Object.keys(behaviours) as Behaviour[];

/**
 * Who does what: exactly by the shares, in an order of chance, but the first in line are one of each, so that a small sale
 * sees them all before it is sold out.
 */
export function dealBehaviours(buyerCount: number, random: Random): Behaviour[] {
  const first = random.shuffle([...behaviourNames]).slice(0, buyerCount);
  const others: Behaviour[] = [];
  const total = behaviourNames.reduce((sum, name) => sum + behaviours[name].share, 0);
  let dealt = 0;
  let wanted = 0;
  for (const name of behaviourNames) {
    wanted += (behaviours[name].share / total) * (buyerCount - first.length);
    // The rounding is carried along, so that the counts add up.
    const upTo = Math.round(wanted);
    for (; dealt < upTo; dealt += 1) others.push(name);
  }
  return [...first, ...random.shuffle(others)];
}
