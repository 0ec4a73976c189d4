import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { askBeforeOrders, askBeforeSearches } from '../edge/challenge/ask-before.ts';
import { createDoor } from '../edge/challenge/door.ts';
import { createChallengeService } from '../edge/challenge/service.ts';
import { waitingRoomMigrations } from '../edge/waiting-room/migrations.ts';
import { createWaitingRoom } from '../edge/waiting-room/service.ts';
import type { RoomSettings } from '../edge/waiting-room/settings.ts';
import type { ClientSource } from '../platform/api/call.ts';
import { createIdempotencyStore } from '../platform/api/idempotency.ts';
import { connectInProcess } from '../platform/api/in-process.ts';
import { apiMigrations } from '../platform/api/migrations.ts';
import { isProblem, type ProblemReply } from '../platform/api/problem.ts';
import { createHttpServer } from '../platform/api/server.ts';
import { createValidation } from '../platform/api/validation.ts';
import { type ChallengeSettings, defaultChallenge } from '../platform/config/challenge-settings.ts';
import { newId, randomBucket } from '../platform/database/id.ts';
import type { Features } from '../platform/switches/features.ts';
import { testContext } from '../platform/testing/context.ts';
import { cartMigrations } from '../services/cart/migrations.ts';
import { createCart } from '../services/cart/service.ts';
import { catalogMigrations } from '../services/catalog/migrations.ts';
import { createCatalog } from '../services/catalog/service.ts';
import { checkoutMigrations } from '../services/checkout/migrations.ts';
import { createCheckout } from '../services/checkout/service.ts';
import { mediaMigrations } from '../services/media/migrations.ts';
import { createMedia } from '../services/media/service.ts';
import { paymentMigrations } from '../services/payment/migrations.ts';
import { createTestProvider } from '../services/payment/providers/test.ts';
import { createPayment } from '../services/payment/service.ts';
import { promotionMigrations } from '../services/promotion/migrations.ts';
import { createPromotion } from '../services/promotion/service.ts';
import { pulseMigrations } from '../services/pulse/migrations.ts';
import { createPulse } from '../services/pulse/service.ts';
import { createQuote } from '../services/quote/service.ts';
import { stockMigrations } from '../services/stock/migrations.ts';
import { createStock } from '../services/stock/service.ts';
import { loadAssets } from './assets/load.ts';
import { pageMigrations } from './migrations.ts';
import { createPages } from './pages.ts';

const migrations = [
  apiMigrations,
  catalogMigrations,
  stockMigrations,
  promotionMigrations,
  cartMigrations,
  checkoutMigrations,
  paymentMigrations,
  mediaMigrations,
  pulseMigrations,
  pageMigrations,
  waitingRoomMigrations,
];

/** The body of a reply that must be a success. */
export function well<R extends { readonly status: number }>(
  reply: R,
): Extract<Exclude<R, ProblemReply>, { body: unknown }>['body'] {
  assert(!isProblem(reply), JSON.stringify(reply));
  assert('body' in reply);
  return reply.body as never;
}

