import { readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const inMemory = '/dev/shm';
// The largest test files together have half a gigabyte there at once.
const bytesLeast = 2 * 1024 ** 3;

/**
 * Where tests write: in memory where there is room and programs may run, since a new database is 300 files. On a disk they
 * cost 60 to 150 ms of CPU, in memory 10, and the start of a shop 2 s less. Who has set TMPDIR has chosen.
 */
export function temporaryFolder(): string {
  if (process.platform !== 'linux' || process.env.TMPDIR !== undefined) return tmpdir();
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[1] === inMemory);
  if (mount === undefined || mount.split(/[ ,]/).includes('noexec')) return tmpdir();
  const { bavail, bsize } = statfsSync(inMemory);
  return bavail * bsize >= bytesLeast ? inMemory : tmpdir();
}
