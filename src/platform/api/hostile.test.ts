import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { adminToken, rawRequest, testServer } from './testing.ts';

const server = await testServer({ limits: { requestTimeoutMs: 1000, headersTimeoutMs: 1000 } });
const { ask, notes } = server;
const absent = '8e03978e-40d5-43dd-bc93-6894a57f9324';
const json = { 'content-type': 'application/json' };

async function send(body: string | Buffer, headers: Record<string, string> = json, path = '/v1/notes') {
  const response = await fetch(server.url + path, { method: 'POST', body: body as string, headers });
  const problem = (await response.json()) as { type: string; errors?: { pointer: string; detail: string }[] };
  return { status: response.status, kind: problem.type, problem };
}

/** One whole request over a socket of its own: for what no HTTP client would send. */
async function sendRaw(head: string[], body: string | Buffer = '') {
  const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
  const text = await rawRequest(server.port, bytes);
  return { status: Number(text.slice(9, 12)), text };
}

test('bodies that are no JSON say so, where it can be said', async () => {
  for (const body of ['{', '{"text":}', "{'text':'a'}", 'null x', '[1,2', '"', '{"text":"a",}', '\u0000', 'NaN']) {
    const { status, kind, problem } = await send(body);
    assert.equal(status, 400, body);
    assert.equal(kind, '/problems/bad-request');
    assert.match(problem.errors?.[0]?.detail ?? '', /is not JSON/);
  }
  const broken = await send(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]));
  assert.equal(broken.problem.errors?.[0]?.detail, 'is not UTF-8');
  assert.equal((await send('')).problem.errors?.[0]?.detail, 'a JSON body is required');
});

test('JSON of another shape is refused', async () => {
  for (const body of ['null', '[]', '5', '"text"', 'true', '[[[[]]]]', '{}']) {
    const { status, problem } = await send(body);
    assert.equal(status, 400, body);
    assert(problem.errors !== undefined && problem.errors.length > 0, body);
  }
});

test('huge bodies are 413, whether they say their length or not', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(300 * 1024) });
  assert.equal((await send(body)).kind, '/problems/too-large');
  const head = ['POST /v1/notes HTTP/1.1', 'host: x', 'content-type: application/json', 'transfer-encoding: chunked'];
  const chunk = `${(65_536).toString(16)}\r\n${' '.repeat(65_536)}\r\n`;
  assert.equal((await sendRaw(head, chunk.repeat(5))).status, 413);
});

