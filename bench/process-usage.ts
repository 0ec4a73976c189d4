import { readdirSync, readFileSync } from 'node:fs';

/** What processes have used so far. Linux only: elsewhere undefined, and the bench leaves those figures out. */
export interface Usage {
  readonly cpuMs: number;
  readonly peakRssMb: number;
}

// USER_HZ, the unit of /proc/<pid>/stat, is 100 on every Linux that Node runs on.
const msPerTick = 10;

/** A process and its children. CPU time of children that have ended and were waited for counts; peak memory is the process's own. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const children = childrenOf(pid).filter((child) => child !== pid);
    const cpuMs = [pid, ...children].reduce((sum, each) => sum + cpuMsOf(each), 0);
    return { cpuMs, peakRssMb: peakRssMbOf(pid) };
  } catch {
    return undefined;
  }
}

/** What a process and those below it take of memory now, of programs of this name only. 0 where the system does not tell. */
export function rssMbOfTree(pid: number, program: string): number {
  try {
    const below = childrenOf(pid).filter((child) => child !== pid);
    const own = programOf(pid).startsWith(program) ? rssMbOf(pid) : 0;
    return below.reduce((sum, child) => sum + rssMbOfTree(child, program), own);
  } catch {
    return 0;
  }
}

function programOf(pid: number): string {
  return /^Name:\s+(.+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
}

function rssMbOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => fields(each)?.ppid === pid);
}

function cpuMsOf(pid: number): number {
  return (fields(pid)?.ticks ?? 0) * msPerTick;
}

function fields(pid: number): { ppid: number; ticks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the command's name, which stands in parentheses and may hold anything.
    const rest = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = rest.slice(11, 15);
    return { ppid: rest[1] ?? 0, ticks: utime + stime + cutime + cstime };
  } catch {
    return undefined;
  }
}

function peakRssMbOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
