import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Failed } from './forked.ts';
import { DrillFault } from './sale/drill-fault.ts';

/** Starts a process of the drill's own; it ends with the drill (forked.ts). */
export function forkChild(module: URL): ChildProcess {
  return fork(fileURLToPath(module), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Not those of the drill: a debugger's port, for one, can be taken once only.
    execArgv: [],
  });
}

export function tell(child: ChildProcess, message: object): void {
  // It may have ended a moment ago; whoever listens is told.
  if (child.connected) child.send(message, () => {});
}

/** Resolves with what is awaited of the process (undefined: not yet); rejects when it fails or ends before. `who` names it in a sentence. */
export function hearChild<Message extends { readonly kind: string }, T>(
  child: ChildProcess,
  who: string,
  awaited: (message: Message) => T | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (told: Message | Failed) => {
      if (isFailed(told)) return finish(() => reject(new DrillFault(`${who} failed: ${told.message}`)));
      const value = awaited(told);
      if (value !== undefined) finish(() => resolve(value));
    };
    const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
      finish(() => reject(new DrillFault(`${who} ended by itself (${signal ?? `exit code ${code}`}).`)));
    const onError = (error: Error) =>
      finish(() => reject(new DrillFault(`${who} could not be run: ${error.message}.`, { cause: error })));
    const finish = (settle: () => void) => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      child.off('error', onError);
      settle();
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.on('error', onError);
  });
}

function isFailed(message: { readonly kind: string }): message is Failed {
  return message.kind === 'failed';
}
