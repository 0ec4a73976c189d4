import type { IncomingMessage } from 'node:http';
import { commonHeaders, jsonType, writeAnswer } from '../../platform/api/answer.ts';
import { bearerOf, createRequestIds, requestIdOf } from '../../platform/api/call.ts';
import type { Gate } from '../../platform/api/gate.ts';
import type { Metrics } from '../../platform/telemetry/telemetry.ts';
import type { TicketStatus } from './api.ts';

const before = '/v1/waiting-rooms/';
const after = '/ticket';
const idLength = 36;
const pathLength = before.length + idLength + after.length;

/**
 * Answers the poll of a ticket before it is routed: everybody who waits sends one every few seconds, and the way through routing
 * and validation would cost more than the answer. It knows only the plain case; whatever is in doubt (another path, a body, a
 * ticket that is not good, a room that is not known) goes the way of every request, where the same is said with all that belongs
 * to it.
 */
export function createPollGate(
  { metrics }: { readonly metrics: Metrics },
  lookAtOnce: (roomId: string, token: string) => TicketStatus | undefined,
): Gate {
  const nextRequestId = createRequestIds();
  const count = metrics
    .counter('onrush_waiting_room_polls_total', 'Polls of tickets that were answered from memory.')
    .bind({});
  const headers = commonHeaders(jsonType, 'no-store');

  return {
    name: 'waiting-room',
    pass(request, response, onward) {
      const roomId = roomIdOf(request);
      const token = roomId === undefined ? undefined : bearerOf(request);
      const status = roomId === undefined || token === undefined ? undefined : lookAtOnce(roomId, token);
      if (status === undefined) return onward();
      const own = [...headers, 'x-request-id', requestIdOf(request, nextRequestId)];
      writeAnswer(response, 200, own, JSON.stringify(status));
      count();
    },
  };
}

function roomIdOf({ method, url = '', headers }: IncomingMessage): string | undefined {
  if (url.length !== pathLength || method !== 'GET' || !url.startsWith(before) || !url.endsWith(after))
    return undefined;
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return undefined;
  return url.slice(before.length, before.length + idLength);
}
