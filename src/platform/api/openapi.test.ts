import assert from 'node:assert/strict';
import test from 'node:test';
import { validate } from '@scalar/openapi-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { testDatabase } from '../testing/database.ts';
import { defineContract, type Route } from './contract.ts';
import { documentedProblems } from './documented.ts';
import { createIdempotencyStore } from './idempotency.ts';
import { apiMigrations } from './migrations.ts';
import { createOpenApi, type OpenApiDocument } from './openapi.ts';
import { problemKinds } from './problem.ts';
import { strict } from './schema.ts';
import { adminToken, createNotes, notesApi, testServer } from './testing.ts';

const database = await testDatabase([apiMigrations]);
const clock = { nowMs: () => Date.now() };
const server = await testServer({
  idempotency: createIdempotencyStore({ database, clock }),
  limits: { deadlineMs: 1000 },
});
const document = (await server.ask('GET', '/openapi.json')).body as OpenApiDocument;

test('the document is valid OpenAPI 3.1', () => {
  const result = validate(structuredClone(document));
  assert.deepEqual(result.valid ? [] : result.errors, []);
  assert.equal(document.openapi, '3.1.0');
});

test('every served route is an operation of its own; internal ones are not told of', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const served = Object.entries(notesApi.routes).filter(([, route]) => (route as Route).scope !== 'internal');
  assert.deepEqual(operations.map(({ operationId }) => operationId).sort(), served.map(([name]) => name).sort());
  assert(operations.every(({ tags, summary }) => tags[0] === 'notes' && summary.length > 0));
  assert(!JSON.stringify(document).includes('/internal/'));
});

test('what a client must send is said: keys, credentials, conditions', () => {
  const operation = (path: string, method: string) => {
    const found = document.paths[path]?.[method];
    assert(found !== undefined);
    return found;
  };
  const refs = (path: string, method: string) => JSON.stringify(operation(path, method).parameters);
  assert.match(refs('/v1/notes/{noteId}/payments', 'post'), /RequiredIdempotencyKey/);
  assert.match(refs('/v1/notes/{noteId}/native-payments', 'post'), /RequiredIdempotencyKey/);
  assert.match(refs('/v1/notes', 'post'), /\/IdempotencyKey/);
  assert.match(refs('/v1/notes/{noteId}', 'patch'), /IfMatch/);
  assert.deepEqual(operation('/v1/notes/{noteId}', 'delete').security, [{ adminToken: [] }]);
  assert.deepEqual(operation('/v1/notes/{noteId}/events', 'get').security, [{ orderKey: [] }, { orderLink: [] }]);
  assert.deepEqual(operation('/v1/notes', 'get').security, []);
});

test('schemas with a name are told once, and recursive ones refer to themselves', () => {
  const { schemas } = document.components;
  assert.deepEqual(Object.keys(schemas ?? {}).sort(), ['Folder', 'NewNote', 'Note', 'NotePage', 'Problem']);
  assert.match(JSON.stringify(schemas?.NotePage), /#\/components\/schemas\/Note"/);
  assert.match(JSON.stringify(schemas?.Folder), /#\/components\/schemas\/Folder"/);
  assert.match(JSON.stringify(schemas?.Note), /"importance":\{"type":"string","enum":\["low","high"\]\}/);
});

test('two routes of one name, and a problem that does not exist, stop the start', () => {
  const info = { title: 'x', version: '1' };
  assert.throws(() => createOpenApi({ contracts: [notesApi, notesApi], info }), /two services have a route named/);
  const misspelt = defineContract({
    name: 'misspelt',
    routes: { a: { ...notesApi.routes.getNote, path: '/a', problems: ['not-fuond'] } },
  });
  assert.throws(() => createOpenApi({ contracts: [misspelt], info }), /not-fuond/);
});

test('an operation documents each problem that its policy and its contract bring', () => {
  for (const [name, route] of Object.entries(notesApi.routes)) {
    if ((route as Route).scope === 'internal') continue;
    const documented = documentedOf(document, name);
    for (const slug of documentedProblems(route))
      assert(documented(problemKinds[slug][0], `/problems/${slug}`), `${name}: ${slug}`);
  }
});

interface Asked {
  readonly operationId: string;
  readonly id?: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'doc', ...document });
server.notes.failures.fault = () => Promise.reject(Object.assign(new Error('away'), { name: 'DatabaseFault' }));
server.notes.failures.bug = () => Promise.reject(new TypeError('x'));

/** Asks, and holds the answer against what the document says of the operation. Returns the status. */
async function askByTheBook({ operationId, id = noteId, query = '', body, headers = {} }: Asked): Promise<number> {
  const { path, method } = operations.find((each) => each.operationId === operationId) ?? assert.fail(operationId);
  const isBodiless = method === 'get' || method === 'delete' || body === undefined;
  const { 'content-type': _, ...withoutType } = headers;
  const url = path.replace('{noteId}', id) + query;
  const sent = isBodiless ? withoutType : headers;
  const answer = await server.ask(method.toUpperCase(), url, isBodiless ? undefined : body, sent);
  const type = answer.headers.get('content-type') ?? '';
  if (type.startsWith('application/problem+json')) {
    const isDocumented = documentedOf(document, operationId)(answer.status, answer.body.type);
    assert(isDocumented, `${operationId} answers ${answer.status} ${answer.body.type}`);
    assert(ajv.validate('doc#/components/schemas/Problem', answer.body), ajv.errorsText());
  } else if (type.startsWith('application/json')) {
    const at = encodeURIComponent(path.replaceAll('/', '~1'));
    const pointer = `doc#/paths/${at}/${method}/responses/${answer.status}/content/application~1json/schema`;
    assert(ajv.validate(pointer, answer.body), `${operationId}: ${ajv.errorsText()}`);
  }
  return answer.status;
}

const noteId = '8e03978e-40d5-43dd-bc93-6894a57f9324';
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
);

