import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { createHttpServer } from '../../platform/api/server.ts';
import { asFault, type Database } from '../../platform/database/database.ts';
import { sql } from '../../platform/database/sql.ts';
import { until } from '../../platform/testing/until.ts';
import { createStaticPages } from './static-pages.ts';
import { pageTags } from './tags.ts';
import { errorHtml } from './testdata/error-page.ts';
import { openStore, thingKind, thingShop } from './testdata/things.ts';

const { ctx, put } = await thingShop();
const { database } = ctx;

/** The database as the pages see it: counted, and gone when the test says so. */
let isAway = false;
let queryCount = 0;
const browsing: Database = {
  ...database,
  run(statement) {
    queryCount++;
    return isAway ? Promise.reject(asFault(new Error('connection refused'))) : database.run(statement);
  },
  transaction(work, options) {
    queryCount++;
    return isAway ? Promise.reject(asFault(new Error('connection refused'))) : database.transaction(work, options);
  },
};

const kind = thingKind(browsing, {
  render: ({ title }) => `<h1>${title}</h1>${'long enough to be worth compressing '.repeat(50)}`,
});
const pages = createStaticPages({ ...ctx, browsing, buildId: () => 'build-1', stockOf: async () => new Map() }, [kind]);
const server = createHttpServer({
  services: [],
  admin: { isAdmin: () => false },
  log: ctx.log,
  metrics: ctx.metrics,
  clock: ctx.clock,
  info: { title: 'Test', version: '0' },
  readiness: async () => [],
  idempotency: undefined as never,
  innerGates: [{ name: 'cache', pass: passAsTheCacheDoes }],
  site: {
    attach: pages.attach,
    answerAtOnce: pages.answerAtOnce,
    wireAnswer: pages.wireAnswer,
    errorPage: (_request, status) => errorHtml(status),
  },
});
await server.listen({ host: '127.0.0.1', port: 0 });
const { port } = server.server.address() as { port: number };
pages.start();
after(async () => {
  await server.close();
  await pages.stop();
});

/** As the shop's cache signs what it has no part in. */
function passAsTheCacheDoes(_request: IncomingMessage, response: ServerResponse, onward: () => void): void {
  response.setHeader('cache-status', 'Onrush; fwd=bypass');
  onward();
}

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Requests as bytes, one behind the other on one connection; the answers as they come, HEAD's without a body. */
async function ask(...requests: { method?: string; path: string; headers?: Record<string, string> }[]) {
  const socket = connect(port, '127.0.0.1');
  requests.forEach(({ method = 'GET', path, headers = {} }, index) => {
    const last = index === requests.length - 1 ? { connection: 'close' } : {};
    const lines = Object.entries({ host: 'shop', ...headers, ...last }).map(([name, value]) => `${name}: ${value}`);
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  });
  let rest = Buffer.concat(await Array.fromAsync(socket as AsyncIterable<Buffer>));
  return requests.map(({ method }): Answer => {
    const end = rest.indexOf('\r\n\r\n');
    const [line = '', ...fields] = rest.toString('latin1', 0, end).split('\r\n');
    const headers = new Map(
      fields.map((field) => [field.split(': ')[0]?.toLowerCase() ?? '', field.slice(field.indexOf(': ') + 2)]),
    );
    const status = Number(line.split(' ')[1]);
    const length = method === 'HEAD' || status === 304 ? 0 : Number(headers.get('content-length') ?? 0);
    const isChunked = headers.get('transfer-encoding') === 'chunked';
    const body = isChunked ? rest.subarray(end + 4) : rest.subarray(end + 4, end + 4 + length);
    rest = isChunked ? Buffer.alloc(0) : rest.subarray(end + 4 + length);
    return { status, headers, body };
  });
}

async function one(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return (await ask({ path, headers, method }))[0] as Answer;
}

test('a page is built at its first view, and from then on a view asks the database nothing', async () => {
  await put('lamp', 'Lamp');
  assert.equal((await one('/things/lamp')).status, 200);
  const before = queryCount;
  const [own] = [(await sql<{ count: number }>`select 1 as count`.execute(database)).rows.length];
  for (let view = 0; view < 20; view++) assert.equal((await one('/things/lamp?utm_source=mail')).status, 200);
  // The builder looks for stale pages a few times a second; views add nothing to that.
  assert(queryCount - before <= 8 * (own ?? 1), `${queryCount - before} queries`);
});

