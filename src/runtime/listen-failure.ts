import { createServer } from 'node:net';
import { systemCode } from '../engines/engine-fault.ts';
import type { Config } from '../platform/config/config.ts';

type Address = Pick<Config, 'host' | 'port'>;

/** Why nobody can listen there now; undefined when it is possible. */
export function probeAddress(address: Address): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve(listenFailure(error, address) ?? error.message));
    probe.listen(address.port, address.host, () => probe.close(() => resolve(undefined)));
  });
}

/** A failed `listen` as a sentence; undefined for other errors. */
export function listenFailure(error: unknown, address: Address | undefined): string | undefined {
  if ((error as { syscall?: unknown } | null)?.syscall !== 'listen' && systemCode(error) !== 'ENOTFOUND')
    return undefined;
  const { host, port } = address ?? { host: '', port: 0 };
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken by another program. End it, or choose another port: PORT=${port + 1} npm start.`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user. Choose one from 1024 up: PORT=7070 npm start.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Set ONRUSH_HOST to one, such as 127.0.0.1 or 0.0.0.0.`;
    default:
      return undefined;
  }
}
