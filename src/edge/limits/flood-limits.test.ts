import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { parseList } from 'structured-headers';
import { createClientAddress } from '../../platform/api/client-address.ts';
import type { Gate } from '../../platform/api/gate.ts';
import type { Site } from '../../platform/api/site.ts';
import { adminToken, notesApi, rawRequest, testServer } from '../../platform/api/testing.ts';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import { createFloodLimits } from './flood-limits.ts';
import { policiesWith } from './policies.ts';
import { routesOf } from './prices.ts';

/** A shop behind a proxy on this machine; the clock stands still unless it is moved. Rates are slow, so that bursts are all there is. */
async function limited(
  rates: Parameters<typeof policiesWith>[0],
  options: { exempt?: string[]; onWire?: boolean } = {},
) {
  let nowMs = 1e12;
  const metrics = createMetrics({ withProcess: false });
  const addressOf = createClientAddress({ trustedProxies: ['loopback'] });
  const kept = new Set<string>();
  const limits = createFloodLimits({
    clock: { nowMs: () => nowMs },
    metrics,
    addressOf,
    policies: policiesWith(rates),
    exempt: options.exempt ?? ['loopback'],
    routes: routesOf([notesApi], {
      routes: [
        { method: 'GET', path: '/pages/:name', barePath: '/pages/:name', costUnits: 5, isKept: true },
        { method: 'GET', path: '/line', barePath: '/line', costUnits: 1, scriptCostUnits: 0.2, isKept: false },
      ],
    }),
    isKept: (path) => kept.has(path),
    isAdmin: (token) => token === adminToken,
    sessionCookie: 'onrush_buyer',
    errorPage: (_request, status) => ({ headers: ['x-page', 'yes'], html: `<h1>${status}</h1>` }),
  });
  const server = await testServer({
    gates: [limits.gate, ...(options.onWire ? [ready] : [])],
    addressOf,
    ...(options.onWire && { clientLimits: limits.clientLimits, site }),
  });
  const from = (
    address: string,
    path = '/v1/notes',
    headers: Record<string, string> = {},
    method = 'GET',
    body?: unknown,
  ) => server.ask(method, path, body, { 'x-forwarded-for': address, ...headers });
  /** How many of so many requests are let through. */
  const passed = async (count: number, ask: (index: number) => ReturnType<typeof from>) => {
    const answers = await Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
    for (const { status } of answers) assert([200, 404, 429].includes(status), String(status));
    return answers.filter(({ status }) => status !== 429).length;
  };
  const request = (address: string) => ({ socket: { remoteAddress: address } as never, headers: {} });
  return {
    ...server,
    limits,
    metrics,
    kept,
    from,
    passed,
    request,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

/** What is held ready at one path of the API, for who shows a token, and at one of the pages. */
const ready: Gate = {
  name: 'ready',
  pass: (_request, _response, onward) => onward(),
  onWire({ url }, admit) {
    const share = url === '/v1/notes' ? admit() : undefined;
    return share === undefined ? undefined : `HTTP/1.1 200 OK\r\n${share}content-length: 0\r\n\r\n`;
  },
};
const site: Site = {
  attach() {},
  wireAnswer: ({ url }, admits) =>
    url === '/pages/kept' && admits() ? 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n' : undefined,
  errorPage: () => undefined,
};

/** A request that its connection begins with: later ones may be Node's already. */
async function onFreshConnection(port: number, path: string, headers: Record<string, string>) {
  const agent = new Agent({ keepAlive: true });
  const [response] = await once(get({ port, path, headers, agent }), 'response');
  await (response as IncomingMessage).resume().toArray();
  agent.destroy();
  return response as IncomingMessage;
}

const slow = { unitsPerS: 1, burstUnits: 10 };

test('a client that asks for too much is refused until its bucket has filled, and told when', async () => {
  const shop = await limited({ client: slow });
  assert.equal(await shop.passed(25, () => shop.from('203.0.113.9')), 10);
  const refused = await shop.from('203.0.113.9');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(refused.headers.get('cache-control'), 'no-store');
  assert.equal(refused.body.type, '/problems/too-many-requests');
  assert.deepEqual(refused.body['violated-policies'], ['client']);
  shop.advance(3_000);
  assert.equal(await shop.passed(10, () => shop.from('203.0.113.9')), 3);
  assert.equal(await shop.passed(5, () => shop.from('203.0.113.10')), 5);
  const [series] = shop.metrics.series('onrush_limits_refused_total');
  assert.deepEqual(series, { labels: { policy: 'client' }, value: 15 + 1 + 7 });
});

test('all addresses of one /64 are one client, all of one /24 or /48 share a wider limit', async () => {
  const shop = await limited({ client: slow, network: { unitsPerS: 1, burstUnits: 25 } });
  assert.equal(await shop.passed(20, (index) => shop.from(`2001:db8:1:1::${index.toString(16)}`)), 10);
  assert.equal(await shop.passed(30, (index) => shop.from(`2001:db8:1:${index + 2}::1`)), 15);
  assert.equal(await shop.passed(40, (index) => shop.from(`203.0.113.${index}`)), 25);
  assert.equal(await shop.passed(5, (index) => shop.from(`203.0.114.${index}`)), 5);
});

test('one session is limited wherever it comes from, by its token or its cookie', async () => {
  const shop = await limited({ session: slow });
  const bearer = { authorization: 'Bearer order-key' };
  assert.equal(await shop.passed(15, (index) => shop.from(`203.0.${index}.1`, '/v1/notes', bearer)), 10);
  const cookie = { cookie: 'a=b; onrush_buyer=somebody; c=d' };
  assert.equal(await shop.passed(15, (index) => shop.from(`203.0.${index}.1`, '/v1/notes', cookie)), 10);
  assert.equal(await shop.passed(15, () => shop.from('203.0.113.1', '/v1/notes', { cookie: 'x=onrush' })), 15);
});

test('what is dear takes more, what is kept next to nothing, and what is not there as much as a page', async () => {
  const shop = await limited({ client: { unitsPerS: 0.01, burstUnits: 20 } });
  shop.kept.add('/pages/held');
  assert.equal(await shop.passed(150, () => shop.from('203.0.113.1', '/pages/held?utm=1')), 150);
  assert.equal(await shop.passed(10, (index) => shop.from('203.0.113.2', `/pages/random-${index}`)), 4);
});

test('programs are told their limits in fields that parse, people get a page', async () => {
  const shop = await limited({ client: slow });
  const { headers } = await shop.from('203.0.113.9');
  const policies = parseList(headers.get('ratelimit-policy') ?? '');
  const [client] = policies;
  assert.deepEqual(
    policies.map(([name]) => name),
    ['client', 'network'],
  );
  assert.equal(client?.[1].get('q'), 10);
  assert.equal(client?.[1].get('w'), 10);
  assert(client?.[1].get('pk') instanceof ArrayBuffer);
  const [[name, left] = []] = parseList(headers.get('ratelimit') ?? '');
  assert.deepEqual([name, left?.get('r'), left?.get('t')], ['client', 9, 1]);
  const [, network] = policies;
  assert.notDeepEqual(network?.[1].get('pk'), client?.[1].get('pk'));
  const neighbour = await shop.from('203.0.113.10', '/v1/notes', { authorization: 'Bearer somebody' });
  const ofNeighbour = parseList(neighbour.headers.get('ratelimit-policy') ?? '');
  assert.deepEqual(
    ofNeighbour.map(([each]) => each),
    ['client', 'network', 'session'],
  );
  assert.notDeepEqual(ofNeighbour[0]?.[1].get('pk'), client?.[1].get('pk'));
  assert.deepEqual(ofNeighbour[1]?.[1].get('pk'), network?.[1].get('pk'));
  await shop.passed(20, () => shop.from('203.0.113.9'));
  const refused = await shop.from('203.0.113.9');
  const [[, nothing] = []] = parseList(refused.headers.get('ratelimit') ?? '');
  assert.equal(nothing?.get('r'), 0);

  const page = await shop.from('203.0.113.9', '/cart', { accept: 'text/html' });
  assert.equal(page.status, 429);
  assert.equal(page.body, '<h1>429</h1>');
  assert.deepEqual([page.headers.get('x-page'), page.headers.get('retry-after')], ['yes', '1']);
  assert.equal(page.headers.get('ratelimit'), null);
});

test('a body that nobody will read ends the connection', async () => {
  const shop = await limited({ client: slow });
  await shop.passed(20, () => shop.from('203.0.113.9'));
  const smuggled = 'GET /v1/notes HTTP/1.1\r\nhost: x\r\n\r\n';
  const head = `POST /v1/notes HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 203.0.113.9\r\ncontent-length: ${smuggled.length}\r\n\r\n`;
  const text = await rawRequest(shop.port, head + smuggled);
  assert.match(text, /^HTTP\/1\.1 429 /);
  assert.match(text, /\r\nconnection: close\r\n/i);
  assert.equal(text.split('HTTP/1.1').length, 2);
});

test('nobody is exempt by what he says of himself', async () => {
  const shop = await limited({ client: slow });
  assert.equal(await shop.passed(20, () => shop.ask('GET', '/v1/notes')), 20);
  assert.equal(await shop.passed(20, () => shop.from('127.0.0.1, 203.0.113.9')), 10);
  // Nonsense is one client together, and not the proxy.
  assert.equal(await shop.passed(20, (index) => shop.from(`nonsense ${index}`)), 10);
  const asStaff = { authorization: `Bearer ${adminToken}` };
  assert.equal(await shop.passed(20, () => shop.from('203.0.113.9', '/v1/notes', asStaff)), 20);
});

test('connections are counted when they are opened, and pages that are sent before any gate', async () => {
  const shop = await limited({ connections: { unitsPerS: 1, burstUnits: 5 }, client: { unitsPerS: 1, burstUnits: 2 } });
  const addressOf = createClientAddress();
  const connection = (address: string) => addressOf(shop.request(address));
  const opened = (address: string) =>
    Array.from({ length: 8 }, () => shop.limits.clientLimits.admitsConnection(connection(address))).filter(Boolean)
      .length;
  assert.deepEqual([opened('203.0.113.9'), opened('203.0.113.10'), opened('127.0.0.1')], [5, 5, 8]);
  const admitsPage = (address: string) => shop.limits.clientLimits.admitsPage(shop.request(address));
  const sent = (address: string) => Array.from({ length: 40 }, () => admitsPage(address)).filter(Boolean).length;
  assert.deepEqual([sent('203.0.113.9'), sent('203.0.113.10'), sent('127.0.0.1')], [20, 20, 40]);
  shop.advance(1_000);
  assert.deepEqual([opened('203.0.113.9'), sent('203.0.113.9')], [1, 10]);
});

test('who waits in line costs less where his page asks than where he loads it', async () => {
  const shop = await limited({ client: slow });
  const asking = { accept: 'application/json' };
  assert.equal(await shop.passed(60, () => shop.from('203.0.113.9', '/line', asking)), 50);
  assert.equal(await shop.passed(15, () => shop.from('203.0.113.10', '/line', { accept: 'text/html' })), 10);
});

test('what is read before any gate costs what the route says, of the session too, and tells the same', async () => {
  const shop = await limited({ session: slow });
  const asked = { method: 'GET', url: '/v1/notes', headers: { authorization: 'Bearer a.b' } };
  const admit = (address: string) =>
    shop.limits.clientLimits.admitOnWire({ ...asked, socket: { remoteAddress: address } as Socket });
  const lines = (admit('203.0.113.9') ?? '').trimEnd().split('\r\n');
  const told = new Map(lines.map((line) => line.split(': ') as [string, string]));
  assert.match(told.get('ratelimit') ?? '', /^"session";r=9;/);
  const atGate = await shop.from('203.0.113.9', asked.url, asked.headers);
  assert.equal(atGate.headers.get('ratelimit-policy'), told.get('ratelimit-policy'));
  assert.match(atGate.headers.get('ratelimit') ?? '', /^"session";r=8;/);
  const admitted = Array.from({ length: 20 }, (_, index) => admit(`203.0.113.${index}`)).filter(Boolean);
  assert.equal(admitted.length, 8);
  assert.equal(admit('127.0.0.1'), '');
});

test('a request is counted once, whether it is answered from the wire, refused there, or not held ready', async () => {
  const shop = await limited({ client: { unitsPerS: 0.01, burstUnits: 10 } }, { onWire: true });
  const ask = (address: string, path: string, token?: string) =>
    onFreshConnection(shop.port, path, {
      'x-forwarded-for': address,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    });
  const leftAfter = async (path: string, token?: string) => {
    const address = `2001:db8:0:${(addressCount++).toString(16)}::1`;
    await ask(address, path, token);
    const told = (await ask(address, '/v1/notes')).headers.ratelimit;
    return Number(/^"client";r=(\d+)/.exec(String(told))?.[1]);
  };
  let addressCount = 1;
  assert.equal(await leftAfter('/v1/notes', 'a'), 8, 'from the wire');
  assert.equal(await leftAfter('/v1/notes'), 8, 'not from the wire');
  assert.equal(await leftAfter('/v1/notes?cursor=x', 'a'), 8, 'nothing held ready');
  assert.equal(await leftAfter('/pages/other'), 4, 'a page that is not held ready');

  const refusedCount = () => shop.metrics.series('onrush_limits_refused_total')[0]?.value ?? 0;
  const suspicion = async (path: string, token?: string) => {
    const address = `2001:db8:1:${(addressCount++).toString(16)}::1`;
    assert.equal(await shop.passed(12, () => shop.from(address)), 10);
    const before = refusedCount();
    for (let index = 0; index < 12; index++) assert.equal((await ask(address, path, token)).statusCode, 429);
    assert.equal(refusedCount() - before, 12, path);
    return shop.limits.suspicionOf(shop.request(address));
  };
  const atGate = await suspicion('/v1/notes');
  assert.equal(await suspicion('/v1/notes', 'a'), atGate);
  assert.equal(await suspicion('/pages/kept'), atGate);
});

test('suspicion follows what is used up, jumps with refusals, and fades', async () => {
  const shop = await limited({ client: { unitsPerS: 0.01, burstUnits: 10 } });
  const suspicion = () => shop.limits.suspicionOf(shop.request('203.0.113.9'));
  assert.equal(suspicion(), 0);
  await shop.passed(5, () => shop.from('203.0.113.9'));
  assert.equal(suspicion(), 0);
  await shop.passed(3, () => shop.from('203.0.113.9'));
  assert(Math.abs(suspicion() - 0.3) < 0.01);
  await shop.passed(4, () => shop.from('203.0.113.9'));
  assert(suspicion() > 0.5 && suspicion() < 0.52);
  await shop.passed(200, () => shop.from('203.0.113.9'));
  assert.equal(suspicion(), 1);
  shop.advance(30_000);
  assert.equal(suspicion(), 0.75);
  shop.advance(30_000);
  // Not told off any more, and still busy.
  assert(suspicion() > 0.4 && suspicion() < 0.5);
  shop.limits.suspect(shop.request('198.51.100.1'), 0.4);
  assert.equal(shop.limits.suspicionOf(shop.request('198.51.100.1')), 0.7);
  shop.limits.suspect(shop.request('127.0.0.1'), 1);
  assert.equal(shop.limits.suspicionOf(shop.request('127.0.0.1')), 0);
});
