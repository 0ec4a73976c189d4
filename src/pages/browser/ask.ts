import type { ReplyOf, RequestOf, Route } from '../../platform/api/contract.ts';
import type { ProblemReply } from '../../platform/api/problem.ts';

type Body<R extends Route> = Exclude<ReplyOf<R>, ProblemReply>['body'];

/**
 * Reads a route of the API, typed by its contract: `ask<Routes['getLiveVariants']>('/v1/…', { variantIds })`. Rejects where
 * the shop did not answer as it should.
 */
export async function ask<R extends Route>(
  path: R['path'],
  query: RequestOf<R>['query'] & {},
  signal?: AbortSignal,
): Promise<Body<R>> {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const response = await fetch(`${path}?${search}`, { signal: signal ?? null });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as Body<R>;
}

/** Sends a form of the page by script; the shop answers scripts with JSON. */
export async function sendForm(form: HTMLFormElement): Promise<{ ok: boolean; body: Record<string, unknown> }> {
  const response = await fetch(form.action, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])),
  });
  return { ok: response.ok, body: (await response.json()) as Record<string, unknown> };
}
