import assert from 'node:assert/strict';
import test from 'node:test';
import { validate } from '@scalar/openapi-validator';
import { Type } from 'typebox';
import { areBytes, type Bytes, bytesOf } from './bytes.ts';
import { connectHttp } from './client.ts';
import { type Client, defineContract, type Handlers } from './contract.ts';
import { connectInProcess } from './in-process.ts';
import { isProblem, problem } from './problem.ts';
import { strict } from './schema.ts';
import { testServer } from './testing.ts';
import { createValidation } from './validation.ts';

const types = ['image/png', 'image/svg+xml'];

const drawingsApi = defineContract({
  name: 'drawings',
  routes: {
    putDrawing: {
      method: 'PUT',
      path: '/v1/drawings/:name',
      summary: 'Put up a drawing',
      scope: 'public',
      importance: 'standard',
      idempotency: 'by-nature',
      params: strict({ name: Type.String() }),
      body: bytesOf(types),
      bodyLimitBytes: 1000,
      responses: { 201: strict({ bytes: Type.Integer(), contentType: Type.String() }) },
    },
    getDrawing: {
      method: 'GET',
      path: '/v1/drawings/:name',
      summary: 'See a drawing',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      cache: {
        maxAgeS: 10,
        staleWhileRevalidateS: 0,
        notFoundMaxAgeS: 3,
        shared: true,
        tags: ({ params }) => [`drawing:${params.name}`],
      },
      params: strict({ name: Type.String() }),
      responses: { 200: bytesOf(types, 'As it was put up.') },
      problems: ['not-found'],
    },
  },
});

const drawings = new Map<string, Bytes>();
const handlers: Handlers<typeof drawingsApi> = {
  async putDrawing({ params, body }) {
    drawings.set(params.name, body);
    return { status: 201, body: { bytes: body.bytes.length, contentType: body.contentType } };
  },
  async getDrawing({ params }) {
    const drawing = drawings.get(params.name);
    if (drawing === undefined) return problem('not-found');
    const headers = { etag: params.name, 'content-security-policy': "default-src 'none'" };
    return { status: 200, body: drawing, headers };
  },
};
const service = { contract: drawingsApi, handlers };
const server = await testServer({ services: [service] });
const url = `${server.url}/v1/drawings`;
// Every byte there is, among them those that no text has.
const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);

function put(name: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string>) {
  return fetch(`${url}/${name}`, { method: 'PUT', body, headers });
}

test('bytes arrive and leave as they are, with their type, policy and tag', async () => {
  const made = await put('bytes', everyByte, { 'content-type': 'image/svg+xml; charset=utf-8' });
  assert.deepEqual([made.status, await made.json()], [201, { bytes: 256, contentType: 'image/svg+xml' }]);
  const got = await fetch(`${url}/bytes`);
  assert.deepEqual(new Uint8Array(await got.arrayBuffer()), everyByte);
  const wanted = {
    'content-type': 'image/svg+xml',
    'content-length': '256',
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=10, stale-while-revalidate=0',
    'content-security-policy': "default-src 'none'",
    etag: '"bytes"',
  };
  for (const [name, value] of Object.entries(wanted)) assert.equal(got.headers.get(name), value, name);
  const known = await fetch(`${url}/bytes`, { headers: { 'if-none-match': '"bytes"' } });
  assert.deepEqual([known.status, (await known.arrayBuffer()).byteLength], [304, 0]);
});

test('HEAD tells the length and sends nothing', async () => {
  await put('head', everyByte, { 'content-type': 'image/png' });
  const head = await fetch(`${url}/head`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), '256');
  assert.equal(head.headers.get('content-type'), 'image/png');
  assert.equal((await head.arrayBuffer()).byteLength, 0);
});

test('what is not of its types is refused with a sentence that names them', async () => {
  for (const contentType of ['application/json', 'text/html', 'image/gif']) {
    const refused = await put('wrong', everyByte, { 'content-type': contentType });
    const { type, detail } = (await refused.json()) as { type: string; detail: string };
    assert.deepEqual([refused.status, type], [415, '/problems/unsupported-media-type'], contentType);
    assert.match(detail, /image\/png, image\/svg\+xml/);
  }
  assert.equal((await put('wrong', everyByte, { 'content-type': 'nonsense' })).status, 415);
  const gzipped = await put('wrong', everyByte, { 'content-type': 'image/png', 'content-encoding': 'gzip' });
  assert.equal(gzipped.status, 415);
  assert(!drawings.has('wrong'));
});

test('too many bytes, and none at all, have answers of their own', async () => {
  assert.equal((await put('large', new Uint8Array(1001), { 'content-type': 'image/png' })).status, 413);
  assert.equal((await put('empty', new Uint8Array(0), { 'content-type': 'image/png' })).status, 400);
  assert.equal((await fetch(`${url}/nothing`, { method: 'PUT' })).status, 400);
});

test('what is not there is told as a problem, for shared caches alone, and with a token for none', async () => {
  const [absent, own] = [
    await fetch(`${url}/nothing`),
    await fetch(`${url}/nothing`, { headers: { authorization: 'x' } }),
  ];
  const told = await Promise.all(
    [absent, own].map(async (answer) => [answer.status, Object.keys((await answer.json()) as object)]),
  );
  assert.deepEqual(told, [
    [404, ['type', 'title', 'status']],
    [404, ['type', 'title', 'status', 'requestId']],
  ]);
  const said = (answer: Response) => ['cache-control', 'cache-tag'].map((name) => answer.headers.get(name));
  assert.deepEqual(said(absent), ['max-age=0, s-maxage=3', 'drawing:nothing']);
  assert.deepEqual(said(own), ['no-store', null]);
});

const validation = createValidation();
const clients: Record<string, Client<typeof drawingsApi>> = {
  'over HTTP': connectHttp(drawingsApi, { baseUrl: server.url }),
  'in this process': connectInProcess(service, { validation }),
};
for (const [how, client] of Object.entries(clients)) {
  test(`a client ${how} holds bytes as the handler does, and its own copy`, async () => {
    const bytes = Uint8Array.from(everyByte);
    const params = { name: 'client' };
    const made = await client.putDrawing({ params, body: { contentType: 'image/png', bytes } });
    assert(made.status === 201 && !isProblem(made));
    assert.deepEqual(made.body, { bytes: 256, contentType: 'image/png' });
    bytes.fill(0);
    const got = await client.getDrawing({ params });
    assert(got.status === 200 && !isProblem(got));
    assert.deepEqual(got.body, { contentType: 'image/png', bytes: everyByte });
    assert(areBytes(got.body, types));
    got.body.bytes.fill(0);
    assert.deepEqual(Buffer.from(drawings.get('client')?.bytes ?? []), Buffer.from(everyByte));
  });
}

test('a caller in this process who passes other than the contract says has a bug', async () => {
  const client = connectInProcess(service);
  const body = { contentType: 'text/html', bytes: everyByte };
  await assert.rejects(client.putDrawing({ params: { name: 'a' }, body }), { name: 'AssertionError' });
});

test('the document tells bytes by their media types', async () => {
  const { body: document } = await server.ask('GET', '/openapi.json');
  const result = validate(structuredClone(document));
  assert.deepEqual(result.valid ? [] : result.errors, []);
  const path = document.paths['/v1/drawings/{name}'];
  assert.deepEqual(path.put.requestBody.content, { 'image/png': {}, 'image/svg+xml': {} });
  assert.deepEqual(path.get.responses[200], {
    description: 'As it was put up.',
    content: { 'image/png': {}, 'image/svg+xml': {} },
  });
});
