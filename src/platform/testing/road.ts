import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after } from 'node:test';
import { type Database, type DatabaseOptions, openDatabase } from '../database/database.ts';

/** A way to a test's database that can be watched and blocked. */
export interface Road {
  /** The database at the end of this road. */
  readonly database: Database;
  /** How often `work` sends something after it has had an answer. Connections must be open already, or that is counted too. */
  countTrips(work: () => Promise<unknown>): Promise<number>;
  /** From now on, or no longer: what either side sends disappears, and no connection closes. */
  swallow(isSwallowing: boolean): void;
}

/** Closed when the test file is done. */
export async function testRoad(to: Database, options: Partial<DatabaseOptions> = {}): Promise<Road> {
  const target = new URL(to.url);
  const socketPath = target.searchParams.get('host') ?? decodeURIComponent(target.hostname);
  let isSwallowing = false;
  let tripCount = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = socketPath.startsWith('/')
      ? connect(`${socketPath}/.s.PGSQL.${target.port}`)
      : connect(Number(target.port), target.hostname);
    let isAnswered = true;
    for (const socket of [near, far]) sockets.add(socket.setNoDelay().on('error', () => {}));
    near.on('data', (chunk) => {
      if (isSwallowing) return;
      if (isAnswered) tripCount += 1;
      isAnswered = false;
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (isSwallowing) return;
      isAnswered = true;
      near.write(chunk);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const url = new URL(to.url);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const database = openDatabase({
    url: url.toString(),
    poolMax: 1,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 30_000,
    applicationName: 'onrush-test',
    onIdleError: () => {},
    ...options,
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await database.close();
  });
  return {
    database,
    async countTrips(work) {
      const before = tripCount;
      await work();
      return tripCount - before;
    },
    swallow(value) {
      isSwallowing = value;
    },
  };
}
