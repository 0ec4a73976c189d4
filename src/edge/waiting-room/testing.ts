import assert from 'node:assert/strict';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem, type ProblemReply, problemSlug } from '../../platform/api/problem.ts';
import { createValidation } from '../../platform/api/validation.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { sql } from '../../platform/database/sql.ts';
import { contextOn, type TestContext, testContext } from '../../platform/testing/context.ts';
import { cartMigrations } from '../../services/cart/migrations.ts';
import { createCart } from '../../services/cart/service.ts';
import { catalogMigrations } from '../../services/catalog/migrations.ts';
import { createCatalog } from '../../services/catalog/service.ts';
import { checkoutMigrations } from '../../services/checkout/migrations.ts';
import { createCheckout } from '../../services/checkout/service.ts';
import { promotionMigrations } from '../../services/promotion/migrations.ts';
import { createPromotion } from '../../services/promotion/service.ts';
import { createQuote } from '../../services/quote/service.ts';
import type { RoomInput, TicketStatus } from './api.ts';
import type { TicketChallenge } from './line-up.ts';
import { waitingRoomMigrations } from './migrations.ts';
import { createWaitingRoom, type WaitingRoom, type WaitingRoomOptions } from './service.ts';
import type { RoomSettings } from './settings.ts';

const migrations = [catalogMigrations, promotionMigrations, cartMigrations, checkoutMigrations, waitingRoomMigrations];

/** The body of a reply that must be a success. */
export function well<R extends { readonly status: number }>(
  reply: R,
): Extract<Exclude<R, ProblemReply>, { body: unknown }>['body'] {
  assert(!isProblem(reply), JSON.stringify(reply));
  assert('body' in reply);
  return reply.body as never;
}

export const slugOf = (reply: object) => (isProblem(reply) ? problemSlug(reply) : 'fine');

interface SaleTimes {
  readonly startsInMs?: number;
  readonly lastsMs?: number;
}

/** A shop with waiting rooms, every service real, on a database and a clock of the test's own. Rooms tick when the test says so. */
export async function roomBench(settings?: RoomSettings) {
  const ctx = await testContext(migrations, { poolMax: 20 });
  const load = { utilisation: 0, coreShedPerS: 0 };
  const sharedTime = async () => ctx.clock.nowMs();
  return { ctx, load, ...shopOn(ctx, { load: () => load, sharedTime, ...(settings && { settings }) }) };
}

export type RoomBench = Awaited<ReturnType<typeof roomBench>>;

/** One more process of the same shop: nothing in common but the database, whose time is the bench's clock's. */
export function anotherProcess(
  { ctx, load }: Pick<RoomBench, 'ctx' | 'load'>,
  { challenge, aheadMs = 0 }: { challenge?: TicketChallenge /** Of its own clock. */; aheadMs?: number } = {},
) {
  const clock = { ...ctx.clock, nowMs: () => ctx.clock.nowMs() + aheadMs };
  const own = { ...contextOn(ctx.database, { signer: ctx.signer }), clock };
  return shopOn(own, { load: () => load, challenge, sharedTime: async () => ctx.clock.nowMs() });
}

