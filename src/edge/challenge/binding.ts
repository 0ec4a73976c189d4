import type { Asked, Purpose } from './api.ts';

/** What a solution is good for. */
export interface Binding {
  readonly purpose: Purpose;
  readonly subject: string;
  /** The code of the client's network; empty where nothing is counted by network. */
  readonly prefix: string;
}

export function bindingOf({ purpose, subject = '', call }: Omit<Asked, 'solution'>): Binding {
  return { purpose, subject, prefix: call.clientPrefix ?? '' };
}

/** Whether what was signed was signed for this. */
export function isBoundTo(signed: Partial<Record<keyof Binding, unknown>> | undefined, binding: Binding): boolean {
  return signed?.purpose === binding.purpose && signed.subject === binding.subject && signed.prefix === binding.prefix;
}
