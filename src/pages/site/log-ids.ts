import { nextTraceparent } from '../../platform/api/call.ts';
import type { Call } from '../../platform/api/contract.ts';

/** What the log says a request by; made when it is read, for the few that leave a line there. */
export function logIds(
  requestId: () => string,
  receivedTraceparent: () => string | undefined,
): Pick<Call, 'requestId' | 'traceparent'> {
  return {
    get requestId() {
      return requestId();
    },
    get traceparent() {
      return nextTraceparent(receivedTraceparent());
    },
  };
}
