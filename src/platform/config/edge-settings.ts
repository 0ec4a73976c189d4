import Type, { type Static } from 'typebox';
import { createAddressSet, forwardedHeaders, trustedPresets } from '../api/client-address.ts';
import { cdnSchema } from './cdn-settings.ts';
import { challengeSchema } from './challenge-settings.ts';
import { hoardingSchema } from './hoarding-settings.ts';

export type EdgeSettings = Static<ReturnType<typeof edgeSchema>>;

/**
 * The `edge` part of a topology: what stands between the world and the shop. Every setting has a default that suits one machine
 * on the open internet. A schema's `description` completes the sentence “… must be …”.
 */
export function edgeSchema() {
  return Type.Object(
    {
      cache: Type.Optional(cacheSchema()),
      cdn: Type.Optional(cdnSchema()),
      trustedProxies: Type.Optional(addressesSchema()),
      limits: Type.Optional(limitsSchema()),
      challenge: Type.Optional(challengeSchema()),
      hoarding: Type.Optional(hoardingSchema()),
      forwardedBy: Type.Optional(Type.Enum([...forwardedHeaders], { description: forwardedHeaders.join(' or ') })),
      // Off measures what a machine does however long anybody waits; a shop wants it on.
      overload: Type.Optional(Type.Enum(['on', 'off'], { description: 'on or off' })),
      waitingRoom: Type.Optional(waitingRoomSchema()),
    },
    { additionalProperties: false, description: 'a map of settings of the edge' },
  );
}

/** The limits that a topology may set (edge/limits/policies.ts). */
export const limitNames = [
  'client',
  'network',
  'session',
  'lookups',
  'network-lookups',
  'connections',
  'network-connections',
] as const;

function limitsSchema() {
  const rate = Type.Object(
    {
      unitsPerS: Type.Number({ minimum: 0.01, maximum: 1_000_000, description: 'a number from 0.01 to 1000000' }),
      burstUnits: Type.Number({ minimum: 1, maximum: 10_000_000, description: 'a number from 1 to 10000000' }),
    },
    { additionalProperties: false, description: 'a map with unitsPerS and burstUnits' },
  );
  return Type.Object(
    {
      exempt: Type.Optional(addressesSchema()),
      policies: Type.Optional(
        Type.Object(
          Object.fromEntries(limitNames.map((name) => [name, Type.Optional(rate)])) as Record<
            (typeof limitNames)[number],
            ReturnType<typeof Type.Optional<typeof rate>>
          >,
          { additionalProperties: false, description: `a map of ${limitNames.join(', ')}` },
        ),
      ),
    },
    { additionalProperties: false, description: 'a map with exempt and policies' },
  );
}

const presetNames = Object.keys(trustedPresets).join(', ');

function addressesSchema() {
  return Type.Array(
    Type.Refine(Type.String({ description: `an address, a CIDR or one of ${presetNames}` }), isAddressRange),
    { description: `a list of addresses, CIDRs or names (${presetNames})` },
  );
}

function waitingRoomSchema() {
  // As elsewhere in a topology; `durationMs` reads it.
  const duration = Type.Optional(
    Type.String({ pattern: '^[1-9][0-9]{0,5}(ms|s|m|h|d)$', description: 'a duration such as 30s, 15m or 2h' }),
  );
  // Less would delete what a queue of today still goes by.
  const days = Type.Optional(
    Type.String({ pattern: '^[1-9][0-9]{0,3}d$', description: 'a number of days such as 30d' }),
  );
  const perSecond = Type.Optional(
    Type.Number({ minimum: 0.1, maximum: 100_000, description: 'a number a second from 0.1 to 100000' }),
  );
  return Type.Object(
    {
      leaveAfter: duration,
      claimWithin: duration,
      passTtl: duration,
      queueBefore: duration,
      forgetAfter: days,
      paceFloorPerS: perSecond,
      paceStartPerS: perSecond,
      paceMaxPerS: perSecond,
    },
    { additionalProperties: false, description: 'a map of settings of the waiting rooms' },
  );
}

function isAddressRange(text: string): boolean {
  try {
    createAddressSet([text]);
    return true;
  } catch {
    return false;
  }
}

/** What a cache may be called in `Cache-Status`: of the tokens (RFC 9110, 5.6.2) those that nothing else is written with. */
export const cacheNamePattern = '^[A-Za-z][A-Za-z0-9._-]{0,63}$';

export const cacheNameWords = 'up to 64 letters, digits, dots, dashes and underscores that begin with a letter';

/** The response cache in each process. */
function cacheSchema() {
  return Type.Object(
    {
      name: Type.Optional(Type.String({ pattern: cacheNamePattern, description: cacheNameWords })),
      maxMb: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 65_536,
          description: 'a whole number of megabytes up to 65536 (0 keeps nothing)',
        }),
      ),
    },
    { additionalProperties: false, description: 'a map with name and maxMb' },
  );
}

/** Answers of the API are a few kilobytes: these are some ten thousand of them. */
export const cacheMaxMbDefault = 64;
