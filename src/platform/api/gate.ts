import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * What a request passes before it is routed: limits, shedding, the cache. A gate answers the request itself, or calls `onward`
 * exactly once, now or later. It must neither throw nor read the body.
 */
export interface Gate {
  readonly name: string;
  pass(request: IncomingMessage, response: ServerResponse, onward: () => void): void;
}

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** The gates in their order before `listener`, as one listener. */
export function behindGates(gates: readonly Gate[], listener: RequestListener): RequestListener {
  return gates.reduceRight<RequestListener>(
    (onward, gate) => (request, response) => gate.pass(request, response, () => onward(request, response)),
    listener,
  );
}
