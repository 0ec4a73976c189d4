import { routedPath } from './routed-path.ts';

/** What stands for a path, by the patterns of the contract table (Fastify's notation: `/v1/orders/:orderId`, `/browse/*`). */
export interface PathTable<T> {
  /** Looks at the path of this URL as the router does. Undefined where nothing stands. */
  find(method: string, url: string): T | undefined;
}

export interface PathEntry<T> {
  readonly method: string;
  readonly path: string;
  readonly value: T;
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  parameter: Node<T> | undefined;
  readonly values: Map<string, T>;
  readonly restValues: Map<string, T>;
}

// No path of ours has as many parts; a longer one is looked at no further.
const segmentsMax = 16;

/**
 * For what must know a route before anything is parsed (limits, shedding): the router's answer without its parameters. A literal part goes
 * before a parameter, that before the rest, as in the router. HEAD is looked up as GET. A trailing slash is not a part.
 */
export function createPathTable<T>(entries: Iterable<PathEntry<T>>): PathTable<T> {
  const root = newNode<T>();
  for (const { method, path, value } of entries) insert(root, method, path, value);
  return {
    find: (method, url) => seek(root, segmentsOf(url), 0, method === 'HEAD' ? 'GET' : method),
  };
}

// Several tables are asked about one request, one after the other. The memory holds no state: it is a pure function, remembered.
let last: { readonly url: string; readonly segments: readonly string[] } = { url: '/', segments: [] };

function segmentsOf(url: string): readonly string[] {
  if (url !== last.url) {
    const routed = routedPath(url);
    const path = routed.length > 1 && routed.endsWith('/') ? routed.slice(0, -1) : routed;
    last = { url, segments: path === '/' ? [] : path.slice(1).split('/', segmentsMax) };
  }
  return last.segments;
}

function newNode<T>(): Node<T> {
  return { literals: new Map(), parameter: undefined, values: new Map(), restValues: new Map() };
}

function insert<T>(root: Node<T>, method: string, path: string, value: T): void {
  let node = root;
  for (const segment of path.split('/').filter((part) => part !== '')) {
    if (segment === '*') {
      node.restValues.set(method, value);
      return;
    }
    if (segment.startsWith(':')) {
      node.parameter ??= newNode();
      node = node.parameter;
    } else {
      const next: Node<T> = node.literals.get(segment) ?? newNode();
      node.literals.set(segment, next);
      node = next;
    }
  }
  node.values.set(method, value);
}

function seek<T>(node: Node<T>, segments: readonly string[], index: number, method: string): T | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.values.get(method);
  const literal = node.literals.get(segment);
  const found = literal && seek(literal, segments, index + 1, method);
  if (found !== undefined) return found;
  const ofParameter = node.parameter && segment !== '' ? seek(node.parameter, segments, index + 1, method) : undefined;
  return ofParameter ?? node.restValues.get(method);
}
