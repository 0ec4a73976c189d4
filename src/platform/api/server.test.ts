import assert, { AssertionError } from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { LaneClosed, LaneFull } from '../batch/lane.ts';
import { DatabaseFault } from '../database/database.ts';
import { adminToken, rawRequest, testServer } from './testing.ts';

const bugs: unknown[] = [];
const reasons: string[] = [];
const server = await testServer({
  onBug: (error) => bugs.push(error),
  readiness: async () => reasons,
  accessLog: { sampleEvery: 1, slowMs: 1000 },
  limits: { deadlineMs: 2000, deadlineMsMax: 5000, headersTimeoutMs: 300, requestTimeoutMs: 600 },
});
const { ask, notes, lines } = server;
const absent = '8e03978e-40d5-43dd-bc93-6894a57f9324';

async function newNote(text = 'a note') {
  const { body } = await ask('POST', '/v1/notes', { text });
  return body as { noteId: string };
}

test('a request reaches its handler with its values typed and its defaults filled in', async () => {
  const made = await ask('POST', '/v1/notes', { text: 'Grüße 🎉' });
  assert.equal(made.status, 201);
  assert.equal(made.body.importance, 'low');
  assert.equal(made.body.text, 'Grüße 🎉');
  const location = made.headers.get('location') ?? '';
  assert.equal((await ask('GET', location)).body.text, 'Grüße 🎉');
  const high = await ask('GET', '/v1/notes?isHigh=true&limit=3');
  assert.deepEqual(high.body, { items: [] });
});

test('one answer names every wrong field of body, query and path', async () => {
  const wrong = { text: '', zzz: 1, importance: 'mid', tags: [1], place: { kind: 'wall', heightCm: 'x' }, count: '5' };
  const body = await ask('POST', '/v1/notes', wrong);
  assert.equal(body.status, 400);
  assert.equal(body.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.deepEqual(
    new Set(body.body.errors.map((error: { pointer: string }) => error.pointer)),
    new Set(['/zzz', '/text', '/importance', '/tags/0', '/place/heightCm', '/count']),
  );
  const query = await ask('GET', '/v1/notes?limit=0&isHigh=maybe&unknown=1');
  assert.deepEqual(query.body.errors.map((error: { pointer: string }) => error.pointer).sort(), [
    '#query/isHigh',
    '#query/limit',
    '#query/unknown',
  ]);
  const path = await ask('PATCH', '/v1/notes/NOT-A-UUID', {});
  assert.deepEqual(
    path.body.errors.map((error: { pointer: string }) => error.pointer),
    ['#params/noteId', '/text'],
  );
});

test('of a union, the branch that was meant is told about, or the field that tells the branches apart', async () => {
  const meant = await ask('POST', '/v1/notes', { text: 'a', place: { kind: 'desk', drawer: 5 } });
  assert.deepEqual(meant.body.errors, [{ pointer: '/place/drawer', detail: 'must be a string' }]);
  const none = await ask('POST', '/v1/notes', { text: 'a', place: { kind: 'chair' } });
  assert.deepEqual(none.body.errors, [{ pointer: '/place/kind', detail: 'must be one of "wall", "desk"' }]);
});

test('a request without a schema for a part refuses that part', async () => {
  const { noteId } = await newNote();
  assert.equal((await ask('GET', `/v1/notes/${noteId}?utm=1`)).body.errors[0].pointer, '#query/utm');
  const withBody = await ask('POST', `/v1/notes/${noteId}/native-payments`, { a: 1 }, { 'idempotency-key': 'k' });
  assert.equal(withBody.body.errors[0].detail, 'this request takes no body');
  const withEmpty = await ask('POST', `/v1/notes/${noteId}/native-payments`, {}, { 'idempotency-key': 'k' });
  assert.equal(withEmpty.status, 200);
});

test('unknown paths are 404, known paths with another method 405 with Allow', async () => {
  assert.equal((await ask('GET', '/v1/nothing')).body.type, '/problems/not-found');
  const wrong = await ask('PUT', '/v1/notes');
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('allow'), 'GET, HEAD, POST');
  const options = await ask('OPTIONS', `/v1/notes/${absent}`);
  assert.equal(options.status, 204);
  assert.equal(options.headers.get('allow'), 'GET, HEAD, PATCH, DELETE');
  assert.equal((await ask('POST', '/internal/notes/inspect', { names: [] })).status, 404);
});