function shopOn(ctx: TestContext, options: WaitingRoomOptions) {
  const validation = createValidation();
  const catalog = connectInProcess(createCatalog(ctx), { validation });
  const checkout = connectInProcess(createCheckout(ctx), { validation });
  const promotion = connectInProcess(createPromotion(ctx, { checkout }), { validation });
  const cart = connectInProcess(createCart(ctx, { catalog, promotion }), { validation });
  const service: WaitingRoom = createWaitingRoom(ctx, { checkout, promotion }, options);
  const rooms = connectInProcess(service, { validation });
  const quoting = connectInProcess(createQuote(ctx, { catalog, promotion, cart }, service.door), { validation });
  const anyId = () => newId(randomBucket(), ctx.clock.nowMs());
  let productCount = 0;

  const shop = {
    service,
    rooms,
    quoting,
    checkout,
    promotion,
    anyId,

    /** A variant in a sale in USD, with so many units. */
    async newSale(units: number, over: SaleTimes = {}) {
      const slug = `lantern-${anyId()}-${productCount++}`;
      const prices = ['USD', 'EUR'].map((currency) => ({ currency, amountMinor: 1000 }));
      const product = { slug, title: 'Lantern', state: 'published' as const, variants: [{ sku: slug, prices }] };
      const { results } = well(await catalog.putProducts({ body: { products: [product] } }));
      const variantId = results[0]?.variants[0]?.variantId ?? assert.fail('a variant');
      await shop.grant(variantId, units);
      return { variantId, ...(await shop.newSaleOf([variantId], 'USD', over)) };
    },

    /** A sale of these variants, in one currency. */
    async newSaleOf(
      variantIds: readonly string[],
      currency: string,
      { startsInMs = 0, lastsMs = 3_600_000 }: SaleTimes = {},
    ) {
      const startsAtMs = ctx.clock.nowMs() + startsInMs;
      const items = variantIds.map((variantId) => ({ variantId, currency, amountMinor: 700 }));
      const body = { name: 'Sale', startsAtMs, endsAtMs: startsAtMs + lastsMs, items };
      const { saleId } = well(await promotion.createSale({ body }));
      return { saleId, startsAtMs, endsAtMs: startsAtMs + lastsMs };
    },

    async grant(subjectId: string, quantity: number) {
      well(await checkout.grantAllotments({ body: { grants: [{ grantId: anyId(), subjectId, quantity }] } }));
    },

    async newRoom(input: Omit<RoomInput, 'name'>, roomId = anyId()) {
      well(await rooms.putRoom({ params: { roomId }, body: { name: 'Room', ...input } }));
      return roomId;
    },

    /** So many ticks, each after so long. */
    async ticks(count: number, everyMs = 250) {
      for (let index = 0; index < count; index++) {
        ctx.clock.advance(everyMs);
        await service.tick();
      }
    },

    room: async (roomId: string) => well(await rooms.getRoom({ params: { roomId } })),
    take: async (roomId: string, buyer?: string, credential?: string) =>
      well(
        await rooms.takeTicket(
          { params: { roomId }, body: buyer === undefined ? {} : { buyer } },
          credential === undefined ? {} : { credential },
        ),
      ),
    takeMany: (roomId: string, count: number) => Promise.all(Array.from({ length: count }, () => shop.take(roomId))),
    ask: (roomId: string, ticket: string) => rooms.getTicket({ params: { roomId } }, { credential: ticket }),
    look: async (roomId: string, ticket: string): Promise<TicketStatus> => well(await shop.ask(roomId, ticket)),
    claim: (roomId: string, ticket: string) => rooms.takePass({ params: { roomId } }, { credential: ticket }),
    leave: (roomId: string, ticket: string) => rooms.leaveLine({ params: { roomId } }, { credential: ticket }),
    quote: (
      variantId: string,
      more: { buyer?: string; pass?: string; ticket?: string; currency?: string } = {},
      quantity = 1,
    ) => quoting.createQuote({ body: { lines: [{ variantId, quantity }], ...more } }),
    async order(variantId: string, more: { buyer: string; pass?: string }, quantity = 1) {
      const { quote } = well(await shop.quote(variantId, more, quantity));
      return checkout.placeOrder({ body: { quote } });
    },

    /** The calls of a room, in the order in which they were made. */
    async calls(roomId: string) {
      const { rows } = await sql<{ from: number; to: number; atMs: number }>`
        select from_place as "from", to_place as "to", called_at as "atMs"
          from waiting_room.call where room_id = ${roomId}::uuid order by from_place`.execute(ctx.database);
      return rows;
    },
  };
  return shop;
}
