import assert from 'node:assert/strict';
import type { Route } from './contract.ts';
import { type ProblemSlug, problemKinds } from './problem.ts';

/** The problems that a route may answer with: those that its policy brings, and those that its contract lists. */
export function documentedProblems(route: Route): ReadonlySet<ProblemSlug> {
  const slugs = new Set<ProblemSlug>(['bad-request', 'too-many-requests', 'internal-error', 'overloaded']);
  for (const slug of ['unavailable', 'timeout', 'request-timeout', 'header-too-large'] as const) slugs.add(slug);
  if (route.method !== 'GET') for (const slug of ['too-large', 'unsupported-media-type'] as const) slugs.add(slug);
  if (route.scope === 'admin') for (const slug of ['unauthorised', 'forbidden'] as const) slugs.add(slug);
  if (route.scope === 'order') for (const slug of ['unauthorised', 'forbidden', 'not-found'] as const) slugs.add(slug);
  if (route.feature !== undefined) slugs.add('switched-off');
  if (route.scope === 'wall') slugs.add('unauthorised');
  if (route.idempotency === 'honoured') addKeyProblems(slugs);
  if (route.idempotency === 'honoured' || route.idempotency === 'required') slugs.add('idempotency-answer-not-kept');
  if (isKeyRequired(route)) {
    slugs.add('idempotency-key-missing');
    addKeyProblems(slugs);
  }
  for (const slug of route.problems ?? []) {
    assert(
      Object.hasOwn(problemKinds, slug),
      `${route.method} ${route.path} lists a problem that does not exist: ${slug}`,
    );
    slugs.add(slug as ProblemSlug);
  }
  return slugs;
}

export function isKeyRequired(route: Pick<Route, 'idempotency'>): boolean {
  return route.idempotency === 'required' || route.idempotency === 'required-native';
}

function addKeyProblems(slugs: Set<ProblemSlug>): void {
  for (const slug of ['idempotency-key-reused', 'idempotency-key-in-flight'] as const) slugs.add(slug);
}