test('the text is sent as brotli, gzip or plain, whatever the client takes, each with a tag of its own', async () => {
  await put('lamp', 'Lamp');
  const plain = await one('/things/lamp');
  const br = await one('/things/lamp', { 'accept-encoding': 'gzip, deflate, br, zstd' });
  const zip = await one('/things/lamp', { 'accept-encoding': 'gzip;q=0.5, br;q=0' });
  assert.match(plain.body.toString(), /<h1>/);
  assert.equal(plain.headers.get('content-encoding'), undefined);
  assert.equal(br.headers.get('content-encoding'), 'br');
  assert.equal(zip.headers.get('content-encoding'), 'gzip');
  assert.deepEqual(brotliDecompressSync(br.body), plain.body);
  assert.deepEqual(gunzipSync(zip.body), plain.body);
  assert.equal(new Set([plain, br, zip].map(({ headers }) => headers.get('etag'))).size, 3);
  for (const { headers } of [plain, br, zip]) {
    assert.equal(headers.get('vary'), 'accept-encoding');
    assert.equal(headers.get('cache-control'), 'public, max-age=10, stale-while-revalidate=60');
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.match(headers.get('etag') ?? '', /^"/);
  }
});

test('who has the page already is told so, by the tag of the coding that he would get', async () => {
  const br = await one('/things/lamp', { 'accept-encoding': 'br' });
  const etag = br.headers.get('etag') ?? '';
  for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await one('/things/lamp', { 'accept-encoding': 'br', 'if-none-match': header });
    assert.equal(answer.status, 304, header);
    assert.equal(answer.body.length, 0);
    assert.equal(answer.headers.get('etag'), etag);
    assert.equal(answer.headers.get('vary'), 'accept-encoding');
    assert.equal(answer.headers.get('content-encoding'), undefined);
  }
  assert.equal((await one('/things/lamp', { 'accept-encoding': 'gzip', 'if-none-match': etag })).status, 200);
  assert.equal((await one('/things/lamp', { 'accept-encoding': 'br', 'if-none-match': '"old"' })).status, 200);
});

test('a page says by which tag it is purged, from memory and over the wire, each path its own', async () => {
  await put('lamp', 'Lamp');
  const br = { 'accept-encoding': 'br' };
  for (const page of [await one('/things/lamp'), await one('/things/lamp', br), await one('/things/lamp?a=1', br)]) {
    assert.equal(page.headers.get('cache-tag'), pageTags('/things/lamp').join(','));
    assert.match(page.headers.get('cache-tag') ?? '', /^page:[0-9a-f]{16},pages$/);
  }
  assert.notEqual((await one('/zh/things/lamp')).headers.get('cache-tag'), pageTags('/things/lamp').join(','));
});

test('a page says whether it was kept, by the name of the kept pages and once; all else is none of theirs', async () => {
  await put('signed', 'Signed');
  const br = { 'accept-encoding': 'br' };
  const statusOf = ({ headers }: Answer) => headers.get('cache-status');
  // By fetch, which would show two lines as one.
  const first = await fetch(`http://127.0.0.1:${port}/things/signed`, { headers: { ...br, connection: 'close' } });
  assert.equal(first.headers.get('cache-status'), 'Onrush-Pages; fwd=miss; stored');
  const kept = await ask({ path: '/things/signed', headers: br }, { path: '/things/signed', headers: br });
  const etag = kept[0]?.headers.get('etag') ?? '';
  const unchanged = await one('/things/signed', { ...br, 'if-none-match': etag });
  const others = [await one('/things/signed'), await one('/things/signed', {}, 'HEAD'), unchanged];
  for (const answer of [...kept, ...others]) assert.equal(statusOf(answer), 'Onrush-Pages; hit');
  assert.equal(unchanged.status, 304);
  for (const path of ['/things/SIGNED', '/things/none', '/livez']) {
    assert.equal(statusOf(await one(path)), 'Onrush; fwd=bypass', path);
  }
});

test('HEAD says what GET would send', async () => {
  for (const encoding of ['br', 'gzip', 'identity']) {
    const got = await one('/things/lamp', { 'accept-encoding': encoding });
    const head = await one('/things/lamp', { 'accept-encoding': encoding }, 'HEAD');
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    for (const name of ['content-length', 'etag', 'content-encoding', 'content-type', 'vary']) {
      assert.equal(head.headers.get(name), got.headers.get(name), name);
    }
    assert.equal(Number(head.headers.get('content-length')), got.body.length);
  }
});

