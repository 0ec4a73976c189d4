import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { readConfig } from '../src/platform/config/config.ts';
import { serviceNames } from '../src/runtime/service-names.ts';
import { startSupervisor } from '../src/runtime/supervisor.ts';

export interface StartedShop {
  readonly url: string;
  readonly home: string;
  readonly adminToken: string;
}

/** A shop as `npm start` runs it, in a home of its own, stopped and removed when the test is done. */
export async function startedShop(t: TestContext): Promise<StartedShop> {
  const home = await mkdtemp(join(tmpdir(), 'onrush-home-'));
  // Root's PostgreSQL runs as another user, who must be able to pass.
  await chmod(home, 0o711);
  const config = readConfig({
    env: { PORT: '0', ONRUSH_HOME: home, ONRUSH_LOG_LEVEL: 'warn' },
    cwd: home,
    serviceNames,
  });
  return new Promise((resolve, reject) => {
    const supervisor = startSupervisor({
      config,
      shopModule: new URL('../src/runtime/shop.ts', import.meta.url),
      logFile: join(home, 'log', 'shop.jsonl'),
      report: {
        step() {},
        event() {},
        ready: ({ url, adminToken }) => resolve({ url, home, adminToken: adminToken.token }),
      },
    });
    supervisor.finished.catch(reject);
    t.after(async () => {
      supervisor.stop();
      await supervisor.finished.catch(() => {});
      await rm(home, { recursive: true, force: true });
    });
  });
}
