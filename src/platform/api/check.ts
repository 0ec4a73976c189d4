import type { IncomingMessage } from 'node:http';
import { mediaTypesOf } from './bytes.ts';
import type { Route } from './contract.ts';
import { type FieldError, type ProblemReply, problem } from './problem.ts';
import type { Validation, Validator } from './validation.ts';

/** The parts of a request as they came; checking fills in defaults and turns text into what the schemas say. */
export interface RawRequest {
  readonly raw: IncomingMessage;
  readonly params: unknown;
  readonly query: unknown;
  body: unknown;
}

// Errors of a larger body are told one at a time, see `Validator`.
const largeBytes = 8192;

/** What is wrong with a request by its route's schemas, all parts together; undefined if nothing is. */
export function createCheck(route: Route, validation: Validation): (request: RawRequest) => ProblemReply | undefined {
  const params = route.params && validation.text(route.params, '#params/');
  const query = route.query ? validation.text(route.query, '#query/') : refuseQuery;
  const body = bodyCheck(route, validation);

  return (request) => {
    const { raw } = request;
    // PostgreSQL's text cannot hold it, and nobody means it.
    if (raw.url?.includes('%00')) return badRequest([{ pointer: '', detail: 'the URL holds a NUL character' }]);
    const isLarge = !(Number(raw.headers['content-length'] ?? 0) <= largeBytes);
    const inParams = params?.(request.params);
    const inQuery = query(request.query);
    if (route.isBodyOptional && request.body === undefined) request.body = {};
    const inBody = body(request.body, { isLarge });
    if (inParams === undefined && inQuery === undefined && inBody === undefined) return undefined;
    return badRequest([...(inParams ?? []), ...(inQuery ?? []), ...(inBody ?? [])]);
  };
}

function badRequest(errors: readonly FieldError[]): ProblemReply {
  const fields = errors.length === 1 ? 'A field is' : `${errors.length} fields are`;
  return problem('bad-request', { detail: `${fields} not valid.`, errors });
}

const refuseQuery: Validator = (query) => {
  for (const name in query as object)
    return [{ pointer: `#query/${name.slice(0, 200)}`, detail: 'is not a known field' }];
  return undefined;
};

const refuseBody: Validator = (body) => {
  // Many clients send `{}` with every POST.
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'object' && Object.keys(body).length === 0) return undefined;
  return [{ pointer: '', detail: 'this request takes no body' }];
};

function bodyCheck({ body }: Route, validation: Validation): Validator {
  if (body === undefined) return refuseBody;
  return mediaTypesOf(body) === undefined ? requireBody(validation.body(body)) : requireBytes;
}

/** What they are is for the service to find out; their type was looked at when they were read. */
const requireBytes: Validator = (body) =>
  body === undefined ? [{ pointer: '', detail: 'a body is required' }] : undefined;

function requireBody(validator: Validator): Validator {
  return (body, options) =>
    body === undefined ? [{ pointer: '', detail: 'a JSON body is required' }] : validator(body, options);
}
