import { systemCode } from '../engines/engine-fault.ts';
import { freeAddresses } from '../platform/api/listen.ts';
import type { Config } from '../platform/config/config.ts';

type Address = Pick<Config, 'host' | 'port'>;

/** How whoever reads it says where to listen: an example for a port, a name for the host. */
export interface ListenWords {
  portExample(port: number): string;
  readonly host: string;
}
const shopWords: ListenWords = { portExample: (port) => `PORT=${port} npm start`, host: 'ONRUSH_HOST' };

/** Why nobody can listen there now; undefined when it is possible. */
export async function probeAddress(address: Address): Promise<string | undefined> {
  try {
    await freeAddresses(address.host, address.port);
    return undefined;
  } catch (error) {
    return listenFailure(error, address) ?? (error as Error).message;
  }
}

/** A failed `listen` as a sentence; undefined for other errors. */
export function listenFailure(
  error: unknown,
  address: Address | undefined,
  words: ListenWords = shopWords,
): string | undefined {
  if ((error as { syscall?: unknown } | null)?.syscall !== 'listen' && systemCode(error) !== 'ENOTFOUND')
    return undefined;
  const { host, port } = address ?? { host: '', port: 0 };
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken by another program. End it, or choose another port: ${words.portExample(port < 65_535 ? port + 1 : 8080)}.`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user. Choose one from 1024 up: ${words.portExample(7070)}.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Set ${words.host} to one, such as 127.0.0.1 or 0.0.0.0.`;
    default:
      return undefined;
  }
}
