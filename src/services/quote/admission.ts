import type { Call } from '../../platform/api/contract.ts';
import type { QuotePass } from './api.ts';

/** Who wants to buy what, with what he has of a waiting room. */
export interface AdmissionRequest {
  /** The sales whose prices hold for what he wants. */
  readonly saleIds: readonly string[];
  /** Undefined for a new guest. */
  readonly buyerId: string | undefined;
  /** As sent, unverified. */
  readonly pass: string | undefined;
  /** As sent, unverified. */
  readonly ticket: string | undefined;
  /** Where it comes from. */
  readonly call: Call;
}

export type Admittance =
  /** Nobody queues for this. */
  | { readonly kind: 'free' }
  /** The pass is this buyer's, for this, and good until `expiresAtMs`. Whether it was used is known at the order only. */
  | { readonly kind: 'admitted'; readonly pass: QuotePass; readonly expiresAtMs: number }
  | {
      readonly kind: 'wait';
      readonly roomId: string;
      /** The ticket that was sent, seen now, or a new one; with the token of the buyer whose it is. */
      readonly ticket: string;
      readonly buyer: string;
      readonly retryAfterS: number;
    }
  /** Before he gets a ticket, he is to solve the challenge (edge/challenge) and send the same again. */
  | { readonly kind: 'challenge'; readonly roomId: string; readonly reason: string; readonly challenge: object }
  | { readonly kind: 'pass-invalid'; readonly roomId: string; readonly detail: string }
  /** There is a queue for it and nothing left to queue for. */
  | { readonly kind: 'nothing-left'; readonly roomId: string }
  /** Waiting rooms of their own stand before several of the things: one pass does not open them together. */
  | { readonly kind: 'apart'; readonly roomIds: readonly string[] };

/** What stands before a quote. Asked with each one, so it answers from memory, except for a new ticket. */
export interface Admission {
  admit(request: AdmissionRequest): Promise<Admittance>;
}

/** A shop without waiting rooms. */
export const everybodyMayIn: Admission = { admit: async () => ({ kind: 'free' }) };
