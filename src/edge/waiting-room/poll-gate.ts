import type { IncomingMessage } from 'node:http';
import { commonHeaders, jsonType, writeAnswer } from '../../platform/api/answer.ts';
import { bearerIn, bearerOf, createRequestIds, requestIdOf, saneRequestIdOr } from '../../platform/api/call.ts';
import { createDateLine } from '../../platform/api/date-line.ts';
import type { Gate } from '../../platform/api/gate.ts';
import { linesOf } from '../../platform/api/whole-answer.ts';
import type { Metrics } from '../../platform/telemetry/telemetry.ts';
import type { TicketReader } from './api.ts';

const before = '/v1/waiting-rooms/';
const after = '/ticket';
const idLength = 36;
const pathLength = before.length + idLength + after.length;

/**
 * Answers the poll of a ticket before it is routed, and where it can before Node's HTTP: everybody who waits sends one every few
 * seconds, and the way through parsing, routing and validation costs several times as much as the answer. It knows only the plain
 * case; whatever is in doubt (another path, a body, a ticket that is not good, a room that is not known) goes the way of every
 * request, where the same is said with all that belongs to it.
 */
export function createPollGate({ metrics }: { readonly metrics: Metrics }, tickets: TicketReader): Gate {
  const nextRequestId = createRequestIds();
  const count = metrics
    .counter('onrush_waiting_room_polls_total', 'Polls of tickets that were answered from memory.')
    .bind({});
  const headers = commonHeaders(jsonType, 'no-store');
  const head = `HTTP/1.1 200 OK\r\n${linesOf(headers)}`;
  const dateLine = createDateLine();

  return {
    name: 'waiting-room',
    pass(request, response, onward) {
      const roomId = isPlainGet(request) ? roomIdOf(request.url) : undefined;
      const token = roomId === undefined ? undefined : bearerOf(request);
      const status = roomId === undefined || token === undefined ? undefined : tickets.glance(roomId, token);
      if (status === undefined) return onward();
      const own = [...headers, 'x-request-id', requestIdOf(request, nextRequestId)];
      writeAnswer(response, 200, own, JSON.stringify(status));
      count();
    },
    onWire({ method, url, headers: asked }, admit) {
      const roomId = method === 'GET' ? roomIdOf(url) : undefined;
      const token = roomId === undefined ? undefined : bearerIn(asked.authorization);
      const status = roomId === undefined || token === undefined ? undefined : tickets.glance(roomId, token);
      if (status === undefined) return undefined;
      const share = admit();
      if (share === undefined) return undefined;
      count();
      // Numbers and names of ours: as many bytes as characters.
      const body = JSON.stringify(status);
      const own = `x-request-id: ${saneRequestIdOr(asked['x-request-id'], nextRequestId)}\r\ncontent-length: ${body.length}\r\n`;
      return `${head}${share}${own}Date: ${dateLine()}\r\n\r\n${body}`;
    },
  };
}

function isPlainGet({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
}

function roomIdOf(url = ''): string | undefined {
  if (url.length !== pathLength || !url.startsWith(before) || !url.endsWith(after)) return undefined;
  return url.slice(before.length, before.length + idLength);
}
