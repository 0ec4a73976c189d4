import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import type { TSchema } from 'typebox';
import { mediaTypesOf } from './bytes.ts';
import { takesKeyInQuery } from './call.ts';
import type { Contract, Route } from './contract.ts';
import { documentedProblems, isKeyRequired } from './documented.ts';
import { type JsonSchema, normaliseSchema } from './json-schema.ts';
import { type ProblemSlug, problemKinds } from './problem.ts';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly [member: string]: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly responses: Readonly<Record<string, JsonSchema>>;
  readonly parameters?: readonly JsonSchema[];
  readonly requestBody?: JsonSchema;
  readonly [member: string]: unknown;
}

/** Problems that every route may answer with are told once, as the `default` response. */
const everywhere: ReadonlySet<ProblemSlug> = new Set<ProblemSlug>([
  'request-timeout',
  'too-large',
  'unsupported-media-type',
  'header-too-large',
  'too-many-requests',
  'internal-error',
  'overloaded',
  'unavailable',
  'timeout',
]);

/** OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0) of all routes that are served over HTTP. */
export function createOpenApi(options: {
  contracts: readonly Contract[];
  info: { title: string; version: string; description?: string };
}): OpenApiDocument {
  const components = createComponents();
  const paths: Record<string, Record<string, Operation>> = {};
  const operationIds = new Set<string>();
  for (const contract of options.contracts) {
    for (const [name, route] of Object.entries(contract.routes)) {
      if (route.scope === 'internal') continue;
      assert(!operationIds.has(name), `two services have a route named ${name}`);
      operationIds.add(name);
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] ??= {};
      paths[path][route.method.toLowerCase()] = operationOf(contract.name, name, route, components);
    }
  }
  const served = options.contracts.filter(({ routes }) =>
    Object.values(routes).some(({ scope }) => scope !== 'internal'),
  );
  return {
    openapi: '3.1.0',
    info: { ...options.info, description: [options.info.description, guide].filter(Boolean).join('\n\n') },
    servers: [{ url: '/' }],
    tags: served.map(({ name }) => ({ name })),
    paths,
    components: {
      schemas: { ...components.schemas, Problem: problemSchema },
      responses: { Problem: defaultResponse() },
      parameters: { IdempotencyKey: keyParameter(false), RequiredIdempotencyKey: keyParameter(true), IfMatch: ifMatch },
      securitySchemes,
    },
  };
}

