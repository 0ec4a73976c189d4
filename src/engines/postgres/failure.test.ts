import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saysOldOnesLive, saysPortIsTaken, startFailure } from './failure.ts';

const place = { dataDir: '/shop/data', logFile: '/shop/log' };
const sentence = (said: string) => startFailure(said, place).message;

test('what PostgreSQL says of a bad day becomes one sentence that says what to do', () => {
  // As PostgreSQL 18 and its libraries print them.
  const cases: [said: string, sentence: RegExp][] = [
    [
      'FATAL:  could not write lock file "postmaster.pid": No space left on device',
      /^The disk that holds \/shop\/data is full\./,
    ],
    [
      'FATAL:  could not write to file "pg_wal/x": Disk quota exceeded',
      /^The disk quota for \/shop\/data is used up\./,
    ],
    [
      'FATAL:  could not create lock file "postmaster.pid": Read-only file system',
      /read-only file system\. Set ONRUSH_HOME/,
    ],
    ['FATAL:  data directory "/shop/data" has wrong ownership', /belongs to another user/],
    [
      'FATAL:  could not open file "global/pg_control": Permission denied',
      /may not be read or written by the user PostgreSQL runs as/,
    ],
    [
      'FATAL:  could not map anonymous shared memory: Cannot allocate memory',
      /^There is not enough memory for PostgreSQL\./,
    ],
    ['PANIC:  could not locate a valid checkpoint record at 0/0', /is damaged\. Restore it from a backup\.$/],
    ["postgres: /lib/libc.so.6: version `GLIBC_2.28' not found", /needs glibc .* Set DATABASE_URL/],
    [
      'LOG:  hello\nFATAL:  the moon is in the way\nHINT:  wait',
      /^PostgreSQL did not start: the moon is in the way\. \/shop\/log has all that it said\.$/,
    ],
    ['', /^PostgreSQL did not start: it gave no reason\./],
  ];
  for (const [said, wanted] of cases) assert.match(sentence(said), wanted);
});

test('what passes by itself is told from what does not', () => {
  assert(saysOldOnesLive('FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use'));
  assert(saysPortIsTaken('FATAL:  could not create any TCP/IP sockets'));
  assert(!saysOldOnesLive('FATAL:  No space left on device') && !saysPortIsTaken('FATAL:  No space left on device'));
});
