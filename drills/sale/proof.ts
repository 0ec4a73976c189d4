import type { Proof } from './case.ts';

const findingsMax = 10;

/** A proof that holds when there is nothing to complain of. */
export function proof(
  given: Pick<Proof, 'id' | 'promise' | 'checked' | 'found'> & { readonly findings: readonly string[] },
): Proof {
  return { ...given, isKept: given.findings.length === 0, findings: given.findings.slice(0, findingsMax) };
}

/** `1 order`, `2,000 orders`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${formatCount(number)} ${number === 1 ? one : many}`;
}

export function formatCount(number: number): string {
  return number.toLocaleString('en-US');
}

export function isHeld(state: string): boolean {
  return state === 'placed' || isPaid(state);
}

export function isPaid(state: string): boolean {
  return state === 'paid' || state === 'fulfilled';
}