function operationOf(tag: string, operationId: string, route: Route, components: Components): Operation {
  const parameters = parametersOf(route, components);
  return {
    operationId,
    tags: [tag],
    ...titled(route),
    security: securityOf(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: route.isBodyOptional !== true,
            content: contentOf(route.body, () => components.add(route.body as TSchema, true)),
          },
        }),
    responses: {
      ...successes(route, components),
      ...problems(route),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** A summary is a title in lists; what it says after a semicolon goes into the text below. */
function titled({ summary, description }: Route): { summary: string; description?: string } {
  const [title = summary, ...rest] = summary.split('; ');
  const more = rest.map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}.`);
  const text = [...more, ...(description === undefined ? [] : [description])].join('\n\n');
  return text === '' ? { summary: title } : { summary: title, description: text };
}

function securityOf(route: Route): JsonSchema[] {
  if (route.scope === 'admin') return [{ adminToken: [] }];
  if (route.scope === 'wall') return [{ wallKey: [] }, { wallLink: [] }, { adminToken: [] }, {}];
  return takesKeyInQuery(route) ? [{ orderKey: [] }, { orderLink: [] }] : [];
}

function parametersOf(route: Route, components: Components): JsonSchema[] {
  return [
    ...fieldsOf(route.params, 'path', components),
    ...fieldsOf(route.query, 'query', components),
    ...(isKeyRequired(route) ? [{ $ref: '#/components/parameters/RequiredIdempotencyKey' }] : []),
    ...(route.idempotency === 'honoured' ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ...(route.problems?.includes('precondition-failed') ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
  ];
}

function fieldsOf(schema: TSchema | undefined, place: 'path' | 'query', components: Components): JsonSchema[] {
  if (schema === undefined) return [];
  const { properties, required } = schema as { properties?: Record<string, TSchema>; required?: readonly string[] };
  return Object.entries(properties ?? {}).map(([name, field]) => {
    const { description, ...rest } = components.add(field, true);
    const isRequired = place === 'path' || (required ?? []).includes(name);
    return {
      name,
      in: place,
      required: isRequired,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function successes(route: Route, components: Components): Record<string, JsonSchema> {
  const entries = Object.entries(route.responses).map(([status, schema]) => {
    const description = (schema as { description?: string }).description ?? STATUS_CODES[status] ?? 'Success';
    if ((schema as { type?: string }).type === 'null') return [status, { description }];
    if (!route.isStream) {
      return [status, { description, content: contentOf(schema, () => components.add(schema, false)) }];
    }
    const body = components.add(schema, false);
    // What each event carries; OpenAPI 3.1 has no word for the stream itself.
    const data = { type: 'string', contentMediaType: 'application/json', contentSchema: body };
    return [status, { description, content: { 'text/event-stream': { schema: data } } }];
  });
  return Object.fromEntries(entries);
}

/** Bytes have no schema: OpenAPI 3.1 tells them by their media type alone. */
function contentOf(schema: TSchema, jsonSchema: () => JsonSchema): JsonSchema {
  const mediaTypes = mediaTypesOf(schema);
  if (mediaTypes === undefined) return { 'application/json': { schema: jsonSchema() } };
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, {}]));
}

/** One response per status; its description and examples name the problems that have it. */
function problems(route: Route): Record<string, JsonSchema> {
  const byStatus = new Map<number, ProblemSlug[]>();
  for (const slug of documentedProblems(route)) {
    if (everywhere.has(slug) && !route.problems?.includes(slug)) continue;
    const [status] = problemKinds[slug];
    byStatus.set(status, [...(byStatus.get(status) ?? []), slug]);
  }
  const sorted = [...byStatus].sort(([a], [b]) => a - b);
  return Object.fromEntries(sorted.map(([status, slugs]) => [String(status), problemResponse(slugs)]));
}

function problemResponse(slugs: readonly ProblemSlug[]): JsonSchema {
  const types = slugs.map((slug) => `/problems/${slug}`);
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { type: { enum: types } } }],
  };
  return {
    description: slugs.map(describeProblem).join('\n\n'),
    content: { 'application/problem+json': { schema, examples: examplesOf(slugs) } },
  };
}

function defaultResponse(): JsonSchema {
  const schema = { $ref: '#/components/schemas/Problem' };
  const lines = [...everywhere].map((slug) => `- ${problemKinds[slug][0]} ${describeProblem(slug)}`);
  return {
    description: `What any request may meet:\n\n${lines.join('\n')}`,
    headers: { 'Retry-After': { description: 'Seconds to wait, with 429 and 503.', schema: { type: 'integer' } } },
    content: { 'application/problem+json': { schema, examples: examplesOf([...everywhere]) } },
  };
}

function describeProblem(slug: ProblemSlug): string {
  const [, title, description] = problemKinds[slug];
  return `[${title}](/problems/${slug}). ${description}`;
}

function examplesOf(slugs: readonly ProblemSlug[]): JsonSchema {
  const entries = slugs.map((slug) => {
    const [status, title] = problemKinds[slug];
    return [slug, { summary: title, value: { type: `/problems/${slug}`, title, status, requestId: 'b7Q2xk-1f' } }];
  });
  return Object.fromEntries(entries);
}

interface Components {
  readonly schemas: Record<string, JsonSchema>;
  /** The schema as the document says it: shared ones by reference. */
  add(schema: TSchema, isInput: boolean): JsonSchema;
}

const componentName = /^[A-Za-z][\w.-]*$/;

/** Schemas with an `$id` or a title are told once and referred to. */
function createComponents(): Components {
  const schemas: Record<string, JsonSchema> = {};
  const sourceByName = new Map<string, string>();
  const nameOf = (schema: JsonSchema): string | undefined => {
    const name = schema.$id ?? schema.title;
    if (typeof name !== 'string' || !componentName.test(name) || name === 'Problem') return undefined;
    const source = JSON.stringify(schema);
    const known = sourceByName.get(name);
    // Another schema of the same title stands where it is used.
    if (known !== undefined && known !== source) return undefined;
    sourceByName.set(name, source);
    return name;
  };
  const onDefinition = (name: string, schema: JsonSchema) => {
    schemas[name] = forOpenApi(schema) as JsonSchema;
  };
  return {
    schemas,
    add(schema, isInput) {
      const definitionsAt = '#/components/schemas/';
      return forOpenApi(
        normaliseSchema(schema, { isClosed: isInput, definitionsAt, onDefinition, nameOf }),
      ) as JsonSchema;
    },
  };
}

/** TypeBox writes tuples as JSON Schema once did, and a choice of words as a union of constants. */
function forOpenApi(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(forOpenApi);
  if (typeof value !== 'object' || value === null) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, forOpenApi(each)])) as JsonSchema;
  if (Array.isArray(schema.items)) {
    const { items, additionalItems: _, ...rest } = schema;
    return { ...rest, prefixItems: items, items: false };
  }
  const branches = schema.anyOf as JsonSchema[] | undefined;
  if (branches === undefined || !branches.every((branch) => typeof branch.const === 'string')) return schema;
  const { anyOf: _, ...rest } = schema;
  return { type: 'string', enum: branches.map((branch) => branch.const), ...rest };
}

const problemSchema: JsonSchema = {
  type: 'object',
  description: 'Problem details, RFC 9457. Some kinds have further members.',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'The kind of problem; opens as a page.' },
    title: { type: 'string', description: 'The same for every problem of a kind.' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What went wrong this time.' },
    requestId: { type: 'string', description: 'Quote it when you ask about this. A 404 that caches keep has none.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: {
            type: 'string',
            description: 'A JSON pointer into the body, or `#query/…`, `#params/…`, `#header/…`.',
          },
          detail: { type: 'string' },
        },
      },
    },
  },
};