/** All services and the storefront of a shop, over HTTP, on a database and a clock of the test's own. */
export async function pagesBench(
  options: {
    checkoutLanes?: Parameters<typeof createCheckout>[1];
    features?: Features;
    /** Before what a puzzle stands; left out, before nothing. */
    challenge?: Partial<ChallengeSettings>;
    /** Who sends a request; left out, nobody is counted by network. */
    client?: ClientSource;
    /** Left out: unpaid orders are not limited. */
    unpaidLimits?: Parameters<typeof createCheckout>[2];
    roomSettings?: RoomSettings;
  } = {},
) {
  const ctx = await testContext(migrations);
  // Every call of the pages is checked against the contracts: between machines it would be.
  const validation = createValidation();
  const door = createDoor(ctx, { ...defaultChallenge, ...options.challenge });
  const catalogService = askBeforeSearches(createCatalog(ctx), door);
  const catalog = connectInProcess(catalogService, { validation });
  const checkoutService = askBeforeOrders(createCheckout(ctx, options.checkoutLanes, options.unpaidLimits), door, ctx);
  const checkout = connectInProcess(checkoutService, { validation });
  const stockService = createStock(ctx, { checkout });
  const promotionService = createPromotion(ctx, { checkout });
  const promotion = connectInProcess(promotionService, { validation });
  const cartService = createCart(ctx, { catalog, promotion });
  const cart = connectInProcess(cartService, { validation });
  const waitingRoom = createWaitingRoom(
    ctx,
    { checkout, promotion },
    {
      load: () => ({ utilisation: 0, coreShedPerS: 0 }),
      challenge: door,
      sharedTime: async () => ctx.clock.nowMs(),
      ...(options.roomSettings && { settings: options.roomSettings }),
    },
  );
  const quoteService = createQuote(ctx, { catalog, promotion, cart }, waitingRoom.door);
  const provider = createTestProvider({ clock: ctx.clock, webhookSecret: 'a secret' });
  const paymentService = createPayment(ctx, { checkout, providers: [provider], providerTimeoutMs: 300 });
  const mediaService = createMedia(ctx);
  const pulseService = createPulse(ctx, { checkout, catalog, isAdmin: () => false });
  const peers = {
    catalog,
    checkout,
    promotion,
    cart,
    stock: connectInProcess(stockService, { validation }),
    quote: connectInProcess(quoteService, { validation }),
    payment: connectInProcess(paymentService, { validation }),
    media: connectInProcess(mediaService),
    pulse: connectInProcess(pulseService, { validation }),
    waitingRoom: connectInProcess(waitingRoom, { validation }),
    tickets: waitingRoom.tickets,
  };
  let url = '';
  const pages = createPages(
    {
      ...ctx,
      browsing: ctx.database,
      assets: await loadAssets(),
      challenge: door,
      publicUrl: () => url,
      ...(options.features && { features: options.features }),
    },
    peers,
  );
  const bugs: unknown[] = [];
  const server = createHttpServer({
    services: [
      catalogService,
      checkoutService,
      cartService,
      quoteService,
      paymentService,
      pulseService,
      waitingRoom,
      pages.storefront,
      createChallengeService(door),
    ],
    ...(options.client && { client: options.client }),
    admin: { isAdmin: () => false },
    log: ctx.log,
    metrics: ctx.metrics,
    clock: ctx.clock,
    info: { title: 'shop', version: '0' },
    readiness: async () => [],
    idempotency: createIdempotencyStore(ctx),
    site: pages.site,
    ...(options.features && { features: options.features }),
    onBug: (error) => bugs.push(error),
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  after(async () => {
    await server.close();
    await pages.stop();
    await pulseService.stop?.();
    await paymentService.stop?.();
    await waitingRoom.stop?.();
    await provider.close();
    assert.deepEqual(bugs, []);
  });

  let productCount = 0;
  return {
    ctx,
    url,
    peers,
    provider,
    checkoutService,
    paymentService,
    waitingRoom,
    visitor: () => createVisitor(url),
    /** From here on events are handled and kept pages built anew. */
    async start() {
      await ctx.events.start();
      pages.start();
    },

    /** A product of one variant with so many units, at this price; without one it is sold in sales only. */
    async newVariant<Amount extends number | undefined>(
      amountMinor: Amount,
      units = 100,
      title = `Lantern ${productCount}`,
    ) {
      const slug = `thing-${productCount++}`;
      const variantId = await putProduct({ slug, title, amountMinor });
      if (units > 0) {
        const movement = { movementId: newId(randomBucket(), ctx.clock.nowMs()), variantId, quantity: units };
        well(await peers.stock.moveStock({ body: { movements: [{ ...movement, reason: 'received' }] } }));
      }
      return { variantId, slug, title, amountMinor };
    },

    putProduct,
  };

  async function putProduct(given: {
    slug: string;
    title: string;
    amountMinor: number | undefined;
    state?: 'published' | 'archived';
  }) {
    const { slug, title, amountMinor, state = 'published' } = given;
    const prices = amountMinor === undefined ? [] : [{ currency: 'USD', amountMinor }];
    const variants = [{ sku: slug.toUpperCase(), prices }];
    const translations = { 'zh-Hans': { title: `${title}（中文）` } };
    const products = [{ slug, title, state, variants, translations }];
    const { results } = well(await catalog.putProducts({ body: { products } }));
    const variantId = results[0]?.variants[0]?.variantId;
    assert(variantId !== undefined);
    return variantId;
  }
}

export interface Seen {
  readonly status: number;
  readonly url: string;
  readonly html: string;
  readonly headers: Headers;
}

/** A browser without scripts: it keeps cookies, follows redirects and sends the forms that pages have. */
export function createVisitor(origin: string) {
  const cookies = new Map<string, string>();

  async function request(path: string, init: RequestInit = {}): Promise<Seen> {
    const headers = new Headers({ accept: 'text/html', ...Object.fromEntries(new Headers(init.headers)) });
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const url = new URL(path, origin);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(line);
    const location = response.headers.get('location');
    if (response.status === 303 && location !== null) {
      await response.arrayBuffer();
      return request(location);
    }
    const html = await response.text();
    assert(response.status < 500 || response.status === 503, `${path}: ${response.status} ${html.slice(0, 500)}`);
    return { status: response.status, url: url.pathname + url.search, html, headers: response.headers };
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split('=', 2);
    if (attributes.includes('Max-Age=0')) cookies.delete(name);
    else cookies.set(name, value);
  }

  return {
    cookies,
    get: (path: string, init?: RequestInit) => request(path, init),
    post: (path: string, fields: Record<string, string> | string, headers: Record<string, string> = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
      }),
    /** Sends a form as the page has it, with what the visitor fills in. */
    send(page: Pick<Seen, 'html'>, action: string | RegExp, fill: Record<string, string> = {}) {
      const form = formOf(page.html, action);
      return this.post(form.action, { ...form.fields, ...fill });
    },
  };
}

export type Visitor = ReturnType<typeof createVisitor>;

/** The form of a page whose address is, or matches, this one, with the fields that a browser would send of it. */
export function formOf(html: string, action: string | RegExp): { action: string; fields: Record<string, string> } {
  for (const [, attributes = '', inner = ''] of html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)) {
    const given = attributeOf(attributes, 'action') ?? '';
    if (typeof action === 'string' ? given !== action : !action.test(given)) continue;
    return { action: given, fields: fieldsOf(inner) };
  }
  return assert.fail(`the page has no form ${action}: ${textOf(html).slice(0, 600)}`);
}

function fieldsOf(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [, attributes = ''] of html.matchAll(/<input\b([^>]*)>/g)) {
    const name = attributeOf(attributes, 'name');
    const isChoice = /\btype="(radio|checkbox)"/.test(attributes);
    if (name === undefined || (isChoice && !/\bchecked\b/.test(attributes))) continue;
    fields[name] = attributeOf(attributes, 'value') ?? (isChoice ? 'on' : '');
  }
  for (const [, attributes = '', options = ''] of html.matchAll(/<select\b([^>]*)>(.*?)<\/select>/gs)) {
    const chosen = [...options.matchAll(/<option\b([^>]*)>/g)].find(([, each = '']) => /\bselected\b/.test(each));
    fields[attributeOf(attributes, 'name') ?? ''] = attributeOf(chosen?.[1] ?? '', 'value') ?? '';
  }
  return fields;
}

function attributeOf(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : unescaped(value);
}

/** What a person reads of a page's main part. */
export function textOf(html: string): string {
  const main = /<main\b[^>]*>(.*)<\/main>/s.exec(html)?.[1] ?? html;
  return unescaped(main.replaceAll(/<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function unescaped(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
