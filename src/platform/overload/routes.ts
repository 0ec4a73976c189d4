import type { Contract, Importance, Route } from '../api/contract.ts';
import { routedPath } from '../api/routed-path.ts';
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

interface Node {
  readonly byText: Map<string, Node>;
  param: Node | undefined;
  /** What follows a wildcard. */
  readonly rest: Map<string, Treatment>;
  readonly ends: Map<string, Treatment>;
}

/**
 * The treatment of a method and a URL, by a walk along the path's segments; undefined for what is no route. Like the router: text goes
 * before a parameter, this before a wildcard. HEAD is GET.
 */
export function createRouteTable(
  policies: readonly RoutePolicy[],
): (method: string, url: string) => Treatment | undefined {
  const root = newNode();
  for (const { method, path, treatment } of policies) {
    let node = root;
    const segments = path.slice(1).split('/');
    const isWild = segments.at(-1) === '*';
    if (isWild) segments.pop();
    for (const segment of segments) {
      if (segment.startsWith(':')) {
        node.param ??= newNode();
        node = node.param;
      } else {
        const next: Node = node.byText.get(segment) ?? newNode();
        node.byText.set(segment, next);
        node = next;
      }
    }
    (isWild ? node.rest : node.ends).set(method, treatment);
  }
  return (method, url) => {
    const asked = method === 'HEAD' ? 'GET' : method;
    const path = routedPath(url);
    return walk(root, asked, path, 1, path.length);
  };
}

function walk(node: Node, method: string, url: string, from: number, end: number): Treatment | undefined {
  // A slash at the end changes nothing.
  if (from > end || (from === end && node.ends.has(method))) return node.ends.get(method);
  const slash = url.indexOf('/', from);
  const to = slash < 0 || slash > end ? end : slash;
  const next = node.byText.get(url.slice(from, to));
  return (
    (next && walk(next, method, url, to + 1, end)) ??
    (node.param && to > from ? walk(node.param, method, url, to + 1, end) : undefined) ??
    node.rest.get(method)
  );
}

function newNode(): Node {
  return { byText: new Map(), param: undefined, rest: new Map(), ends: new Map() };
}
