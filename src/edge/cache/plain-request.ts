import type { WireRequest } from '../../platform/api/wire-request.ts';

/** A GET that wants all of what is kept, or what there is: by no condition, no range, no wish for something fresher. */
export interface PlainRequest {
  /** As it came. */
  readonly host: string;
  readonly acceptEncoding: string | undefined;
}

/**
 * Reads what decides a hit off the raw headers, since a hit needs no more of them; undefined for a request that is not plain.
 * Its own wishes (`Cache-Control`, `Pragma`) make it so only where they are heeded.
 */
export function plainRequestOf(rawHeaders: readonly string[], heedsWishes: boolean): PlainRequest | undefined {
  let host: string | undefined;
  let acceptEncoding: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const value = rawHeaders[at + 1] ?? '';
    switch (rawHeaders[at]?.toLowerCase()) {
      case 'host':
        if (host !== undefined) return undefined;
        host = value;
        break;
      case 'accept-encoding':
        if (acceptEncoding !== undefined) return undefined;
        acceptEncoding = value;
        break;
      case 'accept':
        if (value.includes('text/event-stream')) return undefined;
        break;
      case 'cache-control':
      case 'pragma':
        if (heedsWishes) return undefined;
        break;
      case 'authorization':
      case 'content-length':
      case 'expect':
      case 'if-match':
      case 'if-modified-since':
      case 'if-none-match':
      case 'if-range':
      case 'if-unmodified-since':
      case 'range':
      case 'transfer-encoding':
      case 'upgrade':
        return undefined;
    }
  }
  return host === undefined ? undefined : { host, acceptEncoding };
}

/** The same for a request on the wire, where nobody's wishes are heeded; the wire lane has seen to all that is not among its headers. */
export function plainRequestOnWire({ method, headers }: WireRequest): PlainRequest | undefined {
  const { host, accept, authorization, 'accept-encoding': acceptEncoding, 'if-none-match': known } = headers;
  const isPlain = method === 'GET' && authorization === undefined && known === undefined;
  return isPlain && host !== undefined && accept?.includes('text/event-stream') !== true
    ? { host, acceptEncoding }
    : undefined;
}
