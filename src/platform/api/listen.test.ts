import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { listenAt } from './listen.ts';

const tableOfSockets = '/proc/net/tcp';

test('while a process is busy the system takes more connections for it than Node asks for', {
  skip: !existsSync(tableOfSockets) && 'only Linux shows how many wait',
}, async (t) => {
  const server = createServer();
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(listenAt('127.0.0.1', 0), resolve));
  const { port } = server.address() as AddressInfo;
  const systemMax = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  const count = Math.min(1_000, systemMax);
  for (let made = 0; made < count; made++) sockets.push(connect(port, '127.0.0.1').on('error', () => {}));
  // They are sent off in the next ticks, which all come before the loop turns and the server takes the first.
  await new Promise((resolve) => process.nextTick(resolve));
  assert.equal(waitingFor(server), count);
});

/** How many connections wait to be taken: of a socket that listens, the second half of the queues (proc(5)). */
function waitingFor(server: Server): number {
  const { port } = server.address() as AddressInfo;
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const listening = '0A';
  for (const line of readFileSync(tableOfSockets, 'utf8').split('\n')) {
    const [, at, , state, queues = ''] = line.trim().split(/\s+/);
    if (at === local && state === listening) return Number.parseInt(queues.split(':')[1] ?? '', 16);
  }
  return assert.fail('the server listens');
}
