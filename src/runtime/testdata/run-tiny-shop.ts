// Supervises the tiny shop of the home named first, as `onrush up` does the real one; tells what happens as JSON lines.
import { readConfig } from '../../platform/config/config.ts';
import { serviceNames } from '../service-names.ts';
import { startSupervisor } from '../supervisor.ts';

const [home = '', port = '0', shop = './tiny-shop.ts'] = process.argv.slice(2);
const say = (fact: object) => console.log(JSON.stringify(fact));
const supervisor = startSupervisor({
  config: readConfig({ env: { ONRUSH_HOME: home, PORT: port }, cwd: '/', serviceNames }),
  shopModule: new URL(shop, import.meta.url),
  logFile: `${home}/log/shop.jsonl`,
  report: {
    step: (name, detail) => say({ kind: 'step', name, detail }),
    ready: ({ url, adminToken }) => say({ kind: 'ready', url, adminToken }),
    event: (line) => say({ kind: 'event', line }),
  },
});
process.on('SIGTERM', () => supervisor.stop());
process.on('SIGINT', () => supervisor.kill());
try {
  await supervisor.finished;
  say({ kind: 'finished' });
} catch (error) {
  say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
