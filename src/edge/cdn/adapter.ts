/** What a CDN is to forget, in one request. Tags as this CDN's answers carry them (labels.ts), URLs whole. */
export type CdnBatch =
  | { readonly kind: 'tag' | 'url'; readonly names: readonly string[] }
  | { readonly kind: 'everything' };

export type CdnOutcome =
  | { readonly kind: 'purged' }
  /** The world failed, or it was too much at once: the same again, not before `afterMs`. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number }
  /**
   * Asking again is of no use until somebody has mended something. `isAboutUs`: it does not take us for who we should be;
   * else it may be one name of the batch that it refuses.
   */
  | { readonly kind: 'refused'; readonly reason: string; readonly isAboutUs: boolean };

/** One CDN's API. Purging twice is purging once, so whatever is in doubt may be sent again. */
export interface CdnAdapter {
  readonly name: string;
  /** Names that one request takes. */
  readonly batchMax: { readonly tag: number; readonly url: number };
  readonly canPurgeEverything: boolean;
  purge(batch: CdnBatch): Promise<CdnOutcome>;
}
