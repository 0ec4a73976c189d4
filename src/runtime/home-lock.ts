import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { EngineFault, systemCode, writeFault } from '../engines/engine-fault.ts';
import { identify, isRunning, type ProcessIdentity } from '../engines/os-process.ts';
import type { Home } from './home.ts';

/** One process at a time may run or change a home's database. */
export interface HomeLock {
  /** Adds where the shop can be found, for whoever meets the lock. */
  announce(url: string): void;
  release(): void;
}

interface Holder extends ProcessIdentity {
  /** The command that holds it: `up`, `import` … */
  readonly command: string;
  readonly url?: string;
}

/** Somebody else holds the home; the message says who, and what to do. */
export class HomeBusy extends EngineFault {}

/** Throws HomeBusy while a living process holds the home. A dead one's lock is no obstacle. */
export function acquireHomeLock(home: Home, command: string): HomeLock {
  const self = identify(process.pid);
  if (self === undefined) throw new EngineFault('This process cannot find itself in the process table.');
  const holder: Holder = { ...self, command };
  take(home.lockFile, holder);
  let isHeld = true;
  return {
    announce(url) {
      if (isHeld) replace(home.lockFile, { ...holder, url });
    },
    release() {
      if (isHeld) rmSync(home.lockFile, { force: true });
      isHeld = false;
    },
  };
}

/** Who holds the home now; undefined when nobody living does. */
export function homeHolder(home: Home): Holder | undefined {
  const holder = readHolder(home.lockFile);
  return holder && isRunning(holder) ? holder : undefined;
}

function take(file: string, holder: Holder): void {
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
    for (;;) {
      try {
        // A link appears together with its content: nobody ever reads a lock that names no one.
        linkSync(draft, file);
        return;
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
      const other = readHolder(file);
      if (other !== undefined && isRunning(other)) throw new HomeBusy(busySentence(other));
      removeStale(file);
    }
  } catch (error) {
    throw writeFault(error, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Moved aside and looked at once more before it goes: between our look and our deed another starter may have removed the
 * stale lock and put up its own, and that one we must give back.
 */
function removeStale(file: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && isRunning(moved)) linkSync(aside, file);
  rmSync(aside);
}

function replace(file: string, holder: Holder): void {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  renameSync(draft, file);
}

function readHolder(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    const isWhole = Number.isInteger(holder.pid) && typeof holder.startMark === 'string';
    return isWhole ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function busySentence({ command, pid, url }: Holder): string {
  if (command === 'up') {
    return `This shop is running already (pid ${pid}${url === undefined ? ', starting' : `, ${url}`}). Stop it with Ctrl-C there, or with \`kill ${pid}\`.`;
  }
  return `\`onrush ${command}\` is at work on this shop (pid ${pid}). Try again when it has ended.`;
}