const keyParameter = (isRequired: boolean): JsonSchema => ({
  name: 'Idempotency-Key',
  in: 'header',
  required: isRequired,
  description:
    'Makes a retry safe: the same key with the same request is answered as the first time was, with `Idempotency-Replayed: true`. A new UUID for each new request. A key counts for one path and one credential. Where no credential is needed it must be a UUID, or at least 22 characters of `A-Z`, `a-z`, `0-9`, `_` and `-`, so that nobody can guess it; elsewhere any 1 to 255 printable ASCII characters will do. An answer larger than 64 KiB is not kept: a retry is not run again but answered with the problem `idempotency-answer-not-kept` and, if there is one, the resource’s `location`.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
});

const ifMatch: JsonSchema = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The `ETag` that you have seen: change it only if it is still that.',
  schema: { type: 'string' },
};

const securitySchemes: Record<string, JsonSchema> = {
  adminToken: { type: 'http', scheme: 'bearer', description: "The shop's staff." },
  orderKey: { type: 'http', scheme: 'bearer', description: 'The `key` of the order.' },
  wallKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'The key of the sale wall; nothing is needed where the wall is public.',
  },
  wallLink: { type: 'apiKey', in: 'query', name: 'key', description: 'The key of the sale wall, in its link.' },
  orderLink: { type: 'apiKey', in: 'query', name: 'key', description: 'The `key` of the order, in a link.' },
};

const guide = `## Conventions

- **Errors** are [problem details](https://www.rfc-editor.org/rfc/rfc9457): \`type\` tells the kind and opens as a page, \`errors\` names each wrong field by a JSON pointer. [All kinds](/problems).
- **Money** is an integer in the currency's minor unit (\`amountMinor\`) beside its ISO 4217 \`currency\`. **Instants** are Unix milliseconds.
- **Unknown fields** are refused, in bodies and in queries.
- **Retries** are safe where a route takes an \`Idempotency-Key\`, and where its description says so.
- **Lists** come in pages: \`limit\` says how many, \`nextCursor\` of one page is \`cursor\` of the next, and its absence the end.
- **Conditional requests**: send an \`ETag\` back as \`If-None-Match\` to be spared what you have, as \`If-Match\` to change only what you have seen.
- **Tracing**: \`X-Request-Id\` and \`traceparent\` are taken up, and each answer has an \`X-Request-Id\`. \`X-Deadline-Ms\` says how long you will wait.`;
