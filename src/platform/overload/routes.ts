import type { Contract, Importance, Route } from '../api/contract.ts';
import { createPathTable } from '../api/path-table.ts';
import type { Rank } from './admission-level.ts';

/**
 * What is looked up of a request before anything of it is parsed. `free` is never refused: it costs less than a refusal (assets), lasts
 * (event streams), or watches over the process. `admin` has a bound of its own, so that staff can act while the shop is full.
 */
export type Treatment = Rank | 'free' | 'admin';

export interface RoutePolicy {
  readonly method: string;
  /** Fastify's notation. */
  readonly path: string;
  readonly treatment: Treatment;
}

export function treatmentOf(route: Pick<Route, 'scope' | 'importance' | 'isStream' | 'isContinuation'>): Treatment {
  if (route.isStream) return 'free';
  if (route.scope === 'admin') return 'admin';
  return rankOf(route);
}

/** Who pays or asks for his order has been let in before: turned away now, all that was done for him would be lost. */
export function rankOf(route: { readonly importance: Importance; readonly isContinuation?: true }): Rank {
  return route.isContinuation && route.importance === 'core' ? 'begun' : route.importance;
}

export function policiesOf(contracts: readonly Contract[]): RoutePolicy[] {
  return contracts.flatMap(({ routes }) =>
    Object.values(routes)
      .filter(({ scope }) => scope !== 'internal')
      .map((route) => ({ method: route.method, path: route.path, treatment: treatmentOf(route) })),
  );
}

/** The treatment of a method and a URL; undefined for what is no route. */
export function createRouteTable(
  policies: readonly RoutePolicy[],
): (method: string, url: string) => Treatment | undefined {
  return createPathTable(policies.map(({ treatment, ...route }) => ({ ...route, value: treatment }))).find;
}
