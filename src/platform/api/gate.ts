import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WireAnswer } from './wire-box.ts';
import type { WireRequest } from './wire-request.ts';

/**
 * What a request passes before it is routed: limits, shedding, the cache. A gate answers the request itself, or calls `onward`
 * exactly once, now or later. It must neither throw nor read the body.
 */
export interface Gate {
  readonly name: string;
  pass(request: IncomingMessage, response: ServerResponse, onward: Onward): void;
  /**
   * The answer that `pass` would give, head and all, where it is known at once (wire-lane.ts). Undefined: the request goes the way of all, and
   * is counted there. So `admit` is asked for an answer that is known, and none is given that it has not let.
   */
  onWire?(request: WireRequest, admit: Admit): WireAnswer | undefined;
}

/**
 * Takes from a client's share what its request costs. The fields that tell of the share, as lines of a head; undefined for who has
 * to be refused, which the gates do.
 */
export type Admit = () => string | undefined;

/**
 * Lets the request go on to what is behind the gate. A gate that wants the answer for itself (a cache that fills) gives a
 * request and a response of its own instead, which no socket stands behind; it may do so more than once.
 */
export type Onward = (request?: IncomingMessage, response?: ServerResponse) => void;

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** The gates in their order before `listener`, as one listener. */
export function behindGates(gates: readonly Gate[], listener: RequestListener): RequestListener {
  return gates.reduceRight<RequestListener>(
    (onward, gate) => (request, response) =>
      gate.pass(request, response, (ownRequest = request, ownResponse = response) => onward(ownRequest, ownResponse)),
    listener,
  );
}
