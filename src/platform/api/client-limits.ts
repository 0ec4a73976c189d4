import type { AddressedRequest, ClientAddress } from './client-address.ts';
import type { WireRequest } from './wire-request.ts';

/**
 * What limits by address decide before there is a request that could pass a gate. Asked of requests whose answer is known, so that one
 * request takes its share once; who has to be refused goes through the gates, which do it.
 */
export interface ClientLimits {
  /** Whether the client may open one more connection now. */
  admitsConnection(client: ClientAddress): boolean;
  /** Whether a page that is held ready may be sent at once; takes what such a page costs. */
  admitsPage(request: AddressedRequest): boolean;
  /** The same for what a gate answers on the wire: takes what the route costs (`Admit` of gate.ts). */
  admitOnWire(request: Pick<WireRequest, 'method' | 'url' | 'headers' | 'socket'>): string | undefined;
  /** Whether nothing is asked of the client at all. */
  isExempt(client: ClientAddress): boolean;
}
