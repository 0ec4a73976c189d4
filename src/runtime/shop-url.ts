import type { Config } from '../platform/config/config.ts';

/** Where this machine reaches the shop. A shop that listens on every address is reached on the loopback. */
export function urlOf(port: number, host: string): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** Where the shop is for the world, as far as it can be told before it runs. */
export function expectedUrl({ shop, host, port }: Pick<Config, 'shop' | 'host' | 'port'>): string {
  return shop.publicUrl ?? urlOf(port, host);
}
