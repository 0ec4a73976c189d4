import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process that the test kills without warning at a point of its choice. */
export interface DoomedProcess {
  /** Resolves when the process has written this line. */
  said(line: string): Promise<void>;
  /** SIGKILL: nothing in the process can react. */
  kill(): Promise<void>;
}

export function startDoomedProcess(script: URL, args: readonly string[]): DoomedProcess {
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const waiting: { line: string; resolve: () => void }[] = [];
  if (child.stdout === null) throw new Error('the output is piped');
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const each of waiting) if (each.line === line) each.resolve();
  });
  return {
    async said(line) {
      if (lines.includes(line)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ line, resolve });
      const ended = exited.then(([code]) => {
        throw new Error(`the process ended with ${code} and never said ${line}`);
      });
      await Promise.race([promise, ended]);
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
