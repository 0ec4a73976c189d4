import { relative } from 'node:path';
import { type SupervisorReport, startSupervisor } from '../runtime/supervisor.ts';
import { defineCommand, exitCodes } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import type { Terminal } from './terminal.ts';

export const up = defineCommand({
  name: 'up',
  summary: 'run the shop',
  example: 'npx onrush up',
  details: `Starts the database and the shop, and starts again whichever of them dies. Ctrl-C stops both in good order;
a second Ctrl-C ends them at once. On a terminal the shop's log goes to a file in its home, else to stdout.`,
  options: {
    port: { type: 'string', value: '<port>', help: 'where the shop answers (PORT, else 7070)' },
    host: {
      type: 'string',
      value: '<address>',
      help: 'who may reach it (ONRUSH_HOST, else 127.0.0.1; 0.0.0.0 is everyone)',
    },
    ...homeOptions,
  },
  async run({ options, config: read, terminal }) {
    const config = read({ ...homeOverrides(options), PORT: options.port, ONRUSH_HOST: options.host });
    const supervisor = startSupervisor({
      config,
      shopModule: new URL('../runtime/shop.ts', import.meta.url),
      logFile: terminal.isInteractive ? `${config.home}/log/shop.jsonl` : undefined,
      report: upReport(terminal, config.shop.name),
    });
    const signals = listenToSignals(supervisor, terminal);
    try {
      await supervisor.finished;
    } finally {
      signals.end();
    }
    if (signals.isForced()) return exitCodes.interrupted;
    terminal.say(terminal.styleSaid('dim', 'Stopped; the shop is as it was left.'));
    return exitCodes.done;
  },
});

const stepNames = { database: 'PostgreSQL', schema: 'Schema', shop: 'Shop' } as const;

function upReport(terminal: Terminal, shopName: string): SupervisorReport {
  const { say, styleSaid: style } = terminal;
  const beganAtMs = performance.now();
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const row = (name: string, text: string) => say(`  ${name.padEnd(13)}${text}`);
  return {
    step(name, detail, tookMs) {
      if (name === 'shop') return;
      say(`  ${style('green', '✔')} ${stepNames[name].padEnd(11)}${detail}${style('dim', `, ${seconds(tookMs)}`)}`);
    },
    async ready({ url, adminToken, home }) {
      const tookMs = performance.now() - beganAtMs;
      const wall = await wallPath(url, adminToken.token);
      const inHome = (file: string) => relative('', file);
      say(`  ${style('green', '✔')} ${shopName} is open${style('dim', `, ${seconds(tookMs)}`)}\n`);
      row('Shop', style('bold', `${url}/`));
      if (wall !== undefined) row('Sale wall', style('bold', `${url}${wall}`));
      row('API', `${style('bold', `${url}/v1`)}, to read and try at ${style('bold', `${url}/docs`)}`);
      const kept = `kept in ${inHome(home.adminTokenFile)}`;
      if (adminToken.isNew) row('Admin token', `${style('bold', adminToken.token)}  ${style('dim', kept)}`);
      else row('Admin token', style('dim', kept));
      if (terminal.isInteractive) row('Log', style('dim', inHome(home.shopLog)));
      say(`\n  ${style('dim', 'Ctrl-C stops it.')}`);
    },
    event: (line) => say(`  ${style('yellow', '!')} ${line}`),
  };
}

/** The shop alone knows the key to its wall. A start is none the worse for one that does not tell it. */
async function wallPath(url: string, adminToken: string): Promise<string | undefined> {
  try {
    const headers = { authorization: `Bearer ${adminToken}` };
    const answer = await fetch(`${url}/v1/admin/wall-link`, { headers, signal: AbortSignal.timeout(2_000) });
    return answer.ok ? ((await answer.json()) as { path: string }).path : undefined;
  } catch {
    return undefined;
  }
}

// npm and the terminal both pass on one Ctrl-C, so that it arrives twice within milliseconds; nobody types that fast.
const sameKeystrokeMs = 500;

function listenToSignals(supervisor: { stop(): void; kill(): void }, terminal: Terminal) {
  let firstAtMs: number | undefined;
  let isForced = false;
  const onSignal = () => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      terminal.say(
        `\n${terminal.styleSaid('dim', 'Stopping: orders in hand are finished first. Ctrl-C again ends it at once.')}`,
      );
      supervisor.stop();
    } else if (nowMs - firstAtMs > sameKeystrokeMs && !isForced) {
      isForced = true;
      supervisor.kill();
    }
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    isForced: () => isForced,
    end() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
