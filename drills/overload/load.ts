import type { ChildProcess } from 'node:child_process';
import { forkChild, hearChild, tell } from '../child.ts';
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
  const child = forkChild(new URL('./load-member.ts', import.meta.url));
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

function ask<T>(child: ChildProcess, message: ToLoad, awaited: (message: FromLoad) => T | undefined): Promise<T> {
  const heard = hearChild(child, 'The load generator', awaited);
  tell(child, message);
  return heard;
}
