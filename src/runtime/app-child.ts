import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EngineFault } from '../engines/engine-fault.ts';
import { identify, type ProcessIdentity } from '../engines/os-process.ts';
import type { FromApp, ToApp } from './app-messages.ts';
import type { ShopStart } from './shop-module.ts';

/** A process of the shop, seen from its supervisor. */
export interface AppChild {
  readonly identity: ProcessIdentity;
  prepare(start: ShopStart): Promise<Extract<FromApp, { kind: 'prepared' }>>;
  /** Resolves with the shop's URL when it answers. */
  serve(start: ShopStart): Promise<string>;
  /** Resolves when it has ended; after `graceMs` it is killed. */
  stop(graceMs: number): Promise<void>;
  kill(): void;
  /** How it ended, in words: `by SIGKILL`, `with exit code 1`. */
  readonly exited: Promise<string>;
}

export interface AppOptions {
  /** Undefined for our own output. */
  readonly logFile: string | undefined;
  /** How large its heap may grow. */
  readonly heapMb: number;
}

/** The process could not do as it was told; `stack` shows where, for whoever debugs. */
export class AppFault extends EngineFault {}

/**
 * Left to itself the heap grows with the machine's memory: a third more for a tenth less CPU. Up to its bound it may grow to twice
 * what is alive, and the collector's helpers leave a core to the shop: at each collection of the whole heap, every two seconds with half
 * of that to grow in, they took both cores of two for a tenth of a second.
 */
function heapFlags(heapMb: number, coreCount: number): string[] {
  return [
    `--max-old-space-size=${heapMb}`,
    '--heap-growing-percent=100',
    `--concurrent-marking-max-worker-num=${Math.max(1, Math.min(7, coreCount - 1))}`,
  ];
}

export function forkApp(shopModule: URL, options: AppOptions): AppChild {
  const { logFile, heapMb } = options;
  const log = logFile === undefined ? undefined : openSync(logFile, 'a', 0o600);
  const child = fork(fileURLToPath(new URL('./app-process.ts', import.meta.url)), [shopModule.href], {
    stdio: ['ignore', log ?? 'inherit', log ?? 'inherit', 'ipc'],
    // Not those of the supervisor: a debugger's port, for one, can be taken once only.
    execArgv: [
      ...heapFlags(heapMb, availableParallelism()),
      '--import',
      new URL('../../bin/tsx.mjs', import.meta.url).href,
    ],
  });
  if (log !== undefined) closeSync(log);
  const exited = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal === null ? `with exit code ${code}` : `by ${signal}`));
    child.on('error', (error) => resolve(`because it could not be run (${error.message})`));
  });
  const tell = (message: ToApp) => {
    // It may have ended a moment ago; `exited` says so to whoever waits.
    if (child.connected) child.send(message, () => {});
  };
  return {
    identity: (child.pid !== undefined && identify(child.pid)) || { pid: child.pid ?? 0, startMark: '' },
    exited,
    async prepare(start) {
      tell({ kind: 'prepare', start });
      return answerOf(child, exited, 'prepared', logFile);
    },
    async serve(start) {
      tell({ kind: 'serve', start });
      return (await answerOf(child, exited, 'ready', logFile)).url;
    },
    async stop(graceMs) {
      tell({ kind: 'stop' });
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

async function answerOf<Kind extends FromApp['kind']>(
  child: ChildProcess,
  exited: Promise<string>,
  kind: Kind,
  logFile: string | undefined,
): Promise<Extract<FromApp, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromApp) => {
      if (message.kind === kind) {
        child.off('message', onMessage);
        resolve(message as Extract<FromApp, { kind: Kind }>);
      } else if (message.kind === 'failed') {
        child.off('message', onMessage);
        const fault = new AppFault(message.message);
        if (message.stack !== undefined) fault.stack = message.stack;
        reject(fault);
      }
    };
    child.on('message', onMessage);
    exited.then((how) => {
      const see = logFile === undefined ? '' : ` ${logFile} has what it said.`;
      reject(new AppFault(`The shop's process ended ${how} before it was ready.${see}`));
    });
  });
}