test('an answer of every status is one that the document tells of, and its body fits', async () => {
  const key = { 'idempotency-key': 'one', authorization: 'Bearer holder' };
  const cases: [number, Asked][] = [
    [200, { operationId: 'listNotes' }],
    [201, { operationId: 'addNote', body: { text: 'a' } }],
    [400, { operationId: 'addNote', body: {} }],
    [400, { operationId: 'pay', body: { amountMinor: 1 } }],
    [401, { operationId: 'removeNote' }],
    [402, { operationId: 'pay', body: { amountMinor: 402 }, headers: { ...key, 'idempotency-key': 'two' } }],
    [404, { operationId: 'getNote' }],
    [409, { operationId: 'addNote', body: { text: 'taken' } }],
    [201, { operationId: 'pay', body: { amountMinor: 1 }, headers: key }],
    [422, { operationId: 'pay', body: { amountMinor: 2 }, headers: key }],
    [413, { operationId: 'addNote', body: { text: 'x'.repeat(300_000) } }],
    [415, { operationId: 'addNote', body: {}, headers: { 'content-type': 'text/plain' } }],
    [500, { operationId: 'fail', body: { how: 'bug' } }],
    [503, { operationId: 'fail', body: { how: 'fault' } }],
    [200, { operationId: 'putFolder', body: { name: 'a', folders: [{ name: 'b', folders: [] }] } }],
  ];
  for (const [status, asked] of cases)
    assert.equal(await askByTheBook(asked), status, JSON.stringify(asked).slice(0, 200));
});

test('whatever is asked, the answer is one that the document tells of, and its body fits', async () => {
  const value = fc.oneof(
    fc.constantFrom('fault', 'bug', 'taken', 402, 1, 'a', null, true, []),
    fc.string({ maxLength: 5 }),
    fc.integer(),
  );
  const asked = fc.record({
    operationId: fc.constantFrom(...operations.map((each) => each.operationId)),
    id: fc.constantFrom(noteId, noteId.replace('8', '9'), 'x'),
    query: fc.constantFrom('', '?limit=0', '?limit=2', '?cursor=zzz', '?key=k', '?x=1'),
    body: fc.option(fc.dictionary(fc.constantFrom('text', 'how', 'amountMinor', 'name', 'folders', 'extra'), value), {
      nil: undefined,
    }),
    headers: fc.record(
      {
        'idempotency-key': fc.constantFrom('a', 'b', 'a-key-that-nobody-guesses', 'another-that-nobody-guesses'),
        authorization: fc.constantFrom(`Bearer ${adminToken}`, 'Bearer x'),
        'if-match': fc.constantFrom('"1"', '*'),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Record<string, string>>,
  });
  await fc.assert(
    fc.asyncProperty(asked, async (each) => void (await askByTheBook(each))),
    { numRuns: 300 },
  );
});

test('a problem that the contract does not list is told to the log, once', async () => {
  const notes = createNotes();
  const listed = { ...notesApi.routes.getNote, problems: [] };
  const contract = defineContract({ name: 'notes', routes: { getNote: listed } });
  const unlisted = await testServer({ services: [{ contract, handlers: { getNote: notes.handlers.getNote } }] });
  for (let time = 0; time < 3; time++) await unlisted.ask('GET', '/v1/notes/8e03978e-40d5-43dd-bc93-6894a57f9324');
  const told = unlisted.lines.filter(({ slug }) => slug === 'not-found');
  assert.equal(told.length, 1);
});

test('a name stands for one schema: another of the same title is told where it is used', () => {
  const base = notesApi.routes.getNote;
  const contract = defineContract({
    name: 'two',
    routes: {
      a: { ...base, path: '/a/:noteId', responses: { 200: strict({}, { title: 'Thing' }) } },
      b: {
        ...base,
        path: '/b/:noteId',
        responses: { 200: strict({ noteId: base.params.properties.noteId }, { title: 'Thing' }) },
      },
    },
  });
  const two = createOpenApi({ contracts: [contract], info: { title: 'x', version: '1' } });
  assert.deepEqual(two.paths['/a/{noteId}']?.get?.responses['200']?.content, {
    'application/json': { schema: { $ref: '#/components/schemas/Thing' } },
  });
  assert.match(JSON.stringify(two.paths['/b/{noteId}']?.get?.responses['200']), /"noteId"/);
});

/** Whether a problem is told of at an operation, by its status or among those of every route. */
function documentedOf(openapi: OpenApiDocument, operationId: string): (status: number, type: string) => boolean {
  const operation = Object.values(openapi.paths)
    .flatMap((path) => Object.values(path))
    .find((each) => each.operationId === operationId);
  assert(operation !== undefined);
  const everywhere = JSON.stringify(openapi.components.responses);
  return (status, type) =>
    JSON.stringify(operation.responses[String(status)] ?? {}).includes(`"${type}"`) ||
    (operation.responses.default !== undefined && everywhere.includes(`"${type}"`));
}
