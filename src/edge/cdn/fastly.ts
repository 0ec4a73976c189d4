import type { CdnAdapter, CdnBatch } from './adapter.ts';
import { type Ask, ask, outcomeOfFailure, parseJson } from './ask.ts';

export interface FastlyOptions {
  readonly apiUrl: string;
  readonly serviceId: string;
  readonly token: string;
  /** What is purged may be shown while it is fetched anew. */
  readonly isSoft: boolean;
  readonly timeoutMs: number;
}

// https://www.fastly.com/documentation/reference/api/purging/: surrogate keys per request; and one URL.
const keysMax = 256;

/** Fastly's purging API: surrogate keys in bulk, single URLs, and the whole service, which is never soft. */
export function createFastly(options: FastlyOptions): CdnAdapter {
  const { apiUrl, serviceId, token, isSoft, timeoutMs } = options;
  const headers = { 'fastly-key': token, accept: 'application/json' };
  const soft = isSoft ? { 'fastly-soft-purge': '1' } : {};

  function askOf(batch: CdnBatch): Ask {
    switch (batch.kind) {
      case 'everything':
        return { url: `${apiUrl}/service/${serviceId}/purge_all`, headers, timeoutMs };
      case 'tag':
        return {
          url: `${apiUrl}/service/${serviceId}/purge`,
          headers: { ...headers, ...soft, 'surrogate-key': batch.names.join(' ') },
          timeoutMs,
        };
      case 'url':
        // With the host, without the scheme.
        return {
          url: `${apiUrl}/purge/${String(batch.names[0]).replace(/^https?:\/\//i, '')}`,
          headers: { ...headers, ...soft },
          timeoutMs,
        };
    }
  }

  return {
    name: 'Fastly',
    batchMax: { tag: keysMax, url: 1 },
    canPurgeEverything: true,
    async purge(batch) {
      const answer = await ask(askOf(batch));
      if ('kind' in answer) return answer;
      if (answer.status === 200) return { kind: 'purged' };
      const told = parseJson(answer.text) as { msg?: string; detail?: string } | undefined;
      return outcomeOfFailure('Fastly', 'ONRUSH_CDN_TOKEN', answer, told?.detail ?? told?.msg);
    },
  };
}
