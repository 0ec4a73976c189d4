import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { freeAddresses, listenAt, openDoors } from './listen.ts';

const onlyLinux = { skip: process.platform !== 'linux' && 'elsewhere one socket is all there is' };

/** Before the event loop turns: connections are sent off in the ticks that come first, and answered by the system. */
async function arrive(t: TestContext, port: number, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  await new Promise((resolve) => process.nextTick(resolve));
  return sockets;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function listening<T extends Server>(t: TestContext, server: T): Promise<T> {
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(listenAt('127.0.0.1', 0), resolve));
  return server;
}

test('while a process is busy the system takes more connections for it than Node asks for', onlyLinux, async (t) => {
  const server = await listening(t, createServer());
  const systemMax = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  const count = Math.min(1_000, systemMax);
  await arrive(t, portOf(server), count);
  assert.equal(waitingFor(server), count);
});

test('a turn of the event loop takes as many new connections as there are doors', onlyLinux, async (t) => {
  const server = await listening(t, createServer());
  await openDoors(server);
  let taken = 0;
  server.on('connection', (socket) => {
    taken += 1;
    t.after(() => socket.destroy());
  });
  await new Promise(setImmediate);
  await arrive(t, portOf(server), 400);
  assert.equal(taken, 0);
  await new Promise(setImmediate);
  // Which door it is the system draws by lot.
  assert(taken > 20, `${taken} connections were taken`);
});

test('by whichever door a client comes, it is the server’s, which closes when all have gone', onlyLinux, async (t) => {
  const server = await listening(t, createHttpServer({ keepAliveTimeout: 60_000 }));
  await openDoors(server);
  const port = portOf(server);
  const servers = new Set<unknown>();
  server.on('request', (request, response) => {
    servers.add((request.socket as Socket & { server?: unknown }).server);
    response.end();
  });
  const sockets = await arrive(t, port, 200);
  const answers = sockets.map(async (socket) => {
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [bytes] = await once(socket, 'data');
    return String(bytes);
  });
  for (const answer of await Promise.all(answers)) assert.match(answer, /\r\nKeep-Alive: timeout=60\r\n/);
  assert.deepEqual([...servers], [server]);

  const [late] = (await arrive(t, port, 1)) as [Socket];
  late.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12');
  await once(server, 'request');
  let isClosed = false;
  const closed = new Promise<void>((resolve) => server.close(() => resolve())).then(() => {
    isClosed = true;
  });
  const [refused] = (await arrive(t, port, 1)) as [Socket];
  await new Promise((resolve) => refused.once('close', resolve));
  assert(!isClosed, 'somebody is still there');
  late.destroy();
  await closed;
});

test('where somebody listens, though he would share, it is not free', async (t) => {
  const server = await listening(t, createServer());
  const port = portOf(server);
  await assert.rejects(freeAddresses('127.0.0.1', port), { syscall: 'listen', code: 'EADDRINUSE' });
  await assert.rejects(freeAddresses('localhost', port), { syscall: 'listen', code: 'EADDRINUSE' });
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual(await freeAddresses('127.0.0.1', port), ['127.0.0.1']);
});

test('a host that is no address of this machine is told as listening there would tell it', async () => {
  // RFC 5737: of documentations only.
  await assert.rejects(freeAddresses('192.0.2.1', 0), { syscall: 'listen', code: 'EADDRNOTAVAIL' });
  await assert.rejects(freeAddresses('no-such-host.invalid', 0), { syscall: 'getaddrinfo' });
});

test('a server answers on every address of its name', async (t) => {
  const server = createHttpServer((_, response) => response.end());
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(listenAt('127.0.0.1', 0), resolve));
  // All of 127/8 is this machine, on Linux.
  const others = process.platform === 'linux' ? ['127.0.0.2'] : [];
  await openDoors(server, others);
  for (const host of ['127.0.0.1', ...others]) {
    const { status } = await fetch(`http://${host}:${portOf(server)}/`, { headers: { connection: 'close' } });
    assert.equal(status, 200, host);
  }
});

/** How many connections wait to be taken: of a socket that listens, the second half of the queues (proc(5)). */
function waitingFor(server: Server): number {
  const local = `0100007F:${portOf(server).toString(16).toUpperCase().padStart(4, '0')}`;
  const listening = '0A';
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, at, , state, queues = ''] = line.trim().split(/\s+/);
    if (at === local && state === listening) return Number.parseInt(queues.split(':')[1] ?? '', 16);
  }
  return assert.fail('the server listens');
}
