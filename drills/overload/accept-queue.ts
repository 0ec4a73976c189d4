import { readFileSync } from 'node:fs';

/**
 * How many connections the system has put off since it started, because the queue of whoever should take them was full: each is tried again
 * after a second. Of the whole machine (`TcpExt` in /proc/net/netstat, netstat(8)); undefined where that is not to be read.
 */
export function countPutOff(): number | undefined {
  try {
    const lines = readFileSync('/proc/net/netstat', 'utf8').split('\n');
    const [names, values] = lines.filter((line) => line.startsWith('TcpExt: ')).map((line) => line.split(' '));
    const value = Number(values?.[names?.indexOf('ListenOverflows') ?? -1]);
    return Number.isNaN(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
