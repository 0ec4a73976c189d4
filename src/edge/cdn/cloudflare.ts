import type { CdnAdapter, CdnBatch } from './adapter.ts';
import { ask, outcomeOfFailure, parseJson } from './ask.ts';

export interface CloudflareOptions {
  readonly apiUrl: string;
  readonly zoneId: string;
  readonly token: string;
  readonly timeoutMs: number;
}

// https://developers.cloudflare.com/cache/how-to/purge-cache/: operations per request, of tags and of single files alike.
const operationsMax = 100;

/** `POST /zones/{zone}/purge_cache` of Cloudflare's API v4. */
export function createCloudflare({ apiUrl, zoneId, token, timeoutMs }: CloudflareOptions): CdnAdapter {
  const url = `${apiUrl}/zones/${zoneId}/purge_cache`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return {
    name: 'Cloudflare',
    batchMax: { tag: operationsMax, url: operationsMax },
    canPurgeEverything: true,
    async purge(batch) {
      const answer = await ask({ url, headers, body: JSON.stringify(bodyOf(batch)), timeoutMs });
      if ('kind' in answer) return answer;
      const told = parseJson(answer.text) as Told | undefined;
      if (answer.status === 200 && told?.success === true) return { kind: 'purged' };
      return outcomeOfFailure('Cloudflare', 'ONRUSH_CDN_TOKEN', answer, told?.errors?.[0]?.message);
    },
  };
}

interface Told {
  readonly success?: unknown;
  readonly errors?: readonly { readonly code?: number; readonly message?: string }[];
}

function bodyOf(batch: CdnBatch): object {
  if (batch.kind === 'everything') return { purge_everything: true };
  return batch.kind === 'tag' ? { tags: batch.names } : { files: batch.names };
}
