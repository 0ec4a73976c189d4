import type { Readable } from 'node:stream';
import type { Refusal } from '../../platform/overload/overload.ts';
import type { Fields } from './fields.ts';
import type { CacheKey } from './kept-answer.ts';

/** What is behind the cache: another origin, or the shop in the same process. */
export interface Upstream {
  /** Tells `taker` what comes: perhaps information, then a head, bytes and the end; or a failure, at any time before the end. */
  send(request: UpstreamRequest, taker: UpstreamTaker): UpstreamCall;
  /** How it would refuse whoever asks, without being sent anything; undefined if it might not. */
  refusal?(): Refusal | undefined;
}

export interface UpstreamRequest {
  readonly method: string;
  readonly key: CacheKey;
  readonly fields: Fields;
  readonly body?: Readable;
}

export interface UpstreamHead {
  readonly status: number;
  readonly statusMessage: string;
  /** End-to-end only. */
  readonly fields: Fields;
}

export interface UpstreamFailure {
  readonly kind: 'unreachable' | 'timeout';
  /** One sentence for whoever asked. */
  readonly detail: string;
}

export interface UpstreamTaker {
  /** 102, 103. */
  information(status: number, fields: Fields): void;
  head(head: UpstreamHead): void;
  data(chunk: Buffer): void;
  /** All of it came, as far as upstream's own framing tells. */
  end(): void;
  fail(failure: UpstreamFailure): void;
}

export interface UpstreamCall {
  pause(): void;
  resume(): void;
  /** Nobody wants it any more. Nothing is told after this. */
  abort(): void;
}
