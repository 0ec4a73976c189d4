// A shop of the drill's own: the supervisor in a process of its own, as `onrush up` has it, forked by shop-access.ts.
import type { Config } from '../../src/platform/config/config.ts';
import { type Supervisor, startSupervisor } from '../../src/runtime/supervisor.ts';

export type ToShop = { readonly kind: 'start'; readonly config: Config } | { readonly kind: 'stop' };

export type FromShop =
  | { readonly kind: 'ready'; readonly url: string; readonly adminToken: string }
  | { readonly kind: 'event'; readonly line: string }
  | { readonly kind: 'failed'; readonly message: string };

serve();

function serve(): void {
  let supervisor: Supervisor | undefined;
  // A Ctrl-C in the terminal reaches every process; the drill decides what it means.
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
  process.on('disconnect', () => (supervisor === undefined ? process.exit(1) : supervisor.stop()));
  process.on('message', (message: ToShop) => {
    if (message.kind === 'stop') {
      if (supervisor === undefined) process.exit(0);
      supervisor.stop();
      return;
    }
    supervisor = start(message.config);
    void end(supervisor);
  });
}

function start(config: Config): Supervisor {
  return startSupervisor({
    config,
    shopModule: new URL('../../src/runtime/shop.ts', import.meta.url),
    logFile: `${config.home}/log/shop.jsonl`,
    report: {
      step() {},
      ready: ({ url, adminToken }) => send({ kind: 'ready', url, adminToken: adminToken.token }),
      event: (line) => send({ kind: 'event', line }),
    },
  });
}

async function end({ finished }: Supervisor): Promise<void> {
  try {
    await finished;
    process.exit(0);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!process.connected) process.exit(1);
    process.send?.({ kind: 'failed', message } satisfies FromShop, () => process.exit(1));
  }
}

function send(message: FromShop): void {
  if (process.connected) process.send?.(message);
}