test('deep JSON is refused without being walked', async () => {
  const deep = (depth: number) => `{"text":"a","tags":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const { status, problem } = await send(deep(10_000));
  assert.equal(status, 400);
  assert.match(JSON.stringify(problem), /nested too deeply/);
  const folder = (depth: number): unknown => ({ name: 'a', folders: depth === 0 ? [] : [folder(depth - 1)] });
  assert.equal((await ask('PUT', '/v1/folder', folder(10))).status, 200);
  assert.equal((await ask('PUT', '/v1/folder', folder(20))).status, 400);
});

test('prototypes cannot be reached', async () => {
  for (const body of [
    '{"text":"a","__proto__":{"isAdmin":true}}',
    '{"text":"a","\\u005f_proto__":{"isAdmin":true}}',
    '{"text":"a","constructor":{"prototype":{"isAdmin":true}}}',
    '{"text":"a","place":{"kind":"wall","heightCm":1,"__proto__":{}}}',
  ]) {
    assert.equal((await send(body)).status, 400, body);
  }
  // Also where a schema takes any field.
  assert.equal((await send('{"__proto__":{"isAdmin":true}}', json, '/v1/webhooks')).status, 400);
  assert.equal((await send('{"constructor":"a word like any other"}', json, '/v1/webhooks')).status, 200);
  assert.equal((await ask('GET', '/v1/notes?__proto__=1')).status, 400);
  assert.equal((await ask('GET', '/v1/notes?constructor=1')).status, 400);
  assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
});

test('NUL and halves of characters are refused in every place', async () => {
  for (const text of ['a\u0000b', '\ud800', '\udc00\ud800']) {
    const { status, problem } = await send(JSON.stringify({ text: 'a', tags: ['b', text] }));
    assert.equal(status, 400);
    assert.equal(problem.errors?.[0]?.pointer, '/tags/1');
  }
  assert.equal((await send('{"a\\u0000":1}', json, '/v1/webhooks')).status, 400);
  assert.equal((await ask('GET', '/v1/notes?tag=%00')).status, 400);
  assert.equal((await ask('GET', '/v1/notes/%00')).status, 400);
  assert.equal((await ask('GET', '/v1/notes/%ff%fe')).status, 400);
  assert.equal((await ask('GET', '/v1/notes/%zz')).status, 400);
});

test('numbers: no text that looks like one, none out of range, none that is none', async () => {
  for (const count of ['"5"', '1e400', '-1', '0', '101', '1.5', 'true', 'null', '9007199254740993', '[5]']) {
    const { status, problem } = await send(`{"text":"a","count":${count}}`);
    assert.equal(status, 400, count);
    assert.equal(problem.errors?.[0]?.pointer, '/count', count);
  }
  for (const limit of [
    '-1',
    '0',
    '101',
    '1.5',
    'NaN',
    'Infinity',
    '1e999',
    '',
    '5x',
    '0x10',
    '%205',
    '1e1',
    '99999999999999999999',
  ]) {
    assert.equal((await ask('GET', `/v1/notes?limit=${limit}`)).status, 400, limit);
  }
});

test('other media types are 415', async () => {
  for (const type of [
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
  ]) {
    assert.equal((await send('{"text":"a"}', { 'content-type': type })).kind, '/problems/unsupported-media-type', type);
  }
  assert.equal((await send('{"text":"a"}', { 'content-type': 'json' })).status, 415);
  const coded = await send('{"text":"a"}', { ...json, 'content-encoding': 'gzip' });
  assert.equal(coded.kind, '/problems/unsupported-media-type');
  assert.equal((await send('{"text":"a"}', { 'content-type': 'application/json; charset=UTF-8' })).status, 201);
});

test('requests that are no HTTP get a problem and the door', async () => {
  const cases: [string[], number][] = [
    [['GETT /v1/notes HTTP/1.1', 'host: x'], 400],
    [['GET /v1/notes HTTP/1.1', 'host: x', 'content-length: 5', 'content-length: 6'], 400],
    [['POST /v1/notes HTTP/1.1', 'host: x', 'content-length: 5', 'transfer-encoding: chunked'], 400],
    [['GET /v1/notes HTTP/1.1', 'host: x', `x-long: ${'a'.repeat(20_000)}`], 431],
    [[`GET /v1/notes?${'a'.repeat(20_000)} HTTP/1.1`, 'host: x'], 431],
    [['GET /v1/notes HTTP/1.1', 'host: x', 'bad header: a'], 400],
    [['POST /v1/notes HTTP/1.1', 'host: x', 'expect: 200-ok', 'content-length: 2'], 417],
    [['POST /v1/notes HTTP/1.1', 'host: x', 'content-length: -1'], 400],
  ];
  for (const [head, status] of cases) {
    const answer = await sendRaw(head);
    assert.equal(answer.status, status, head.join(' | ').slice(0, 200));
    assert.match(answer.text, /application\/problem\+json/);
    assert.match(answer.text, /connection: close/i);
  }
});

test('duplicate headers that matter are refused or counted once', async () => {
  const head = (...headers: string[]) => [
    `POST /v1/notes/${absent}/payments HTTP/1.1`,
    'host: x',
    'content-type: application/json',
    'content-length: 17',
    ...headers,
  ];
  const twoKeys = await sendRaw(head('idempotency-key: a', 'idempotency-key: b'), '{"amountMinor":1}');
  assert.equal(twoKeys.status, 400);
  assert.match(twoKeys.text, /more than once/);
  const noHost = await sendRaw(['GET /v1/notes HTTP/1.1', 'connection: close']);
  assert.equal(noHost.status, 400);
  assert.match(noHost.text, /There is no Host header/);
  const expecting = await sendRaw(['GET /v1/notes HTTP/1.1', 'host: a@b', 'expect: tea', 'connection: close']);
  assert.match(
    expecting.text,
    /^HTTP\/1\.1 400 .*The Host header is not a host/s,
    'who expects something passes the gates as well',
  );
  const twoIds = await sendRaw([
    'GET /v1/notes HTTP/1.1',
    'host: x',
    'connection: close',
    'x-request-id: a',
    'x-request-id: b',
  ]);
  assert.doesNotMatch(twoIds.text, /x-request-id: a\r/);
  const twoTokens = [
    'DELETE /v1/notes/x HTTP/1.1',
    'host: x',
    'connection: close',
    'authorization: Bearer guess',
    `authorization: Bearer ${adminToken}`,
  ];
  assert.equal((await sendRaw(twoTokens)).status, 401);
});

// That none of our patterns backtracks over them is for test/regular-expressions.test.ts.
test('long text and long lists are refused, and few of their faults are named', async () => {
  for (const contact of [
    'a'.repeat(4000),
    `a@${'a-'.repeat(2000)}`,
    `${'a.'.repeat(2000)}@b`,
    `a@${'a.'.repeat(2000)}`,
  ]) {
    assert.equal((await send(JSON.stringify({ text: 'a', contact }))).status, 400);
  }
  const many = JSON.stringify({ text: 'a', tags: Array.from({ length: 60_000 }, () => 1) });
  const { status, problem } = await send(many);
  assert.equal(status, 400);
  assert((problem.errors?.length ?? 0) <= 20);
});

test('SQL and markup in every field are text like any other', async () => {
  for (const text of [
    "'; drop table note; --",
    '<script>alert(1)</script>',
    '${7*7}',
    '%s%n',
    '\\x00',
    '🏴‍☠️ ‮ｔｅｘｔ',
  ]) {
    const made = await ask('POST', '/v1/notes', { text });
    assert.equal(made.status, 201, text);
    assert.equal((await ask('GET', `/v1/notes/${made.body.noteId}`)).body.text, text);
  }
});

test('whatever JSON is sent, the answer is 201 or a 400 that names fields, and nothing else happens', async () => {
  const before = notes.notes.size;
  let made = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.json({ maxDepth: 4 }),
        fc
          .record(
            { text: fc.anything(), importance: fc.anything(), tags: fc.anything(), place: fc.anything() },
            { requiredKeys: [] },
          )
          .map(
            (value) => JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? 'null',
          ),
      ),
      async (body) => {
        const { status, problem } = await send(body);
        if (status === 201) made += 1;
        else {
          assert.equal(status, 400, body);
          assert.equal(problem.type, '/problems/bad-request');
          assert(problem.errors !== undefined && problem.errors.length > 0, body);
        }
      },
    ),
    { numRuns: 200 },
  );
  assert.equal(notes.notes.size - before, made);
});

test('whatever bytes come over the socket, the server answers the next one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, isAfterHead) => {
      const head = isAfterHead ? 'POST /v1/notes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n' : '';
      await rawRequest(server.port, Buffer.concat([Buffer.from(head), Buffer.from(bytes)]), 15);
    }),
    { numRuns: 60 },
  );
  assert.equal((await ask('GET', '/livez')).status, 200);
  assert.deepEqual(
    server.lines.filter(({ level }) => level === 'error'),
    [],
  );
});
