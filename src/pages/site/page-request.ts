import type { Call, Importance } from '../../platform/api/contract.ts';
import type { Locale } from '../locale.ts';

/** What a visitor asks to see. */
export interface PageLook {
  readonly locale: Locale;
  /** Without the locale: `/products/river-flask`. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
  /** Sent by a script of ours, which wants JSON where a browser wants a page. */
  readonly wantsJson: boolean;
  /** Nobody sees the answer, or not yet: HEAD, or a browser that fetches ahead. Nothing is to happen by it. */
  readonly isUnseen: boolean;
}

/** A request for a page that is made for one visitor, or a form that a visitor sent. */
export interface PageRequest extends PageLook {
  /** What a form sent; empty for who only looks. */
  readonly form: URLSearchParams;
  readonly call: Call;
}

export type PageReply =
  | {
      readonly kind: 'page';
      readonly status: number;
      readonly html: string;
      readonly cookies?: readonly Cookie[];
      /** `no-store` unless said otherwise: pages for one visitor are nobody else's. */
      readonly cacheControl?: string;
      /** By what a page that is for everybody is purged. */
      readonly tags?: readonly string[];
      readonly retryAfterS?: number;
      /** In place of the policy that all pages have (headers.ts). */
      readonly contentSecurityPolicy?: string;
    }
  /** 303, to a path of the site with its locale; nothing of a visitor's input reaches it unparsed. */
  | { readonly kind: 'redirect'; readonly to: string; readonly cookies?: readonly Cookie[] }
  | { readonly kind: 'json'; readonly status: number; readonly body: object; readonly cookies?: readonly Cookie[] };

export interface Cookie {
  readonly name: string;
  /** Empty deletes it. */
  readonly value: string;
  readonly maxAgeS: number;
  /** Scripts may read it. */
  readonly isReadable?: true;
}

export interface PageRoute {
  readonly method: 'GET' | 'POST';
  /** Without the locale, in Fastify's notation. */
  readonly path: string;
  readonly importance: Importance;
  /** As in a contract: asked only by who has come far. */
  readonly isContinuation?: true;
  /** What it takes, as in the contract table: 1, unless said otherwise, is a simple read. */
  readonly costUnits?: number;
  /** The same for a script of the page, which asks for JSON. */
  readonly scriptCostUnits?: number;
  handle(request: PageRequest): Promise<PageReply>;
  /**
   * The same answer where it is known from memory, and short; undefined for everything else. Asked before anything is routed and
   * before overload is watched over, with what stands in the address as it was sent.
   */
  atOnce?(look: PageLook): PageReply | undefined;
}
