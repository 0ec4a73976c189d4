import { lookup } from 'node:dns/promises';
import { createServer, isIP, type Server, type Socket } from 'node:net';

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
 * Another program of the same user may then listen there as well, and get a part of the connections (SO_REUSEPORT): `freeAddresses` before.
 */
export function listenAt(host: string, port: number): ListenOptions {
  return { host, port, backlog: acceptQueueMax, reusePort: hasDoors };
}

/**
 * The addresses that a host is on this machine: the one that it is, or all that it is a name for, such as both of `localhost`. Rejects
 * as `listen` and `lookup` do where somebody else listens on one of them already, and where there is none.
 */
export async function freeAddresses(host: string, port: number): Promise<[string, ...string[]]> {
  const named = isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
  const free: string[] = [];
  let missing: unknown;
  for (const address of new Set(named)) {
    try {
      await probe(address, port);
      free.push(address);
    } catch (error) {
      // A name may stand for more than this machine has: IPv6, say.
      if (!isMissing(error)) throw error;
      missing = error;
    }
  }
  const [first, ...others] = free;
  if (first === undefined) throw missing;
  return [first, ...others];
}

function probe(host: string, port: number): Promise<void> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

/**
 * Opens more sockets on the address of a server that listens as `listenAt` says, and as many on each of these others, whose connections
 * are the server's own. Node takes one connection from a socket in each turn of the event loop (libuv since 1.45,
 * github.com/libuv/libuv/pull/3696), so that by one socket a busy process takes a hundred new clients a second, whatever it could
 * answer. `close` closes them with the server.
 */
export async function openDoors(server: Server, others: readonly string[] = []): Promise<void> {
  const at = server.address();
  if (at === null || typeof at === 'string') return;
  const count = hasDoors ? doorCount : 1;
  const hosts = [at.address, ...others].flatMap((host, index) =>
    Array<string>(index === 0 ? count - 1 : count).fill(host),
  );
  const doors: Server[] = [];
  for (const host of hosts) {
    const door = await openDoor(listenAt(host, at.port), (socket) => {
      server.emit('connection', ofServer(socket, server));
    });
    doors.push(door);
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
