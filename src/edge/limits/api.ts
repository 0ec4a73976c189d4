import type { AddressedRequest } from '../../platform/api/client-address.ts';

/** What other rooms may ask of the limits. */
export interface Suspicion {
  /**
   * From 0 (as anybody) to 1: how much of what it may ask for the client's address has used up, and how often it was refused
   * lately. Up to 0.5 it is only busy; above, it goes on although it was told not to. Addresses that are exempt are never
   * suspicious.
   */
  suspicionOf(request: AddressedRequest): number;
  /** Somebody saw the client do what people do not; a weight of 1 is beyond doubt. Forgiven within a minute. */
  suspect(request: AddressedRequest, weight: number): void;
}
