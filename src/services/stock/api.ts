import { type Static, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import { Cursor, InstantMs, Limit, strict, text, Uuid } from '../../platform/api/schema.ts';

export const MovementReason = Type.Union([
  Type.Literal('received'),
  Type.Literal('returned'),
  Type.Literal('damaged'),
  Type.Literal('lost'),
  Type.Literal('counted'),
  Type.Literal('correction'),
]);
export type MovementReason = Static<typeof MovementReason>;

/** A change of how many units exist, with an id chosen by who asks, so that a retry is the same movement. */
export const MovementInput = strict(
  {
    movementId: Uuid,
    variantId: Uuid,
    quantity: Type.Integer({
      minimum: -2_000_000_000,
      maximum: 2_000_000_000,
      description: 'Units; negative takes away.',
    }),
    reason: MovementReason,
    note: Type.Optional(text(500)),
  },
  { title: 'MovementInput' },
);
export type MovementInput = Static<typeof MovementInput>;

export const Movement = strict(
  {
    movementId: Uuid,
    variantId: Uuid,
    quantity: Type.Integer(),
    reason: MovementReason,
    note: Type.Optional(Type.String()),
    state: Type.Union([Type.Literal('requested'), Type.Literal('applied'), Type.Literal('refused')]),
    createdAtMs: InstantMs,
  },
  { title: 'Movement' },
);
export type Movement = Static<typeof Movement>;

export const Level = strict(
  {
    variantId: Uuid,
    received: Type.Integer({
      description: 'All units that ever came, less those adjusted away: sold + reserved + available.',
    }),
    onHand: Type.Integer({ description: 'Reserved and available.' }),
    reserved: Type.Integer({ description: 'Held by placed orders that are not paid yet.' }),
    available: Type.Integer(),
    sold: Type.Integer({ description: 'Paid for.' }),
  },
  { title: 'Level' },
);
export type Level = Static<typeof Level>;

export const stockApi = defineContract({
  name: 'stock',
  routes: {
    getAvailability: {
      method: 'GET',
      path: '/v1/availability',
      summary: 'How many units of some variants are available: a hint, the order decides',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      cache: {
        maxAgeS: 1,
        staleWhileRevalidateS: 5,
        shared: true,
        tags: ({ query }) =>
          String(query.variantIds)
            .split(',')
            .map((variantId) => `variant:${variantId.toLowerCase()}`),
      },
      query: strict({
        variantIds: Type.String({ maxLength: 37 * 50, description: 'Up to 50 ids, separated by commas.' }),
      }),
      responses: { 200: strict({ items: Type.Array(strict({ variantId: Uuid, available: Type.Integer() })) }) },
    },
    moveStock: {
      method: 'POST',
      path: '/v1/admin/stock/movements',
      summary: 'Receive or adjust stock, with a reason',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'by-nature',
      bodyLimitBytes: 4 * 1024 * 1024,
      body: strict({ movements: Type.Array(MovementInput, { minItems: 1, maxItems: 5000 }) }),
      responses: {
        200: strict({
          results: Type.Array(
            strict({
              movementId: Uuid,
              outcome: Type.Union([Type.Literal('applied'), Type.Literal('insufficient'), Type.Literal('conflict')], {
                description:
                  '`insufficient`: fewer units are available than it would take away. `conflict`: the id was used for another movement.',
              }),
            }),
          ),
        }),
      },
    },
    countStock: {
      method: 'PUT',
      path: '/v1/admin/stock/levels',
      summary: 'Set the units on hand as counted; the difference becomes a movement',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'by-nature',
      bodyLimitBytes: 4 * 1024 * 1024,
      body: strict({
        levels: Type.Array(strict({ variantId: Uuid, onHand: Type.Integer({ minimum: 0, maximum: 2_000_000_000 }) }), {
          minItems: 1,
          maxItems: 5000,
        }),
      }),
      responses: { 200: strict({ changedCount: Type.Integer(), refused: Type.Array(Uuid) }) },
    },
    getLevels: {
      method: 'POST',
      path: '/v1/admin/stock/levels/query',
      summary: 'Read the stock levels of some variants',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'safe',
      bodyLimitBytes: 1024 * 1024,
      body: strict({ variantIds: Type.Array(Uuid, { minItems: 1, maxItems: 5000 }) }),
      responses: { 200: strict({ items: Type.Array(Level) }) },
    },
    listMovements: {
      method: 'GET',
      path: '/v1/admin/stock/movements',
      summary: "Read a variant's ledger of movements, newest first",
      scope: 'admin',
      importance: 'deferrable',
      idempotency: 'safe',
      query: strict({ variantId: Uuid, limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) }),
      responses: { 200: strict({ items: Type.Array(Movement), nextCursor: Type.Optional(Type.String()) }) },
    },
  },
});
