import { randomUUID } from 'node:crypto';
import type { CdnAdapter, CdnBatch } from './adapter.ts';
import { ask, outcomeOfFailure, parseJson } from './ask.ts';
import { type EdgeGridKeys, edgeGridAuthorization } from './edgegrid.ts';

export interface AkamaiOptions {
  /** The host of this client alone: `https://akab-….luna.akamaiapis.net`. */
  readonly apiUrl: string;
  readonly network: 'production' | 'staging';
  /** What is purged as a whole when everything is. */
  readonly cpCode?: number;
  /** Invalidated, so that it is asked about at the next view; otherwise deleted. */
  readonly isSoft: boolean;
  readonly keys: EdgeGridKeys;
  readonly timeoutMs: number;
  readonly clock: { nowMs(): number };
}

// A body may have 50,000 bytes (https://techdocs.akamai.com/purge-cache/reference/rate-limiting). A tag has up to 128
// characters, a URL up to 2,048.
const tagsMax = 300;
const urlsMax = 20;
// What to wait after a 429 that does not say (https://techdocs.akamai.com/purge-cache/reference/429).
const tooManyWaitMs = 5_000;

const secrets = 'ONRUSH_CDN_CLIENT_TOKEN, ONRUSH_CDN_CLIENT_SECRET and ONRUSH_CDN_ACCESS_TOKEN';

/** `POST /ccu/v3/{delete|invalidate}/{tag|url|cpcode}/{network}` of Akamai's Fast Purge API v3. */
export function createAkamai(options: AkamaiOptions): CdnAdapter {
  const { apiUrl, network, cpCode, keys, clock, timeoutMs } = options;
  const action = options.isSoft ? 'invalidate' : 'delete';
  return {
    name: 'Akamai',
    batchMax: { tag: tagsMax, url: urlsMax },
    canPurgeEverything: cpCode !== undefined,
    async purge(batch) {
      const what = objectsOf(batch, cpCode);
      if (what === undefined) {
        return {
          kind: 'refused',
          isAboutUs: false,
          reason: 'Akamai purges everything by CP code only: set edge.cdn.cpCode.',
        };
      }
      const url = `${apiUrl}/ccu/v3/${action}/${what.kind}/${network}`;
      const body = JSON.stringify({ objects: what.objects });
      const authorization = edgeGridAuthorization(keys, {
        method: 'POST',
        url,
        body,
        nowMs: clock.nowMs(),
        nonce: randomUUID(),
      });
      const answer = await ask({
        url,
        headers: { authorization, 'content-type': 'application/json' },
        body,
        timeoutMs,
      });
      if ('kind' in answer) return answer;
      if (answer.status === 201) return { kind: 'purged' };
      const told = parseJson(answer.text) as { title?: string; detail?: string } | undefined;
      const outcome = outcomeOfFailure('Akamai', secrets, answer, told?.detail ?? told?.title);
      return answer.status === 429 && outcome.kind === 'later' ? { afterMs: tooManyWaitMs, ...outcome } : outcome;
    },
  };
}

function objectsOf(batch: CdnBatch, cpCode: number | undefined) {
  if (batch.kind !== 'everything') return { kind: batch.kind, objects: batch.names };
  return cpCode === undefined ? undefined : { kind: 'cpcode', objects: [cpCode] };
}
