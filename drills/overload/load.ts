import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DrillFault } from '../sale/drill-fault.ts';
import type { FromLoad, SecondReading, ToLoad } from './load-messages.ts';
import type { RunReading } from './meter.ts';
import type { Bounds, LoadJob, Stage } from './setup.ts';

export interface LoadWatch {
  stage?(index: number): void;
  second?(second: SecondReading): void;
}

/** The process that makes the load. */
export interface Load {
  readonly pid: number;
  run(stages: readonly Stage[], bounds: Bounds, watch?: LoadWatch): Promise<RunReading>;
  dismiss(): void;
}

export async function startLoad(job: LoadJob): Promise<Load> {
  const child = fork(fileURLToPath(new URL('./load-member.ts', import.meta.url)), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Not those of the drill: a debugger's port, for one, can be taken once only.
    execArgv: [],
  });
  const dismiss = () => void child.kill('SIGKILL');
  try {
    await ask(child, { kind: 'prepare', job }, (message) => (message.kind === 'ready' ? true : undefined));
  } catch (error) {
    dismiss();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    run: (stages, bounds, watch = {}) =>
      ask(child, { kind: 'run', stages, bounds }, (message) => {
        if (message.kind === 'stage') watch.stage?.(message.index);
        if (message.kind === 'second') watch.second?.(message.second);
        return message.kind === 'done' ? message.reading : undefined;
      }),
    dismiss,
  };
}

/** Resolves with what is awaited of the process; rejects when it fails or ends before. */
function ask<T>(child: ChildProcess, message: ToLoad, awaited: (message: FromLoad) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (told: FromLoad) => {
      if (told.kind === 'failed')
        return finish(() => reject(new DrillFault(`The load generator failed: ${told.message}`)));
      const value = awaited(told);
      if (value !== undefined) finish(() => resolve(value));
    };
    const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
      finish(() => reject(new DrillFault(`The load generator ended by itself (${signal ?? `exit code ${code}`}).`)));
    const finish = (settle: () => void) => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      settle();
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    if (child.connected) child.send(message, () => {});
  });
}
