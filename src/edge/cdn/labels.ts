import { hash } from 'node:crypto';
import { carriedTags, type LabelHeaders, standardLabels } from '../../platform/api/cache-labels.ts';
import type { CdnSettings } from '../../platform/config/cdn-settings.ts';

/** How one CDN wants tags: in answers, and the same when it is to forget them. */
export interface CdnLabels {
  readonly headers: LabelHeaders;
  tag(carried: string): string;
}

// While it is fetched anew; and while the shop cannot be reached at all: looking goes on when buying cannot.
const staleWhileRevalidateS = 60;
const staleIfErrorS = 86_400;

/** The labels that every cache reads, and beside them those of this CDN. */
export function cdnLabels({ kind, maxAgeS }: Pick<CdnSettings, 'kind' | 'maxAgeS'>): CdnLabels {
  const keep = `max-age=${maxAgeS}, stale-while-revalidate=${staleWhileRevalidateS}, stale-if-error=${staleIfErrorS}`;
  const own = dialects[kind];
  return {
    tag: own.tag,
    headers({ tags, isAnnounced }) {
      const headers = [...standardLabels({ tags, isAnnounced })];
      if (own.header !== undefined) headers.push(own.header, carriedTags(tags).map(own.tag).join(own.separator));
      if (isAnnounced) headers.push(own.keepHeader, keep);
      return headers;
    },
  };
}

interface Dialect {
  /** Where it reads tags; undefined for who reads `Cache-Tag`. */
  readonly header: string | undefined;
  readonly separator: string;
  /** Where it reads how long it may keep an answer, other than browsers. */
  readonly keepHeader: string;
  tag(carried: string): string;
}

const dialects: Readonly<Record<CdnSettings['kind'], Dialect>> = {
  // https://developers.cloudflare.com/cache/how-to/purge-cache/purge-by-tags/ and RFC 9213
  cloudflare: { header: undefined, separator: ',', keepHeader: 'cdn-cache-control', tag: (carried) => carried },
  // https://www.fastly.com/documentation/reference/http/http-headers/Surrogate-Key/ and …/Surrogate-Control/
  fastly: { header: 'surrogate-key', separator: ' ', keepHeader: 'surrogate-control', tag: (carried) => carried },
  // https://techdocs.akamai.com/purge-cache/docs/purge-content-cache-tag
  akamai: { header: 'edge-cache-tag', separator: ',', keepHeader: 'cdn-cache-control', tag: akamaiTag },
};

const akamaiTagMax = 128;

/** Akamai takes no colon and no slash in a tag: all but letters, digits and a few marks is written as `~3a`. */
function akamaiTag(carried: string): string {
  const written = carried.replaceAll(
    /[^A-Za-z0-9._-]/g,
    (mark) => `~${mark.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return written.length <= akamaiTagMax ? written : `hash-${hash('sha256', carried, 'hex').slice(0, 32)}`;
}
