import { readFileSync, rmSync } from 'node:fs';
import { isRunning, type ProcessIdentity } from '../engines/os-process.ts';
import { writeFileAtomic } from '../engines/write-file-atomic.ts';
import { homeAt } from './home.ts';

/** What runs now, for other commands to find; written anew whenever a process comes or goes. */
export interface RunFile {
  readonly supervisor: ProcessIdentity;
  readonly startedAtMs: number;
  /** `starting` until the shop has answered for the first time, and again while it is being restarted. */
  readonly state: 'starting' | 'ready' | 'stopping';
  /** Where the shop answers, such as `http://127.0.0.1:7070`; absent until it is known. */
  readonly url?: string;
  readonly database: {
    readonly kind: 'embedded' | 'own';
    /** With its password: the file is for its owner's eyes only. */
    readonly url: string;
    /** Of the embedded server's first process. */
    readonly pid?: number;
  };
  readonly processes: readonly (ProcessIdentity & { readonly name: string })[];
}

/** What runs in this home (a path) now; undefined when its supervisor does not live. */
export function readRunFile(home: string): RunFile | undefined {
  const file = readLastRunFile(home);
  return file && isRunning(file.supervisor) ? file : undefined;
}

/** What ran last, be it alive or not. */
export function readLastRunFile(home: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(homeAt(home).runFile, 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}

export function writeRunFile(home: string, file: RunFile): void {
  writeFileAtomic(homeAt(home).runFile, `${JSON.stringify(file, null, 2)}\n`, 0o600);
}

export function removeRunFile(home: string): void {
  rmSync(homeAt(home).runFile, { force: true });
}
