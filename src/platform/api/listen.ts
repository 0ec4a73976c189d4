import { createServer, type Server, type Socket } from 'node:net';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  readonly reusePort: boolean;
}

// The system has its own bound (`net.core.somaxconn`, 4,096 on Linux) and takes the smaller one.
const acceptQueueMax = 65_535;
// Where a turn of the event loop takes ten milliseconds, 3,200 connections a second.
const doorCount = 32;
// Elsewhere the system does not share connections out among sockets on one port.
const hasDoors = process.platform === 'linux';

/**
 * How a server listens that a crowd comes to. The system takes connections on behalf of a process that is busy, as many as its
 * queue holds; of the others it drops the first packet, and whoever sent it waits a second before he sends it again, then two,
 * then four. Node's queue of 511 is full after a twentieth of a second when ten thousand arrive in one.
 *
 * Another program of the same user may then listen there as well, and get a part of the connections (SO_REUSEPORT): `mustBeFree` before.
 */
export function listenAt(host: string, port: number): ListenOptions {
  return { host, port, backlog: acceptQueueMax, reusePort: hasDoors };
}

/** Rejects as `listen` does where somebody else listens already. */
export function mustBeFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/**
 * Opens more sockets on the address of a server that listens as `listenAt` says, whose connections are the server's own. Node takes
 * one connection from a socket in each turn of the event loop (libuv since 1.45, github.com/libuv/libuv/pull/3696), so that by one
 * socket a busy process takes a hundred new clients a second, whatever it could answer. `close` closes them with the server.
 */
export async function openDoors(server: Server): Promise<void> {
  const at = server.address();
  if (!hasDoors || at === null || typeof at === 'string') return;
  const doors: Server[] = [];
  for (let count = 1; count < doorCount; count++) {
    doors.push(
      await openDoor(listenAt(at.address, at.port), (socket) => server.emit('connection', ofServer(socket, server))),
    );
  }
  const closeOwn = server.close.bind(server);
  server.close = (done) => {
    const closed = doors.map((door) => new Promise<void>((resolve) => door.close(() => resolve())));
    return closeOwn((error) => void Promise.all(closed).then(() => done?.(error)));
  };
}

function openDoor(at: ListenOptions, onConnection: (socket: Socket) => void): Promise<Server> {
  // As Node's HTTP server has its sockets.
  const door = createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
  return new Promise((resolve, reject) => {
    door.once('error', reject);
    door.listen(at, () => resolve(door));
  });
}

/** Whose settings it goes by. */
function ofServer(socket: Socket, server: Server): Socket {
  return Object.assign(socket, { server });
}