test('HEAD answers as GET does, without the body', async () => {
  const { noteId } = await newNote();
  const get = await ask('GET', `/v1/notes/${noteId}`);
  const head = await ask('HEAD', `/v1/notes/${noteId}`);
  assert.equal(head.status, 200);
  assert.equal(head.body, '');
  assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
  assert.equal(head.headers.get('etag'), '"1"');
});

test('scope admin: no token and a wrong one are 401 with a challenge, before the body is read', async () => {
  const none = await ask('DELETE', `/v1/notes/${absent}`);
  assert.equal(none.status, 401);
  assert.equal(none.headers.get('www-authenticate'), 'Bearer realm="admin"');
  const wrong = await ask('DELETE', `/v1/notes/${absent}`, undefined, { authorization: 'Bearer guess' });
  assert.equal(wrong.headers.get('www-authenticate'), 'Bearer realm="admin", error="invalid_token"');
  const { noteId } = await newNote();
  const right = await ask('DELETE', `/v1/notes/${noteId}`, undefined, { authorization: `bearer ${adminToken}` });
  assert.equal(right.status, 204);
  assert.equal(right.headers.get('content-type'), null);
  assert.equal(right.body, '');
});

test('a sane request id is taken up and told; any other is replaced', async () => {
  const told = await ask('GET', '/v1/notes', undefined, { 'x-request-id': 'abc-123' });
  assert.equal(told.headers.get('x-request-id'), 'abc-123');
  for (const insane of ['a b', 'x'.repeat(200), 'ann@example.org']) {
    const id = (await ask('GET', '/v1/notes', undefined, { 'x-request-id': insane })).headers.get('x-request-id');
    assert.match(id ?? '', /^[\w.-]{4,40}$/);
  }
  const problem = await ask('GET', '/v1/nothing', undefined, { 'x-request-id': 'abc-124' });
  assert.equal(problem.body.requestId, 'abc-124');
});

test('a trace is continued with a span of its own, and begun where there is none or a broken one', async () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const traceIdOf = async (traceparent: string) => {
    lines.length = 0;
    await ask('GET', '/v1/notes', undefined, { traceparent });
    return lines.at(-1)?.traceId;
  };
  assert.equal(await traceIdOf(`00-${trace}-b7ad6b7169203331-01`), trace);
  for (const broken of ['00-zz', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
    assert.match(String(await traceIdOf(broken)), /^(?!0+$)[0-9a-f]{32}$/);
  }
});

test('If-None-Match: what the client has is not sent again', async () => {
  const { noteId } = await newNote();
  const status = async (header: string) =>
    (await ask('GET', `/v1/notes/${noteId}`, undefined, { 'if-none-match': header })).status;
  for (const same of ['"1"', 'W/"1"', '*', '"0", "1"', '"0" ,W/"1"']) assert.equal(await status(same), 304, same);
  for (const other of ['"2"', '1', '"11"', 'W/"0"']) assert.equal(await status(other), 200, other);
  const answer = await ask('GET', `/v1/notes/${noteId}`, undefined, { 'if-none-match': '"1"' });
  assert.equal(answer.headers.get('etag'), '"1"');
  assert.equal(answer.headers.get('content-length'), null);
});

test('If-Match reaches the handler, which compares strongly', async () => {
  const { noteId } = await newNote();
  const change = (ifMatch: string) => ask('PATCH', `/v1/notes/${noteId}`, { text: 'new' }, { 'if-match': ifMatch });
  assert.equal((await change('"0"')).status, 412);
  assert.equal((await change('W/"1"')).status, 412);
  assert.equal((await change('"9", "1"')).status, 200);
  assert.equal((await change('*')).body.version, 3);
});

test('what a route says of caching is told; everything else is not kept', async () => {
  assert.equal(
    (await ask('GET', '/v1/notes')).headers.get('cache-control'),
    'public, max-age=5, stale-while-revalidate=60',
  );
  assert.equal((await ask('POST', '/v1/notes', { text: 'a' })).headers.get('cache-control'), 'no-store');
  assert.equal((await ask('GET', '/v1/notes?limit=0')).headers.get('cache-control'), 'no-store');
});

test('a handler that is late is answered for with 504, and told', async () => {
  const told = Promise.withResolvers<void>();
  notes.failures.late = async ({ signal }) => {
    await once(signal ?? new EventTarget(), 'abort');
    told.resolve();
  };
  const late = await ask('POST', '/v1/failures', { how: 'late' }, { 'x-deadline-ms': '100' });
  assert.equal(late.status, 504);
  assert.equal(late.body.type, '/problems/timeout');
  await told.promise;
});

