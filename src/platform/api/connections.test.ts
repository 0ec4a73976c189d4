import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createMetrics } from '../telemetry/metrics.ts';
import { until } from '../testing/until.ts';
import { type ClientAddress, createClientAddress } from './client-address.ts';
import { type ConnectionsOptions, watchConnections } from './connections.ts';
import { behindGates } from './gate.ts';
import { defaultLimits } from './limits.ts';

interface Given {
  readonly limits?: Partial<ConnectionsOptions['limits']>;
  readonly clientLimits?: ConnectionsOptions['clientLimits'];
  readonly trustedProxies?: string[];
  readonly listener?: RequestListener;
}

/** A server that is watched, with a clock that is moved by hand. `/wait` is answered when the test says so. */
async function watched({ limits, clientLimits, trustedProxies = [], listener }: Given) {
  let nowMs = 0;
  const waiting: (() => void)[] = [];
  let askedCount = 0;
  const answer: RequestListener = (request, response) => {
    askedCount++;
    if (request.url === '/wait') waiting.push(() => response.end('waited'));
    else request.resume().once('end', () => response.end('done'));
  };
  const server = createServer({ requireHostHeader: false });
  const metrics = createMetrics({ withProcess: false });
  const connections = watchConnections(server, {
    addressOf: createClientAddress({ trustedProxies }),
    ...(clientLimits && { clientLimits }),
    limits: { ...defaultLimits, ...limits },
    timeMs: () => nowMs,
    metrics,
  });
  server.on('request', behindGates([connections.gate], listener ?? answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as { port: number };
  const openCount = () => metrics.series('onrush_http_connections')[0]?.value ?? 0;
  return {
    server,
    connections,
    waiting,
    openCount,
    askedCount: () => askedCount,
    /** Opens a connection, sends this and waits until the server has it. */
    async open(text = '') {
      const before = openCount() + cutCount();
      const client = createClient(connect(port, '127.0.0.1'));
      if (text !== '') client.socket.write(text);
      await until(() => openCount() + cutCount() > before || client.isCut());
      return client;
    },
    pass(ms: number) {
      nowMs += ms;
      connections.sweep();
    },
    cuts: () =>
      Object.fromEntries(
        metrics.series('onrush_http_connections_cut_total').map(({ labels, value }) => [labels.reason, value]),
      ),
  };

  function cutCount(): number {
    return metrics.series('onrush_http_connections_cut_total').reduce((sum, { value }) => sum + value, 0);
  }
}

function createClient(socket: Socket) {
  let text = '';
  let isCut = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const closed = new Promise<void>((resolve) => socket.once('close', resolve)).then(() => {
    isCut = true;
  });
  after(() => socket.destroy());
  return { socket, text: () => text, closed, isCut: () => isCut };
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;

test('the longest silent connection of a client makes room for its next', async () => {
  const shop = await watched({ limits: { connectionsPerClientMax: 3 } });
  const first = await shop.open();
  shop.pass(1_000);
  const second = await shop.open();
  shop.pass(1_000);
  const third = await shop.open(get('/'));
  first.socket.write(get('/'));
  await until(() => first.text().includes('done') && third.text().includes('done'));
  shop.pass(1_000);
  const fourth = await shop.open(get('/'));
  await second.closed;
  await until(() => fourth.text().includes('done'));
  assert.deepEqual([first.isCut(), third.isCut(), shop.openCount()], [false, false, 3]);
  assert.deepEqual(shop.cuts(), { 'made-room': 1 });
});

test('a client whose connections are all waiting for answers gets no more; other clients, and exempt ones, do', async () => {
  let isExempt = false;
  const clientLimits = {
    admitsConnection: () => true,
    admitsPage: () => true,
    admitOnWire: () => '',
    isExempt: (_client: ClientAddress) => isExempt,
  };
  const shop = await watched({ limits: { connectionsPerClientMax: 2 }, clientLimits });
  const patient = [await shop.open(get('/wait')), await shop.open(get('/wait'))];
  await until(() => shop.waiting.length === 2);
  const refused = await shop.open(get('/'));
  await refused.closed;
  assert.equal(refused.text(), '');
  isExempt = true;
  const welcome = await shop.open(get('/'));
  await until(() => welcome.text().includes('done'));
  for (const go of shop.waiting) go();
  for (const client of patient) await until(() => client.text().includes('waited'));
  assert.deepEqual(shop.cuts(), { 'too-many-of-one': 1 });
});

test('a trusted proxy is no client: it has as many connections as it needs', async () => {
  const shop = await watched({ limits: { connectionsPerClientMax: 1 }, trustedProxies: ['loopback'] });
  const all = await Promise.all([shop.open(get('/wait')), shop.open(get('/wait')), shop.open(get('/wait'))]);
  await until(() => shop.waiting.length === 3);
  assert(all.every((client) => !client.isCut()));
});

test('where all places are taken silence makes room, and work does not', async () => {
  const shop = await watched({ limits: { connectionsMax: 3 } });
  const busy = [await shop.open(get('/wait')), await shop.open(get('/wait'))];
  await until(() => shop.waiting.length === 2);
  const silent = await shop.open();
  const third = await shop.open(get('/wait'));
  await silent.closed;
  await until(() => shop.waiting.length === 3);
  const fourth = await shop.open();
  await fourth.closed;
  for (const go of shop.waiting) go();
  for (const client of [...busy, third]) await until(() => client.text().includes('waited'));
  assert.deepEqual(shop.cuts(), { 'made-room': 1, 'too-many': 1 });
});

test('a client whose connection made room is counted on, however late that one says that it is closed', () => {
  const server = new EventEmitter().on('connection', () => {});
  watchConnections(server as never, {
    addressOf: createClientAddress(),
    limits: { ...defaultLimits, connectionsMax: 2, connectionsPerClientMax: 1 },
    timeMs: () => 0,
    metrics: createMetrics({ withProcess: false }),
  });
  const cut: string[] = [];
  const open = (remoteAddress: string) => {
    const resetAndDestroy = () => cut.push(remoteAddress);
    const socket = Object.assign(new EventEmitter(), { remoteAddress, writableLength: 0, resetAndDestroy });
    server.emit('connection', socket);
    return socket;
  };
  const first = open('192.0.2.1');
  for (const address of ['192.0.2.2', '192.0.2.3', '192.0.2.1']) open(address);
  first.emit('close');
  open('192.0.2.1');
  assert.deepEqual(cut, ['192.0.2.1', '192.0.2.2', '192.0.2.1'], 'the last makes room of its own client');
});

test('all networks of one IPv6 end site together have as many connections as four clients, and nobody else has fewer', () => {
  const server = new EventEmitter().on('connection', () => {});
  const { gate } = watchConnections(server as never, {
    addressOf: createClientAddress(),
    limits: { ...defaultLimits, connectionsPerClientMax: 2 },
    timeMs: () => 0,
    metrics: createMetrics({ withProcess: false }),
  });
  const cut: string[] = [];
  const open = (remoteAddress: string, isBusy: boolean) => {
    const resetAndDestroy = () => cut.push(remoteAddress);
    const socket = Object.assign(new EventEmitter(), { remoteAddress, writableLength: 0, resetAndDestroy });
    server.emit('connection', socket);
    if (isBusy)
      gate.pass({ socket, rawHeaders: [], headers: {} } as never, { writableFinished: false } as never, () => {});
    return socket;
  };
  const busy = Array.from({ length: 7 }, (_, index) => open(`2001:db8:1:${index}::1`, true));
  open('2001:db8:1:7::1', false);
  open('2001:db8:1:8::1', true);
  assert.deepEqual(cut, ['2001:db8:1:7::1'], 'silence makes room');
  open('2001:db8:1:9::1', true);
  assert.deepEqual(cut.splice(0), ['2001:db8:1:7::1', '2001:db8:1:9::1'], 'where all are busy the newest goes');
  for (const address of ['2001:db8:2:1::1', '192.0.2.1', '192.0.2.2']) open(address, true);
  busy[0]?.emit('close');
  open('2001:db8:1:a::1', true);
  assert.deepEqual(cut, []);
});

test('who opens connections too often is reset at once', async () => {
  let left = 2;
  const clientLimits = {
    admitsConnection: () => left-- > 0,
    admitsPage: () => true,
    admitOnWire: () => '',
    isExempt: () => false,
  };
  const shop = await watched({ clientLimits });
  await shop.open();
  await shop.open();
  const third = await shop.open(get('/'));
  await third.closed;
  assert.equal(third.text(), '');
  assert.deepEqual(shop.cuts(), { 'too-often': 1 });
});

test('a body that drips in is cut off, one that flows is not, however long it takes', async () => {
  const shop = await watched({ limits: { bytesPerSMin: 500, slowGraceMs: 10_000 } });
  const post = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n';
  const dripping = await shop.open(`${post}aaaa`);
  const flowing = await shop.open(post);
  await until(() => shop.askedCount() === 2);
  shop.pass(2_000);
  for (let second = 0; second < 40; second += 4) {
    dripping.socket.write('b');
    flowing.socket.write('c'.repeat(2_500));
    // Until the bytes are through: what is sent afterwards is read later.
    await until(() => new Promise((resolve) => setTimeout(() => resolve(true), 10)));
    shop.pass(4_000);
  }
  await dripping.closed;
  assert(!flowing.isCut());
  flowing.socket.write('c'.repeat(75_000));
  await until(() => flowing.text().includes('done'));
  assert.deepEqual(shop.cuts(), { 'slow-sender': 1 });
});

test('who cannot send because nobody takes what he has sent is not slow', async () => {
  const bodies: Readable[] = [];
  const shop = await watched({
    limits: { bytesPerSMin: 500, slowGraceMs: 10_000 },
    listener: (request, response) => {
      bodies.push(request);
      request.once('end', () => response.end('done'));
    },
  });
  const bytes = 4 * 2 ** 20;
  const client = await shop.open(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${bytes}\r\n\r\n`);
  client.socket.write(Buffer.alloc(bytes, 'x'));
  await until(() =>
    bodies.some(({ readableLength, readableHighWaterMark }) => readableLength >= readableHighWaterMark),
  );
  for (let step = 0; step < 4; step++) shop.pass(6_000);
  bodies[0]?.resume();
  await until(() => client.text().includes('done'));
  assert.deepEqual(shop.cuts(), {});
});

test('who does not read an answer is cut off, who reads slowly enough to be alive is not', async () => {
  const large = Buffer.alloc(24 * 2 ** 20, 'x');
  const shop = await watched({
    limits: { bytesPerSMin: 500, slowGraceMs: 10_000 },
    listener: (_request, response) => void response.end(large),
  });
  const deaf = await shop.open();
  deaf.socket.pause();
  deaf.socket.write(get('/'));
  const slow = await shop.open();
  slow.socket.pause();
  slow.socket.write(get('/'));
  await until(() => new Promise((resolve) => setTimeout(() => resolve(true), 100)));
  shop.pass(1_000);
  for (let step = 0; step < 4; step++) {
    slow.socket.resume();
    const had = slow.text().length;
    await until(() => slow.text().length > had + 1_000_000);
    slow.socket.pause();
    shop.pass(6_000);
  }
  await until(() => shop.cuts()['slow-reader'] === 1);
  deaf.socket.resume();
  await deaf.closed;
  assert(deaf.text().length < large.length);
  slow.socket.resume();
  await until(() => slow.text().length > large.length);
});

test('a flood of headers is refused, and no header is left out without a word', async () => {
  const shop = await watched({ limits: { headerCountMax: 20 } });
  const withHeaders = (count: number) =>
    `GET / HTTP/1.1\r\nhost: a\r\n${Array.from({ length: count - 1 }, (_, index) => `x-${index}: a\r\n`).join('')}\r\n`;
  const fair = await shop.open(withHeaders(20));
  await until(() => fair.text().includes('done'));
  for (const count of [21, 50, 3_000]) {
    const flood = await shop.open(withHeaders(count));
    await flood.closed;
    assert.match(flood.text(), /^HTTP\/1\.1 431 .*connection: close/is, String(count));
  }
  assert.equal(shop.askedCount(), 1);
});

test('who names two hosts is answered by neither', async () => {
  const shop = await watched({});
  const torn = await shop.open('GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nhOsT: b\r\n\r\n');
  await torn.closed;
  assert.match(torn.text(), /^HTTP\/1\.1 400 /);
  assert.equal(shop.askedCount(), 0);
});

test('what is no host is not taken for one', async () => {
  const shop = await watched({});
  for (const named of ['a b', 'a<script>', 'user@shop', 'shop/path', 'shop:port', '[::1', 'shop,other']) {
    const asking = await shop.open(`GET / HTTP/1.1\r\nHost: ${named}\r\n\r\n`);
    await asking.closed;
    assert.match(asking.text(), /^HTTP\/1\.1 400 .*"detail":"The Host header is not a host\."/s, named);
  }
  assert.equal(shop.askedCount(), 0);
  for (const named of ['', 'shop', 'my_shop.example:7070', '[::1]:80', '10.0.0.1']) {
    const asking = await shop.open(`GET / HTTP/1.1\r\nHost: ${named}\r\nConnection: close\r\n\r\n`);
    await asking.closed;
    assert.match(asking.text(), /^HTTP\/1\.1 200 /, named);
  }
});

test('who names no host is told so, but for HTTP/1.0, which had none', async () => {
  const shop = await watched({});
  const nameless = await shop.open('GET / HTTP/1.1\r\nX: y\r\n\r\n');
  await nameless.closed;
  assert.match(nameless.text(), /^HTTP\/1\.1 400 .*"detail":"There is no Host header\."/s);
  assert.equal(shop.askedCount(), 0);
  const old = await shop.open('GET / HTTP/1.0\r\n\r\n');
  await old.closed;
  assert.match(old.text(), /^HTTP\/1\.1 200 .*done/s);
});

test('of requests that do not wait for their answers only so many are begun', async () => {
  const shop = await watched({ limits: { pipelinedMax: 4 } });
  const greedy = await shop.open(get('/wait').repeat(100));
  await until(() => shop.waiting.length === 4);
  for (const go of shop.waiting) go();
  await greedy.closed;
  const answers = greedy.text().split('HTTP/1.1 ').slice(1);
  assert.deepEqual(
    answers.map((answer) => answer.slice(0, 3)),
    ['200', '200', '200', '200', '429'],
  );
  assert.equal(shop.askedCount(), 4);

  // Who takes turns may go on for as long as he likes.
  const polite = await shop.open();
  for (let turn = 1; turn <= 10; turn++) {
    polite.socket.write(get('/').repeat(3));
    await until(() => polite.text().split('done').length === 1 + 3 * turn);
  }
});

test('after so many requests a connection is ended with the answer to the last', async () => {
  const shop = await watched({ limits: { requestsPerConnectionMax: 3 } });
  const client = await shop.open();
  for (let count = 1; count <= 3; count++) {
    client.socket.write(get('/'));
    await until(() => client.text().split('done').length === 1 + count);
  }
  await client.closed;
  assert.equal(client.text().match(/connection: close/gi)?.length, 1);
});

test('a connection that waits for its next request holds nothing of the last one', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const seen: WeakRef<object>[] = [];
  const server = await watched({
    listener: (request, response) => {
      seen.push(new WeakRef(request), new WeakRef(response));
      request.resume().once('end', () => response.end('done'));
    },
  });
  const client = await server.open(get('/'));
  await until(() => client.text().endsWith('done'));
  server.pass(1000);
  const isForgotten = () => {
    collect();
    return seen.length === 2 && seen.every((each) => each.deref() === undefined);
  };
  await until(isForgotten, { what: 'request and answer are collected' });
  assert.equal(server.openCount(), 1);
});

test('who asks while the process is busy is answered, though his connection is overdue when it looks again', async () => {
  const { server, open } = await watched({});
  server.keepAliveTimeout = 100;
  server.keepAliveTimeoutBuffer = 0;
  const client = await open(get('/'));
  await until(() => client.text().endsWith('done'));
  // After this the event loop looks at its timers before it reads.
  await new Promise(setImmediate);
  client.socket.write(get('/'));
  const busyUntilMs = performance.now() + 300;
  while (performance.now() < busyUntilMs);
  await client.closed;
  assert.equal(client.text().split('done').length, 3);
});
