import type { ShopStart } from './shop-module.ts';

/**
 * Between the supervisor and a process of the shop:
 *
 *   supervisor          process
 *      ── fork ──────────▶  loads its code meanwhile
 *      ── prepare ───────▶  migrates, fills an empty shop      (only the first process, once)
 *      ◀────── prepared ──
 *      ── serve ─────────▶  builds the shop and listens
 *      ◀───────── ready ──
 *      ── stop ──────────▶  drains and ends with code 0
 *
 * Instead of `prepared` or `ready` may come `failed`. A process whose supervisor has gone ends by itself.
 */
export type ToApp =
  | { readonly kind: 'prepare'; readonly start: ShopStart }
  | { readonly kind: 'serve'; readonly start: ShopStart }
  | { readonly kind: 'stop' };

export type FromApp =
  | { readonly kind: 'prepared'; readonly migrations: readonly string[]; readonly note: string | undefined }
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string | undefined };