test('a deadline that is no number of milliseconds is refused, and one beyond all bounds is cut short', async () => {
  for (const bad of ['abc', '-5', '1.5', '1e3', '']) {
    const refused = await ask('POST', '/v1/notes', { text: 'a' }, { 'x-deadline-ms': bad });
    assert.equal(refused.status, 400, bad);
    assert.match(JSON.stringify(refused.body), /#header\/X-Deadline-Ms.*whole number of milliseconds/);
  }
  const long = await ask('POST', '/v1/notes', { text: 'a' }, { 'x-deadline-ms': '9'.repeat(30) });
  assert.equal(long.status, 201);
});

test('a fault is 503 with Retry-After, without details; a bug 500, logged with the request id', async () => {
  lines.length = 0;
  notes.failures.fault = async () => {
    throw new DatabaseFault('host 10.0.0.5 refused', { cause: new Error('secret') });
  };
  notes.failures.bug = async () => {
    throw new TypeError('cannot read the secret of undefined');
  };
  const fault = await ask('POST', '/v1/failures', { how: 'fault' });
  assert.equal(fault.status, 503);
  assert.equal(fault.headers.get('retry-after'), '1');
  assert(!JSON.stringify(fault.body).includes('10.0.0.5'));
  const bug = await ask('POST', '/v1/failures', { how: 'bug' }, { 'x-request-id': 'find-me' });
  assert.equal(bug.status, 500);
  assert.deepEqual(Object.keys(bug.body).sort(), ['requestId', 'status', 'title', 'type']);
  const line = lines.find((each) => each.level === 'error') as { requestId: string; error: { stack: string[] } };
  assert.equal(line.requestId, 'find-me');
  assert.match(line.error.stack.join(), /server\.test\.ts/);
  assert.equal(bugs.length, 0);
});

test('a lane that is full or closing is 503 with Retry-After, and no bug', async () => {
  for (const refusal of [new LaneFull('the lane has 3 waiting'), new LaneClosed('the lane is closing')]) {
    lines.length = 0;
    notes.failures.lane = () => Promise.reject(refusal);
    const refused = await ask('POST', '/v1/failures', { how: 'lane' });
    assert.deepEqual([refused.status, refused.body.type], [503, '/problems/overloaded']);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert(!lines.some(({ level }) => level === 'error' || level === 'warn'));
  }
});

test('an assertion that fails is answered with 500 and then stops the process', async () => {
  notes.failures.assertion = async () => assert.equal(1 as number, 2);
  assert.equal((await ask('POST', '/v1/failures', { how: 'assertion' })).status, 500);
  while (bugs.length === 0) await new Promise(setImmediate);
  assert(bugs.pop() instanceof AssertionError);
});

test('an answer that does not fit its contract is 500, and tells nothing', async () => {
  const { noteId } = await newNote();
  const note = notes.notes.get(noteId);
  assert(note !== undefined);
  notes.notes.set(noteId, { ...note, version: 'seven' as unknown as number });
  const listed = await ask('GET', '/v1/notes');
  notes.notes.delete(noteId);
  assert.equal(listed.status, 500);
  assert.equal(listed.body.type, '/problems/internal-error');
});

test('a client that goes away aborts the signal', async () => {
  const controller = new AbortController();
  const seen = Promise.withResolvers<AbortSignal>();
  notes.events = async function* (_, signal) {
    if (signal !== undefined) seen.resolve(signal);
    yield { event: 'hello', data: {} };
    await once(signal ?? new EventTarget(), 'abort');
  };
  const response = await fetch(`${server.url}/v1/notes/${absent}/events`, { signal: controller.signal });
  assert.equal(response.status, 200);
  const signal = await seen.promise;
  assert.equal(signal.aborted, false);
  controller.abort();
  if (!signal.aborted) await once(signal, 'abort');
});

test('a capability comes as a bearer token or in the link, and is no field of the query', async () => {
  const watch = async (path: string, headers = {}) => (await ask('GET', path, undefined, headers)).status;
  notes.events = async function* () {};
  assert.equal(await watch(`/v1/notes/${absent}/events?key=abc`), 200);
  assert.equal(await watch(`/v1/notes/${absent}/events`, { authorization: 'Bearer abc' }), 200);
  assert.equal(await watch(`/v1/notes/${absent}/events?key=a&key=b`), 400);
  assert.equal(await watch(`/v1/notes/${absent}/events?kee=abc`), 400);
  assert.equal(await watch('/v1/notes?key=abc'), 400);
});

test('a webhook gets its bytes as they came, and its signature', async () => {
  const text = '{ "a" : 1.0,\n"b":"é" }';
  const headers = { 'content-type': 'application/json', signature: 't=1,v1=abc' };
  const response = await fetch(`${server.url}/v1/webhooks`, { method: 'POST', body: text, headers });
  assert.deepEqual(await response.json(), { bytes: text, signature: 't=1,v1=abc' });
});

test('a recursive body is checked all the way down', async () => {
  const tree = { name: 'a', folders: [{ name: 'b', folders: [{ name: 'c', folders: [] }] }] };
  assert.deepEqual((await ask('PUT', '/v1/folder', tree)).body, tree);
  const wrong = { name: 'a', folders: [{ name: 'b', folders: [{ name: 'c', folders: [], extra: 1 }] }] };
  assert.equal((await ask('PUT', '/v1/folder', wrong)).body.errors[0].pointer, '/folders/0/folders/0/extra');
});

test('slow clients are told 408', async () => {
  const head = await rawRequest(server.port, 'GET /v1/notes HTTP/1.1\r\nhost: x\r\n', 3000);
  assert.match(head, /^HTTP\/1\.1 408 [\s\S]*\/problems\/request-timeout/);
  const body = 'POST /v1/notes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"te';
  assert.match(await rawRequest(server.port, body, 3000), /^HTTP\/1\.1 408 /);
});

test('probes and metrics', async () => {
  assert.equal((await ask('GET', '/livez')).body.status, 'ok');
  assert.equal((await ask('GET', '/readyz')).status, 200);
  reasons.push('The database does not answer.');
  const unready = await ask('GET', '/readyz');
  assert.equal(unready.status, 503);
  assert.deepEqual(unready.body.reasons, ['The database does not answer.']);
  reasons.length = 0;
  await newNote();
  const metrics = await ask('GET', '/metrics');
  assert.match(metrics.body, /onrush_http_request_seconds_count\{route="POST \/v1\/notes",status="2xx"\} [1-9]/);
  assert.match(metrics.body, /onrush_http_requests_open \d/);
  const proxied = { 'x-forwarded-for': '203.0.113.9' };
  assert.equal((await ask('GET', '/metrics', undefined, proxied)).status, 401);
  const asAdmin = { ...proxied, authorization: `Bearer ${adminToken}` };
  assert.equal((await ask('GET', '/metrics', undefined, asAdmin)).status, 200);
});

test('the access log names the route, never the URL', async () => {
  lines.length = 0;
  await ask('GET', `/v1/notes/${absent}/events?key=secret-capability`);
  const text = JSON.stringify(lines);
  assert.match(text, /GET \/v1\/notes\/:noteId\/events/);
  assert(!text.includes('secret-capability'));
});

test('a server that stops answers what it has begun and hangs up', async () => {
  const stopping = await testServer();
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  stopping.notes.failures.wait = async () => {
    begun.resolve();
    await go.promise;
  };
  const answer = stopping.ask('POST', '/v1/failures', { how: 'wait' });
  await begun.promise;
  const closed = stopping.app.close();
  await new Promise(setImmediate);
  go.resolve();
  const { status, headers } = await answer;
  assert.equal(status, 200);
  assert.equal(headers.get('connection'), 'close');
  await closed;
  await assert.rejects(fetch(stopping.url));
});

test('what the site answers at once is not refused on the wire by a gate that it would never meet', async () => {
  const busy = 'HTTP/1.1 503 Busy\r\ncontent-length: 7\r\n\r\non wire';
  const { url, port } = await testServer({
    site: {
      attach() {},
      answerAtOnce(request, response) {
        if (request.url !== '/line') return false;
        response.end('at once');
        return true;
      },
      errorPage: () => undefined,
    },
    innerGates: [
      { name: 'busy', pass: (_request, response) => void response.writeHead(503).end('by gate'), onWire: () => busy },
    ],
  });
  const said = async (path: string) => (await fetch(url + path, { headers: { accept: 'application/json' } })).text();
  assert.equal(await said('/line'), 'at once');
  assert.equal(await said('/other'), 'by gate');
  assert.match(await rawRequest(port, 'GET /v1/notes HTTP/1.1\r\nHost: a\r\n\r\n'), /on wire$/);
});
