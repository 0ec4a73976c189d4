import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { createClientAddress } from '../../platform/api/client-address.ts';
import { adminToken, notesApi, testServer } from '../../platform/api/testing.ts';
import type { LoopSample } from '../../platform/overload/loop-monitor.ts';
import { createOverload } from '../../platform/overload/overload.ts';
import { policiesOf } from '../../platform/overload/routes.ts';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import { createFloodLimits } from '../limits/flood-limits.ts';
import { policiesWith } from '../limits/policies.ts';
import { routesOf } from '../limits/prices.ts';
import { createResponseCache } from './cache.ts';

const clock = { nowMs: () => 1_800_000_000_000 };
const metrics = createMetrics({ withProcess: false });
const addressOf = createClientAddress({ trustedProxies: ['loopback'] });
const isAdmin = (token: string) => token === adminToken;
let tell: (sample: LoopSample) => void = () => {};
const overload = createOverload({
  clock,
  metrics,
  isAdmin,
  routes: policiesOf([notesApi]),
  sessionCookie: 'onrush_buyer',
  clientOf: (request) => addressOf(request).address,
  monitor: (onWindow) => {
    tell = onWindow;
    return { wake() {}, stop() {} };
  },
  level: { slightArrivals: 0 },
  slight: { burst: 0, underWay: 0 },
});
const cache = createResponseCache({ clock, bytesMax: 2 ** 24, screen: (request) => overload.screen(request) });
const limits = createFloodLimits({
  clock,
  metrics,
  addressOf,
  isAdmin,
  policies: policiesWith({
    client: { unitsPerS: 1, burstUnits: 1_000_000 },
    network: { unitsPerS: 1, burstUnits: 1_000_000 },
    session: { unitsPerS: 1, burstUnits: 1_000_000 },
  }),
  exempt: ['203.0.113.200'],
  routes: routesOf([notesApi], {}),
  isKept: () => false,
  sessionCookie: 'onrush_buyer',
});
let admittedCount = 0;
const { port } = await testServer({
  clock,
  metrics,
  addressOf,
  gates: [limits.gate],
  clientLimits: {
    ...limits.clientLimits,
    admitOnWire(request) {
      admittedCount += 1;
      return limits.clientLimits.admitOnWire(request);
    },
  },
  innerGates: [cache.gate, overload.gate],
  meterOf: overload.meterOf,
});

interface Told {
  readonly status: string;
  readonly fields: readonly string[];
  readonly body: string;
  readonly left: number | undefined;
}

/** What both ways have to say alike: all but the moment, the turn of who is to wait how long, and how the connection goes on. */
function read(text: string): Told {
  const end = text.indexOf('\r\n\r\n');
  const [status = '', ...lines] = text.slice(0, end).split('\r\n');
  const fields = lines
    .map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))
    .filter((line) => !/^(date|connection|keep-alive):/.test(line))
    .map((line) => line.replace(/^(retry-after|x-request-id): .*/, '$1'))
    .map((line) => line.replace(/;r=\d+;t=\d+/, ''))
    .filter((line) => !/^content-length: /.test(line) || !text.includes('"requestId"'));
  const left = /\r\nratelimit:.*;r=(\d+)/.exec(text)?.[1];
  return {
    status,
    fields: fields.sort(),
    body: text.slice(end + 4).replace(/"requestId":"[^"]*"/, ''),
    left: left === undefined ? undefined : Number(left),
  };
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = text.slice(0, end);
  if (/\r\ntransfer-encoding: chunked/i.test(head)) return text.endsWith('0\r\n\r\n');
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return text.length >= end + 4 + (/^HTTP\/1.1 304/.test(head) ? 0 : length);
}

/** On a connection of its own. */
async function ask(bytes: string): Promise<Told> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  after(() => socket.destroy());
  let text = '';
  socket.write(bytes, 'latin1');
  for await (const chunk of socket) {
    text += chunk;
    if (isWhole(text)) break;
  }
  return read(text);
}

/** Until nothing is let in but what was begun. */
async function makeBusy(): Promise<void> {
  for (let round = 0; round < 40; round++) {
    for (let index = 0; index < 5; index++) await ask('GET /v1/nothing HTTP/1.1\r\nhost: a\r\n\r\n');
    tell({ durationMs: 100, queueMs: 300, busyShare: 1 });
  }
}

const mostly = <T>(usual: T, ...values: T[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...values) });
const some = <T>(...values: T[]) => mostly(undefined, ...values);
const anyFields = fc.record({
  host: fc.constantFrom('shop.example', 'SHOP.example:80', 'shop.example:443', 'other'),
  accept: some(
    '*/*',
    'text/html',
    'application/json',
    'text/event-stream',
    'application/json, text/event-stream;q=0.1',
  ),
  'accept-encoding': some('br', 'gzip, br;q=0.5', 'identity', '*;q=0', ',,'),
  'x-forwarded-for': fc.constantFrom(
    '203.0.113.9',
    '203.0.113.200',
    'nonsense',
    '10.0.0.1, 203.0.113.9',
    '2001:db8::1',
  ),
  cookie: some('onrush_buyer=one', 'a=b; onrush_buyer=two; c=d', 'xonrush_buyer=three'),
  authorization: some(`Bearer ${adminToken}`, 'Bearer x'),
  'if-none-match': some('*', '"x"'),
  'cache-control': some('no-cache', 'max-age=0', 'only-if-cached'),
  'proxy-connection': some('close', 'keep-alive'),
  'x-forwarded-proto': some('https'),
  'x-real-ip': some('192.0.2.1'),
  'x-request-id': some('mine'),
});
const anyRequest = fc.record({
  method: mostly('GET', 'POST', 'DELETE', 'PUT', 'OPTIONS'),
  path: fc.oneof(
    fc.constantFrom('/v1/notes', '/v1/notes?limit=2'),
    fc.constantFrom('//v1/notes', '/v1/%6eotes', '/v1/notes/', '/v1/nothing', '/livez', '/v1/notes/%zz', '/%', '/page'),
  ),
  fields: anyFields,
  more: mostly('', 'x: y\r\n'.repeat(150), 'x-forwarded-for: 203.0.113.10\r\n', 'te: trailers\r\n'),
});

test('what is answered on the wire is what the gates answer, and costs as much', async () => {
  for (const isBusy of [false, true]) {
    if (isBusy) await makeBusy();
    admittedCount = 0;
    await fc.assert(
      fc.asyncProperty(anyRequest, async ({ method, path, fields, more }) => {
        const given = Object.entries(fields).filter(([, value]) => value !== undefined);
        const lines = given.map(([name, value]) => `${name}: ${value}\r\n`).join('') + more;
        const body = method === 'POST' || method === 'PUT' ? 'content-length: 2\r\n\r\n{}' : '\r\n';
        const ready = `${method} ${path} HTTP/1.1\r\n${lines}${body}`;
        // The same to Node, and doubtful to the lane.
        const doubtful = `${method} ${path} HTTP/1.1\r\nconnection: keep-alive, x\r\n${lines}${body}`;
        // What may be kept is, from then on.
        await ask(doubtful);
        const before = await ask(doubtful);
        const { left: leftOnWire = 0, ...onWire } = await ask(ready);
        const { left = 0, ...byGates } = await ask(doubtful);
        assert.deepEqual(onWire, byGates, ready);
        if (before.left !== undefined) assert.equal(before.left - leftOnWire, leftOnWire - left, ready);
      }),
      { numRuns: 100 },
    );
    assert(admittedCount > 0, `${admittedCount} on the wire`);
  }
});