test('requests one behind the other on one connection are answered in their order', async () => {
  await put('desk', 'Desk');
  await one('/things/desk');
  const answers = await ask(
    { path: '/things/lamp' },
    { path: '/things/none', headers: { accept: 'text/html' } },
    { path: '/things/desk', method: 'HEAD' },
    { path: '/things/desk' },
    { path: '/livez' },
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 404, 200, 200, 200],
  );
  assert.match(answers[3]?.body.toString() ?? '', /Desk/);
});

test('a connection may begin with plain views and go on with anything', async () => {
  const br = { 'accept-encoding': 'gzip, br' };
  await one('/things/lamp', br);
  const etag = (await one('/things/lamp', br)).headers.get('etag') ?? '';
  const answers = await ask(
    { path: '/things/lamp', headers: br },
    { path: '/things/lamp?utm_source=x', headers: { ...br, 'if-none-match': etag } },
    { path: '/things/desk', headers: br },
    { path: '/things/none', headers: br },
    { path: '/things/lamp', headers: br },
    { path: '/livez', headers: br },
    { path: '/things/lamp', headers: { ...br, 'content-length': '0' } },
    { path: '/things/lamp', headers: br },
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 304, 200, 404, 200, 200, 200, 200],
  );
  const texts = [0, 2, 4, 7].map((index) => brotliDecompressSync(answers[index]?.body ?? Buffer.alloc(0)).toString());
  assert.deepEqual(
    texts.map((text) => text.slice(0, 15)),
    ['<h1>Lamp</h1>lo', '<h1>Desk</h1>lo', '<h1>Lamp</h1>lo', '<h1>Lamp</h1>lo'],
  );
  const headersOf = (index: number) =>
    [...(answers[index]?.headers.keys() ?? [])].filter((name) => name !== 'connection' && name !== 'keep-alive');
  assert.deepEqual(headersOf(0), headersOf(4), 'as bytes or through Node, the headers are the same');
});

test('a page has one address: others are sent to it', async () => {
  const cases = [
    ['/things/lamp/', '/things/lamp'],
    ['/things/LAMP', '/things/lamp'],
    ['/things/l%61mp?utm_source=x', '/things/lamp?utm_source=x'],
    ['/zh/things/Lamp/?a=1', '/zh/things/lamp?a=1'],
  ] as const;
  for (const [from, to] of cases) {
    const answer = await one(from);
    assert.deepEqual([answer.status, answer.headers.get('location')], [301, to]);
    assert.equal((await one(to)).status, 200);
  }
});

test('what there is no page for is the 404 of the shop, however it is written', async () => {
  for (const path of [
    '/things/none',
    '/things/%00',
    '/things/%F0%9F%8E%89',
    `/things/${'x'.repeat(200)}`,
    '/things/..%2f..%2fetc',
  ]) {
    const answer = await one(path, { accept: 'text/html' });
    assert.equal(answer.status, 404, path);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  }
  assert.equal(
    (await ask({ method: 'POST', path: '/things/lamp', headers: { 'content-length': '0' } }))[0]?.status,
    405,
  );
});

test('a page that another process has built is seen within a second', async () => {
  await put('shared', 'before');
  assert.match((await one('/things/shared')).body.toString(), /before/);
  const other = openStore(ctx, [thingKind(database, { render: ({ title }) => `by another: ${title}` })]);
  await put('shared', 'after');
  await other.builds.build([other.ref('/things/shared')]);
  const startedAtMs = performance.now();
  await until(async () => /by another: after/.test((await one('/things/shared')).body.toString()));
  assert(performance.now() - startedAtMs < 3000);
});

test('the database away: what is stored is shown as if nothing were, the rest is 503', async (t) => {
  await one('/things/lamp');
  await one('/zh/things/lamp');
  isAway = true;
  t.after(() => {
    isAway = false;
  });
  assert.equal((await one('/things/lamp')).status, 200);
  // Past the time for which a page in memory is not compared with the disk.
  await sleep(1100);
  assert.equal((await one('/things/lamp')).status, 200);
  assert.equal((await one('/zh/things/lamp')).status, 200);
  const missing = await one('/things/not-yet', { accept: 'text/html' });
  assert.equal(missing.status, 503);
  assert.equal(missing.headers.get('retry-after'), '1');
});

test('each view is counted under its kind', async () => {
  const { text } = await ctx.metrics.expose();
  assert.match(text, /onrush_http_request_seconds_count\{route="GET \/things\/:slug",status="2xx"\} [1-9]/);
  assert.match(text, /onrush_pages_found_total\{where="memory"\} [1-9]/);
});
