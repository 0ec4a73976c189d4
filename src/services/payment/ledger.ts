/**
 * Double entry. What moves is a movement: entries on accounts, debit positive, credit negative, that sum to zero in each
 * currency. Entries are only ever added; what was wrong is reversed by another movement.
 */
export interface LedgerEntry {
  readonly movementId: string;
  readonly account: string;
  readonly currency: string;
  readonly amountMinor: number;
}

/** What the buyers paid for. */
export const revenueAccount = 'orders:revenue';

/** What a provider has collected for the shop and owes it. */
export function receivableAccount(provider: string): string {
  return `provider:${provider}:receivable`;
}

interface Moved {
  readonly provider: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** The provider has taken the money: it owes us, and we have earned. An order that costs nothing moves nothing. */
export function captureMovement(paymentId: string, { provider, amountMinor, currency }: Moved): LedgerEntry[] {
  return movement(paymentId, currency, receivableAccount(provider), revenueAccount, amountMinor);
}

/** The provider has given money back: the reverse of a capture, in whole or in part. */
export function refundMovement(refundId: string, { provider, amountMinor, currency }: Moved): LedgerEntry[] {
  return movement(refundId, currency, revenueAccount, receivableAccount(provider), amountMinor);
}

function movement(
  movementId: string,
  currency: string,
  debited: string,
  credited: string,
  amountMinor: number,
): LedgerEntry[] {
  if (amountMinor === 0) return [];
  return [
    { movementId, account: debited, currency, amountMinor },
    { movementId, account: credited, currency, amountMinor: -amountMinor },
  ];
}

/** Whether each movement sums to zero in each of its currencies. */
export function isBalanced(entries: readonly LedgerEntry[]): boolean {
  return sums(entries, (entry) => `${entry.movementId} ${entry.currency}`).every(([, sum]) => sum === 0);
}

/** What each account holds, by `account currency`. */
export function balances(entries: readonly LedgerEntry[]): Map<string, number> {
  return new Map(sums(entries, (entry) => `${entry.account} ${entry.currency}`));
}

function sums(entries: readonly LedgerEntry[], keyOf: (entry: LedgerEntry) => string): [string, number][] {
  const sumBy = new Map<string, number>();
  for (const entry of entries) sumBy.set(keyOf(entry), (sumBy.get(keyOf(entry)) ?? 0) + entry.amountMinor);
  return [...sumBy];
}
