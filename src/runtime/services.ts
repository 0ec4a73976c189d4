import { askBeforeOrders, askBeforeSearches } from '../edge/challenge/ask-before.ts';
import type { Door } from '../edge/challenge/door.ts';
import { createWaitingRoom } from '../edge/waiting-room/service.ts';
import type { PagesPeers } from '../pages/peers.ts';
import type { Gate } from '../platform/api/gate.ts';
import { connectInProcess } from '../platform/api/in-process.ts';
import type { EdgeSettings } from '../platform/config/edge-settings.ts';
import type { HoardingSettings } from '../platform/config/hoarding-settings.ts';
import type { Service } from '../platform/context/service.ts';
import type { LoadReading } from '../platform/overload/load-reading.ts';
import { createCart } from '../services/cart/service.ts';
import { createCatalog } from '../services/catalog/service.ts';
import { createCheckout } from '../services/checkout/service.ts';
import { createMedia } from '../services/media/service.ts';
import { createTestProvider } from '../services/payment/providers/test.ts';
import { createPayment } from '../services/payment/service.ts';
import { createPromotion } from '../services/promotion/service.ts';
import { createPulse } from '../services/pulse/service.ts';
import { createQuote } from '../services/quote/service.ts';
import { createStock } from '../services/stock/service.ts';
import { createLoadReading } from './load-reading.ts';
import type { ShopContext } from './open-context.ts';
import { roomSettingsOf } from './room-settings.ts';

export interface Services {
  readonly hosted: readonly Service[];
  /** What the command line and the pages work with. */
  readonly peers: PagesPeers;
  /** Passed last: it answers the polls of those who wait. */
  readonly pollGate: Gate;
  /** Takes nothing new and finishes what was accepted, those that depend on others first. */
  stop(): Promise<void>;
}

export interface ServicesOptions {
  webhookUrl(): string;
  isAdmin(token: string): boolean;
  readonly edge?: EdgeSettings | undefined;
  readonly door?: Door;
  /** Left out: unpaid orders are not limited. */
  readonly hoarding?: HoardingSettings;
  /** The catalogue has cleared its lists: what caches made of them before may be out of date. */
  readonly onListsCleared?: () => void;
  /** What the overload control knows of how busy this process is; asked once the shop serves. */
  readonly overload?: () => LoadReading;
}

/** All services of a shop in this process. Each holds its peers as clients, and cannot tell that they are next door. */
export function createServices(ctx: ShopContext, options: ServicesOptions): Services {
  const { webhookUrl, isAdmin, edge, door, hoarding, onListsCleared, overload } = options;
  const catalogued = createCatalog({ ...ctx, database: ctx.browsing }, { ...(onListsCleared && { onListsCleared }) });
  const catalogService = behind(door, catalogued, askBeforeSearches);
  const catalog = connectInProcess(catalogService);
  const checkoutService = behind(door, createCheckout(ctx, undefined, hoarding), (service, asks) =>
    askBeforeOrders(service, asks, ctx),
  );
  const checkout = connectInProcess(checkoutService);
  const stockService = createStock(ctx, { checkout });
  const promotionService = createPromotion(ctx, { checkout });
  const promotion = connectInProcess(promotionService);
  const cartService = createCart(ctx, { catalog, promotion });
  const cart = connectInProcess(cartService);
  const waitingRoom = createWaitingRoom(
    ctx,
    { checkout, promotion },
    { load: createLoadReading(ctx.metrics, overload), settings: roomSettingsOf(edge), challenge: door },
  );
  const quoteService = createQuote(ctx, { catalog, promotion, cart }, waitingRoom.door);
  const testProvider = createTestProvider({
    clock: ctx.clock,
    webhookSecret: ctx.signer.pseudonym('webhook', 'test'),
    webhookUrl: () => `${webhookUrl()}/test`,
    onWebhookLost: (paymentId) => ctx.log.warn({ paymentId }, 'The test provider could not deliver a webhook.'),
  });
  const mediaService = createMedia({ ...ctx, database: ctx.browsing });
  const paymentService = createPayment(ctx, { checkout, providers: [testProvider] });
  const pulseService = createPulse({ ...ctx, database: ctx.browsing }, { checkout, catalog, isAdmin });

  // In the order in which they may stop: who asks others stops before them.
  const hosted = [
    pulseService,
    paymentService,
    quoteService,
    waitingRoom,
    cartService,
    promotionService,
    stockService,
    checkoutService,
    catalogService,
    mediaService,
  ];
  return {
    hosted,
    pollGate: waitingRoom.pollGate,
    peers: {
      catalog,
      stock: connectInProcess(stockService),
      promotion,
      cart,
      quote: connectInProcess(quoteService),
      checkout,
      payment: connectInProcess(paymentService),
      media: connectInProcess(mediaService),
      pulse: connectInProcess(pulseService),
      waitingRoom: connectInProcess(waitingRoom),
      tickets: waitingRoom.tickets,
    },
    async stop() {
      for (const service of hosted) await service.stop?.();
      await testProvider.close();
    },
  };
}

/** Who asks for nothing (a command) works on the services as they are. */
function behind<S>(door: Door | undefined, service: S, ask: (service: S, door: Door) => S): S {
  return door === undefined ? service : ask(service, door);
}
