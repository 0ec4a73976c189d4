import type { ChallengeDoor } from '../edge/challenge/api.ts';
import type { TicketReader, waitingRoomApi } from '../edge/waiting-room/api.ts';
import type { LabelHeaders } from '../platform/api/cache-labels.ts';
import type { Client } from '../platform/api/contract.ts';
import type { Context } from '../platform/context/context.ts';
import type { Database } from '../platform/database/database.ts';
import type { Features } from '../platform/switches/features.ts';
import type { cartApi } from '../services/cart/api.ts';
import type { catalogApi } from '../services/catalog/api.ts';
import type { checkoutApi } from '../services/checkout/api.ts';
import type { mediaApi } from '../services/media/api.ts';
import type { paymentApi } from '../services/payment/api.ts';
import type { promotionApi } from '../services/promotion/api.ts';
import type { pulseApi } from '../services/pulse/api.ts';
import type { quoteApi } from '../services/quote/api.ts';
import type { stockApi } from '../services/stock/api.ts';
import type { Assets } from './assets/assets.ts';

/** The services that the storefront shows and orders from. */
export interface PagesPeers {
  readonly catalog: Client<typeof catalogApi>;
  readonly stock: Client<typeof stockApi>;
  readonly promotion: Client<typeof promotionApi>;
  readonly cart: Client<typeof cartApi>;
  readonly quote: Client<typeof quoteApi>;
  readonly checkout: Client<typeof checkoutApi>;
  readonly payment: Client<typeof paymentApi>;
  readonly media: Client<typeof mediaApi>;
  readonly pulse: Client<typeof pulseApi>;
  /** What stands before the shop when more come than it can serve. */
  readonly waitingRoom: Client<typeof waitingRoomApi>;
  readonly tickets: Pick<TicketReader, 'glance'>;
}

/** What the storefront stands on. */
export type PagesContext = Pick<
  Context,
  'clock' | 'log' | 'metrics' | 'database' | 'events' | 'cache' | 'files' | 'signer' | 'shop'
> & {
  /** Connections for who only looks. */
  readonly browsing: Database;
  readonly assets: Assets;
  /** What is switched off for a while; by default nothing. */
  readonly features?: Features;
  /** Waits in place of puzzles, and who is told of forms that a machine seems to have filled in. */
  readonly challenge: Pick<ChallengeDoor, 'lock' | 'kept' | 'notice'>;
  /** Where the shop is for the world, without a slash at the end; known once the shop listens. */
  publicUrl(): string;
  /** How shared caches are told by what to purge a page; as most of them read it by default. */
  readonly labelHeaders?: LabelHeaders;
  /** By which the kept pages sign `Cache-Status` (RFC 9211): a token. Default `Onrush-Pages`. */
  readonly cacheName?: string;
  /** Somebody wants to hear (`page.rebuilt`) of every stored page that says something else. */
  readonly announcesPages?: boolean;
};
