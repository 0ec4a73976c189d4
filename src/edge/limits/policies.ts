import type { limitNames } from '../../platform/config/edge-settings.ts';
import type { Rate } from '../../platform/rate/bucket.ts';

/**
 * A limit as data, from which also the configuration of a proxy in front can be rendered: a bucket for each value of `key`.
 */
export interface LimitPolicy extends Rate {
  readonly name: LimitName;
  /**
   * - `client`: an IPv4 address, or the first 64 bits of an IPv6 address.
   * - `network`: its /24 of IPv4, its /48 of IPv6.
   * - `session`: whoever the bearer token or else the buyer's cookie says.
   */
  readonly key: 'client' | 'network' | 'session';
  /** `requests` take what they cost (`costUnits` of the contract table: a simple read is 1), `connections` one each when they are opened. */
  readonly counts: 'requests' | 'connections';
  /** Paths without a language, in which `*` stands for any rest. */
  readonly routes: readonly string[];
}

export type LimitName = (typeof limitNames)[number];

// What costs the database the most and no buyer needs often: narrower than the rest.
const lookupRoutes = ['/search', '/browse', '/browse/*', '/v1/search', '/v1/products', '/v1/storefront/suggestions'];

/**
 * What a household, an office or a mobile network behind one address needs at the opening of a sale, and more than one process's share
 * for nobody. Buying something takes about 15 units: pages and what they ask (3), a quote (1), the order (5), its payment
 * (5). So 400 people who buy within ten seconds from one address pass, and one machine that does nothing else gets as far as 40 orders
 * or searches a second (decision 0014).
 *
 * Who rents a /48 of IPv6 is 65,536 clients, so each limit of a client has one of its network: of 16 clients, and of all requests of 25
 * (12 in a burst), for a /24 may be a carrier's, with thousands of phones.
 */
export const defaultPolicies: readonly LimitPolicy[] = [
  { name: 'client', key: 'client', counts: 'requests', routes: ['*'], unitsPerS: 200, burstUnits: 5_000 },
  { name: 'network', key: 'network', counts: 'requests', routes: ['*'], unitsPerS: 5_000, burstUnits: 60_000 },
  { name: 'session', key: 'session', counts: 'requests', routes: ['*'], unitsPerS: 50, burstUnits: 500 },
  { name: 'lookups', key: 'client', counts: 'requests', routes: lookupRoutes, unitsPerS: 100, burstUnits: 1_500 },
  {
    name: 'network-lookups',
    key: 'network',
    counts: 'requests',
    routes: lookupRoutes,
    unitsPerS: 1_600,
    burstUnits: 24_000,
  },
  { name: 'connections', key: 'client', counts: 'connections', routes: [], unitsPerS: 100, burstUnits: 2_000 },
  {
    name: 'network-connections',
    key: 'network',
    counts: 'connections',
    routes: [],
    unitsPerS: 1_600,
    burstUnits: 32_000,
  },
];

/** The policies with the rates that the topology file sets for some of them. */
export function policiesWith(rates: Readonly<Partial<Record<LimitName, Rate>>>): readonly LimitPolicy[] {
  return defaultPolicies.map((policy) => ({ ...policy, ...rates[policy.name] }));
}

/** Whether a policy is about a route, by the route's own path: `/v1/orders/:orderId`. */
export function isAbout({ routes }: LimitPolicy, path: string): boolean {
  return routes.some((route) => (route.endsWith('*') ? path.startsWith(route.slice(0, -1)) : path === route));
}
