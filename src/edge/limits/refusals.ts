import type { IncomingMessage, ServerResponse } from 'node:http';
import { commonHeaders, problemJson, problemType, writeAnswer } from '../../platform/api/answer.ts';
import { hasBody } from '../../platform/api/call.ts';
import { isForPeople } from '../../platform/api/early.ts';
import { problem } from '../../platform/api/problem.ts';
import type { Site } from '../../platform/api/site.ts';
import type { LimitPolicy } from './policies.ts';

export interface Refusals {
  /** Answers 429. Everything but the seconds is made beforehand: whoever is refused must cost less than whoever is served. */
  write(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void;
}

export interface Refusal {
  readonly policy: number;
  readonly waitMs: number;
  /** Of an answer for programs. */
  readonly fields: readonly string[];
  /** The client goes on although it was refused before. */
  readonly isStubborn: boolean;
}

const slug = 'too-many-requests';
const says: Readonly<Record<LimitPolicy['key'], string>> = {
  client: 'More was asked for from this address than one address may.',
  network: 'More was asked for from this network than one network may.',
  session: 'More was asked for in this session than one buyer can need.',
};

export function createRefusals(policies: readonly LimitPolicy[], errorPage: Site['errorPage'] | undefined): Refusals {
  const bodies = policies.map(({ name, key }) => {
    const { problem: document } = problem(slug, { detail: says[key], 'violated-policies': [name] });
    return Buffer.from(problemJson(document));
  });
  const jsonHeaders = commonHeaders(problemType, 'no-store');
  return {
    write(request, response, { policy, waitMs, fields, isStubborn }) {
      const page = isForPeople(request) ? errorPage?.(request, 429, slug) : undefined;
      const headers =
        page === undefined
          ? [...jsonHeaders, ...fields]
          : ['content-type', 'text/html; charset=utf-8', 'cache-control', 'no-store', ...page.headers];
      headers.push('retry-after', String(Math.max(1, Math.ceil(waitMs / 1000))));
      // What is left of a body that nobody reads would be taken for the next request.
      if (isStubborn || hasBody(request)) headers.push('connection', 'close');
      writeAnswer(response, 429, headers, page === undefined ? bodies[policy] : page.html);
    },
  };
}
