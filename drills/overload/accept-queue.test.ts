import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import test from 'node:test';
import { countPutOff } from './accept-queue.ts';

test('who comes to a full queue is counted', {
  skip: process.platform !== 'linux' && 'only Linux tells',
}, async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4 }, resolve));
  const before = countPutOff();
  assert(before !== undefined);
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let count = 0; count < 20; count++) sockets.push(connect(port, '127.0.0.1').on('error', () => {}));
  await new Promise((resolve) => process.nextTick(resolve));
  assert((countPutOff() ?? 0) > before);
});
