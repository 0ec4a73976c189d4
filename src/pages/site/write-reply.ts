import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptedEncoding } from '../../platform/api/accepted-encoding.ts';
import { problemJson, problemType, writeAnswer } from '../../platform/api/answer.ts';
import type { LabelHeaders } from '../../platform/api/cache-labels.ts';
import type { AddressedRequest, ClientAddressOf } from '../../platform/api/client-address.ts';
import type { SiteHost } from '../../platform/api/site.ts';
import type { Clock } from '../../platform/context/context.ts';
import { compressed } from './compress.ts';
import { cookieHeader } from './cookies.ts';
import { securityHeaders, securityHeadersWith } from './headers.ts';
import type { PageReply } from './page-request.ts';

/** What answers to visitors are made with. */
export type PageHost = SiteHost & {
  readonly clock: Clock;
  readonly labelHeaders: LabelHeaders;
  publicUrl(): string;
};

/** Returns the status, or undefined if nobody is there to read it. */
export async function writeReply(
  answer: PageReply,
  request: IncomingMessage,
  response: ServerResponse,
  host: PageHost,
  requestId: string,
): Promise<number | undefined> {
  const { status, type, text, headers } = headOf(answer, request, host, requestId);
  if (text === undefined) return writeAnswer(response, status, headers, undefined) ? status : undefined;
  const { body, encoding } = await compressed(Buffer.from(text), acceptedEncoding(request.headers['accept-encoding']));
  headers.push(...describing(type));
  if (encoding !== 'identity') headers.push('content-encoding', encoding);
  return writeAnswer(response, status, headers, body) ? status : undefined;
}

/** The same at once, for what is too short to be worth compressing. */
export function writeShortReply(
  answer: PageReply,
  request: IncomingMessage,
  response: ServerResponse,
  host: PageHost,
  requestId: string,
): number | undefined {
  const { status, type, text, headers } = headOf(answer, request, host, requestId);
  if (text !== undefined) headers.push(...describing(type));
  return writeAnswer(response, status, headers, text) ? status : undefined;
}

function describing(type: string): string[] {
  return ['content-type', type, 'vary', 'accept, accept-encoding'];
}

/**
 * Whether cookies go by TLS only: always where the shop is at an `https` address for the world, else behind a trusted
 * proxy that ends TLS, by what it says.
 */
export function isSecure(request: AddressedRequest, publicUrl: string, addressOf: ClientAddressOf): boolean {
  return /^https:/i.test(publicUrl) || addressOf(request).isHttps;
}

function headOf(answer: PageReply, request: IncomingMessage, host: PageHost, requestId: string) {
  const policy = answer.kind === 'page' ? answer.contentSecurityPolicy : undefined;
  const headers = [
    ...(policy === undefined ? securityHeaders : securityHeadersWith(policy)),
    'x-request-id',
    requestId,
  ];
  const isSafe = isSecure(request, host.publicUrl(), host.addressOf);
  for (const cookie of answer.cookies ?? []) headers.push('set-cookie', cookieHeader(cookie, isSafe));
  if (host.isStopping()) headers.push('connection', 'close');
  const { cacheControl, ...content } = contentOf(answer, requestId);
  headers.push('cache-control', cacheControl);
  if (answer.kind === 'page' && answer.tags !== undefined) {
    headers.push(...host.labelHeaders({ tags: answer.tags, isAnnounced: false }));
  }
  if (answer.kind === 'redirect') headers.push('location', answer.to);
  if (answer.kind === 'page' && answer.retryAfterS !== undefined)
    headers.push('retry-after', String(answer.retryAfterS));
  return { ...content, headers };
}

function contentOf(answer: PageReply, requestId: string) {
  switch (answer.kind) {
    case 'page':
      return {
        status: answer.status,
        type: 'text/html; charset=utf-8',
        text: answer.html,
        cacheControl: answer.cacheControl ?? 'no-store',
      };
    case 'redirect':
      return { status: 303, type: '', text: undefined, cacheControl: 'no-store' };
    case 'json': {
      const isProblem = answer.status >= 400;
      return {
        status: answer.status,
        type: isProblem ? problemType : 'application/json; charset=utf-8',
        text: isProblem ? problemJson(answer.body as never, requestId) : JSON.stringify(answer.body),
        cacheControl: 'no-store',
      };
    }
  }
}
