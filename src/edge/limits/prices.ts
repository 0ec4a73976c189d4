import type { Contract } from '../../platform/api/contract.ts';
import { createPathTable } from '../../platform/api/path-table.ts';
import { probePaths } from '../../platform/api/probes.ts';
import type { Site } from '../../platform/api/site.ts';
import { isAbout, type LimitPolicy } from './policies.ts';

/** A route as far as limits are concerned. */
export interface PricedRoute {
  readonly method: string;
  /** As it is asked for, with its language. */
  readonly path: string;
  /** Without the language; the same as `path` where there is none. */
  readonly barePath?: string;
  readonly costUnits: number;
  /** What it costs a script, which asks for JSON; left out, as much. */
  readonly scriptCostUnits?: number;
  /** What it costs if the answer is kept, which is asked of `isKept` with the path that was asked for. */
  readonly keptCostUnits?: number;
}

const probes = probePaths.map((path): PricedRoute => ({ method: 'GET', path, costUnits: 0.1 }));

/** A page from memory: a fiftieth of what a simple read of the API takes of the processor. */
export const keptPageUnits = 0.1;

/** Every route that can be asked for from outside. */
export function routesOf(contracts: readonly Contract[], site: Pick<Site, 'routes'>): PricedRoute[] {
  const ofContracts = contracts.flatMap(({ routes }) =>
    Object.values(routes)
      .filter(({ scope }) => scope !== 'internal')
      .map(({ method, path, costUnits = 1 }) => ({ method, path, costUnits })),
  );
  const ofSite = (site.routes ?? []).map(({ isKept, ...route }) => ({
    ...route,
    ...(isKept && { keptCostUnits: keptPageUnits }),
  }));
  return [...probes, ...ofContracts, ...ofSite];
}

export interface Price {
  readonly units: number;
  readonly scriptUnits: number;
  readonly keptUnits: number | undefined;
  /** Indices of the policies of requests that are about it; the same array for the same policies. */
  readonly policies: readonly number[];
  /** Programs are told how far they are from a limit. */
  readonly isApi: boolean;
}

export type PriceOf = (method: string, url: string) => Price;

/** What each route costs, by a lookup that costs less than a microsecond. What is no route costs what a simple read does. */
export function createPrices(routes: readonly PricedRoute[], policies: readonly LimitPolicy[]): PriceOf {
  const sets = new Map<string, readonly number[]>();
  const policiesOf = (path: string): readonly number[] => {
    const about = policies.flatMap((policy, index) =>
      policy.counts === 'requests' && isAbout(policy, path) ? [index] : [],
    );
    const known = sets.get(String(about));
    if (known === undefined) sets.set(String(about), about);
    return known ?? about;
  };
  const priceOf = (route: Omit<PricedRoute, 'method'>): Price => {
    const { path, barePath = path, costUnits, scriptCostUnits = costUnits, keptCostUnits } = route;
    return {
      units: costUnits,
      scriptUnits: scriptCostUnits,
      keptUnits: keptCostUnits,
      policies: policiesOf(barePath),
      isApi: path.startsWith('/v1/'),
    };
  };
  const table = createPathTable(
    routes.map((route) => ({ method: route.method, path: route.path, value: priceOf(route) })),
  );
  const unknown = priceOf({ path: '/unknown', costUnits: 1 });
  return (method, url) => table.find(method, url) ?? unknown;
}
