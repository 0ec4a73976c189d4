import { type Static, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import { AmountMinor, CurrencyCode, InstantMs, strict, text, Uuid } from '../../platform/api/schema.ts';

/** A variant as it is now: a hint, the quote decides. */
export const LiveVariant = strict(
  {
    variantId: Uuid,
    available: Type.Integer({ description: 'Units that can be ordered.' }),
    granted: Type.Integer({ description: 'Units that there were in all: available, held by orders, and sold.' }),
    amountMinor: Type.Optional({ ...AmountMinor, description: 'The price now. Absent while it is not for sale.' }),
    compareAtMinor: Type.Optional(AmountMinor),
    soldFrom: Type.Optional(
      strict(
        { atMs: InstantMs, amountMinor: AmountMinor, compareAtMinor: Type.Optional(AmountMinor) },
        { description: 'When it comes on sale and the price then, while it is not for sale and a sale is planned.' },
      ),
    ),
  },
  { title: 'LiveVariant' },
);
export type LiveVariant = Static<typeof LiveVariant>;

/** A waiting room that somebody may have to line up in. */
export const LiveQueue = strict(
  {
    roomId: Uuid,
    saleId: Type.Optional({ ...Uuid, description: 'Absent where it stands before every purchase.' }),
    state: Type.Enum(['announced', 'before', 'open', 'promised']),
    opensAtMs: Type.Optional(InstantMs),
  },
  { title: 'LiveQueue' },
);
export type LiveQueue = Static<typeof LiveQueue>;

export const Suggestion = strict(
  {
    slug: Type.String(),
    title: Type.String(),
    price: Type.Optional(Type.String({ description: 'As the page writes it.' })),
    picture: Type.Optional(Type.String()),
  },
  { title: 'Suggestion' },
);
export type Suggestion = Static<typeof Suggestion>;

/** What the storefront's scripts ask, so that kept pages can show what is live. */
export const storefrontApi = defineContract({
  name: 'storefront',
  routes: {
    getLiveVariants: {
      method: 'GET',
      path: '/v1/storefront/variants',
      summary: 'Prices and units of some variants as they are this second',
      description: 'One answer serves everybody who asks within the same second.',
      scope: 'public',
      importance: 'standard',
      feature: 'live-figures',
      idempotency: 'safe',
      cache: {
        maxAgeS: 1,
        staleWhileRevalidateS: 1,
        shared: true,
        tags: ({ query }) =>
          String(query.variantIds)
            .split(',')
            .map((variantId) => `variant:${variantId.toLowerCase()}`),
      },
      costUnits: 0.2,
      query: strict({
        variantIds: Type.String({ maxLength: 37 * 50, description: 'Up to 50 ids, separated by commas.' }),
      }),
      responses: {
        200: strict({
          nowMs: InstantMs,
          currency: CurrencyCode,
          items: Type.Array(LiveVariant),
          queues: Type.Array(LiveQueue, { description: 'Waiting rooms that are on or announced.' }),
        }),
      },
      problems: ['bad-request'],
    },
    suggest: {
      method: 'GET',
      path: '/v1/storefront/suggestions',
      summary: 'A few products that begin to match what is being typed',
      scope: 'public',
      importance: 'deferrable',
      feature: 'search-suggestions',
      idempotency: 'safe',
      cache: { maxAgeS: 30, staleWhileRevalidateS: 300, shared: true, tags: () => ['lists', 'products'] },
      costUnits: 5,
      query: strict({ q: text(200, { minLength: 1 }), locale: Type.Union([Type.Literal('en'), Type.Literal('zh')]) }),
      responses: { 200: strict({ items: Type.Array(Suggestion) }) },
    },
  },
});
