import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A process beyond doubt. A pid alone is not: pids are reused, in containers within seconds, and a stale file must neither
 * keep the shop from starting nor make us end somebody else's process.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in whatever form the system tells; equal marks of one pid mean the same process. */
  readonly startMark: string;
}

/** Who has this pid now; undefined when nobody has, or only a zombie that waits to be reaped. */
export function identify(pid: number): ProcessIdentity | undefined {
  if (!Number.isInteger(pid) || pid <= 0 || !hasPid(pid)) return undefined;
  if (process.platform === 'linux') return identifyByProc(pid);
  if (process.platform === 'win32') return { pid, startMark: '' };
  return identifyByPs(pid);
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startMark === identity.startMark;
}

/** Resolves with whether the process ended within the time. */
export async function waitForEnd(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const endAtMs = performance.now() + timeoutMs;
  while (isRunning(identity)) {
    if (performance.now() >= endAtMs) return false;
    await delay(20);
  }
  return true;
}

/** Signals a process that may have ended meanwhile. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Processes whose working directory is `directory`; PostgreSQL's processes work in their data directory. Linux only. */
export function processesIn(directory: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && workingDirectoryOf(Number(entry)) === directory)
    .map((entry) => identify(Number(entry)))
    .filter((identity) => identity !== undefined);
}

/** Undefined when it is unknown: another user's process, or not Linux. */
export function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** The command line, as far as the system tells; empty when it does not. */
export function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    if (process.platform === 'win32') return '';
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** Whether the pid is taken, be it by a zombie that nobody reaps. */
export function hasPid(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function identifyByProc(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; what follows the last one is regular: state is field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    // Start times count from the boot, so that the mark needs to name the boot.
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid, startMark: `${boot}/${fields[19]}` };
  } catch {
    return undefined;
  }
}

function identifyByPs(pid: number): ProcessIdentity | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const [state = '', ...started] = line.split(/\s+/);
    return state.startsWith('Z') || started.length === 0 ? undefined : { pid, startMark: started.join(' ') };
  } catch {
    return undefined;
  }
}
