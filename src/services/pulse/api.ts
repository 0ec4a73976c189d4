import { type Static, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import { CurrencyCode, InstantMs, strict, Uuid } from '../../platform/api/schema.ts';

const Count = Type.Integer({ minimum: 0 });
const CountryCode = Type.String({ description: 'ISO 3166-1 alpha-2; `ZZ` where none is known.' });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const ShedCounts = strict({ core: Count, standard: Count, deferrable: Count }, { title: 'ShedCounts' });

export const PulseSale = strict(
  { saleId: Uuid, name: Type.String(), startsAtMs: InstantMs, endsAtMs: InstantMs },
  { title: 'PulseSale' },
);
export type PulseSale = Static<typeof PulseSale>;

export const PulseSecond = strict(
  { atMs: InstantMs, placedCount: Count, paidCount: Count, cancelledCount: Count, expiredCount: Count },
  { title: 'PulseSecond', description: 'What happened in the second that begins at `atMs`.' },
);
export type PulseSecond = Static<typeof PulseSecond>;

export const HotVariant = strict(
  {
    variantId: Uuid,
    title: Type.String(),
    isInSale: Type.Boolean(),
    grantedCount: Count,
    reservedCount: Count,
    soldCount: Count,
  },
  { title: 'HotVariant', description: 'Units: `grantedCount` less `reservedCount` and `soldCount` is left.' },
);
export type HotVariant = Static<typeof HotVariant>;

export const Pulse = strict(
  {
    atMs: Type.Integer({ description: 'The last whole second that these figures tell of.' }),
    sinceMs: Type.Integer({ description: 'Since when money, orders and regions are counted.' }),
    sale: Type.Optional(PulseSale),
    money: Type.Array(
      strict({
        currency: CurrencyCode,
        takenMinor: Type.Integer({ description: 'Captured less refunded, in minor units.' }),
      }),
    ),
    orders: strict({ placedCount: Count, paidCount: Count, cancelledCount: Count, expiredCount: Count }),
    buyersCount: Type.Integer({ description: 'Different buyers who ordered within the last five minutes.' }),
    requestsOpenCount: Count,
    watchersCount: Type.Integer({ description: 'How many look at this process’s wall.' }),
    variants: Type.Array(HotVariant),
    regions: Type.Array(strict({ countryCode: CountryCode, orderCount: Count })),
    latencyP50Ms: OrNull(Type.Number()),
    latencyP99Ms: OrNull(Type.Number()),
    cacheHitRatio: OrNull(Type.Number()),
    laneCount: Type.Integer({ description: 'Requests that wait for the next batch of a lane.' }),
    lagMs: Type.Integer({ description: 'Age of the oldest event that a consumer has not looked at.' }),
    shed: ShedCounts,
    seconds: Type.Array(PulseSecond, {
      description:
        'Rising. The last five minutes; in a `second` of the stream only those that changed since the event before. Seconds in which nothing happened are left out.',
    }),
  },
  { title: 'Pulse' },
);
export type Pulse = Static<typeof Pulse>;

const Counts = Type.Array(Type.Integer());
const Values = Type.Array(OrNull(Type.Number()));

export const Replay = strict(
  {
    sale: PulseSale,
    startsAtMs: InstantMs,
    stepS: Type.Integer({
      minimum: 1,
      description: 'Seconds per step: 1 unless the sale took longer than four hours.',
    }),
    stepCount: Count,
    money: Type.Array(strict({ currency: CurrencyCode, takenMinor: Counts })),
    placedCount: Counts,
    paidCount: Counts,
    cancelledCount: Counts,
    expiredCount: Counts,
    buyersCount: Counts,
    variants: Type.Array(
      strict({
        variantId: Uuid,
        title: Type.String(),
        grantedCount: Count,
        reservedCount: Counts,
        soldCount: Counts,
      }),
    ),
    regions: Type.Array(strict({ countryCode: CountryCode, orderCount: Counts })),
    latencyP50Ms: Values,
    latencyP99Ms: Values,
    cacheHitRatio: Values,
    laneCount: Values,
    lagMs: Values,
    shed: strict({ core: Counts, standard: Counts, deferrable: Counts }),
  },
  {
    title: 'Replay',
    description:
      'A sale, step by step: each list has `stepCount` elements. Money, regions and units are as they stood at the end of the step, counted from the start of the sale; orders are those of the step. What the process felt is null where nobody watched.',
  },
);
export type Replay = Static<typeof Replay>;

const looking = {
  scope: 'wall',
  importance: 'deferrable',
  feature: 'wall',
  idempotency: 'safe',
  problems: ['unauthorised'],
} as const;

export const pulseApi = defineContract({
  name: 'pulse',
  routes: {
    getPulse: {
      ...looking,
      method: 'GET',
      path: '/v1/pulse',
      summary: 'Read the figures of the shop at this second, and the last five minutes',
      responses: { 200: Pulse },
    },
    watchPulse: {
      ...looking,
      method: 'GET',
      path: '/v1/pulse/events',
      summary: 'Follow the figures of the shop, one event a second',
      description:
        'First, and whenever the reader has missed something, a `snapshot` with the last five minutes; then a `second` each second with the seconds that changed.',
      isStream: true,
      streamsMax: 2_000,
      responses: { 200: Type.Null() },
    },
    listReplays: {
      ...looking,
      method: 'GET',
      path: '/v1/pulse/sales',
      summary: 'Read the sales that can be replayed, the latest first',
      responses: { 200: strict({ items: Type.Array(PulseSale) }) },
    },
    getReplay: {
      ...looking,
      method: 'GET',
      path: '/v1/pulse/replays/:saleId',
      summary: 'Read a sale second by second',
      description:
        'From a minute before its start to its end, to a minute after it sold out, or to now, whichever is first.',
      params: strict({ saleId: Uuid }),
      problems: ['unauthorised', 'not-found'],
      responses: { 200: Replay },
    },
    getWallLink: {
      method: 'GET',
      path: '/v1/admin/wall-link',
      summary: 'Read where the sale wall is, with the key that opens it',
      scope: 'admin',
      importance: 'deferrable',
      idempotency: 'safe',
      responses: { 200: strict({ path: Type.String({ description: '`/wall?key=…`' }) }) },
    },
  },
});
