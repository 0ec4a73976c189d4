import { EngineFault } from '../engine-fault.ts';

/** What PostgreSQL and initdb say, and what it means to whoever starts a shop. The first that fits is told. */
const meanings: readonly { readonly said: RegExp; readonly sentence: (dataDir: string) => string }[] = [
  {
    said: /No space left on device|could not write to file.*ENOSPC/i,
    sentence: (dataDir) => `The disk that holds ${dataDir} is full. Free some space and start again.`,
  },
  {
    said: /Disk quota exceeded/i,
    sentence: (dataDir) => `The disk quota for ${dataDir} is used up. Free some space and start again.`,
  },
  {
    said: /Read-only file system/i,
    sentence: (dataDir) =>
      `${dataDir} is on a read-only file system. Set ONRUSH_HOME to a folder that can be written, or mount it writable.`,
  },
  {
    said: /data directory .* has (wrong ownership|invalid permissions|group or world access)/i,
    sentence: (dataDir) =>
      `${dataDir} belongs to another user than the one PostgreSQL runs as. Start Onrush as the user who started it first, or give that folder to this one.`,
  },
  {
    said: /Permission denied|could not access directory|Operation not permitted/i,
    sentence: (dataDir) =>
      `${dataDir} may not be read or written by the user PostgreSQL runs as. Give that folder to it, or set ONRUSH_HOME elsewhere.`,
  },
  {
    said: /could not (create shared memory|map anonymous shared memory|resize shared memory)|Cannot allocate memory|out of memory/i,
    sentence: () => 'There is not enough memory for PostgreSQL. Free 400 MB, or give this machine or container more.',
  },
  {
    said: /could not create semaphores/i,
    sentence: () => 'The system has no semaphores left for PostgreSQL. Raise kernel.sem, or end other databases.',
  },
  {
    said: /database files are incompatible with server|initialized by PostgreSQL version/i,
    sentence: (dataDir) =>
      `${dataDir} was written by another version of PostgreSQL. Start the Onrush that wrote it and export the shop, then import it into a new home.`,
  },
  {
    said: /could not locate a valid checkpoint record|invalid (primary )?checkpoint|could not read file "global\/pg_control"|incorrect checksum in control file/i,
    sentence: (dataDir) => `The data in ${dataDir} is damaged. Restore it from a backup.`,
  },
  {
    said: /invalid value for parameter|unrecognized configuration parameter|configuration file .* contains errors/i,
    sentence: (dataDir) => `A setting in ${dataDir}/local.conf is not one that PostgreSQL understands. Correct it.`,
  },
  {
    said: /GLIBC_|cannot open shared object file|error while loading shared libraries/i,
    sentence: () =>
      'The embedded PostgreSQL does not run on this system (it needs glibc 2.27 or newer). Set DATABASE_URL to a PostgreSQL 18 of your own.',
  },
];

export function startFailure(said: string, input: { dataDir: string; logFile: string }): EngineFault {
  const meaning = meanings.find((candidate) => candidate.said.test(said));
  if (meaning !== undefined) return new EngineFault(meaning.sentence(input.dataDir), { cause: new Error(said) });
  const line =
    said.split('\n').findLast((candidate) => /FATAL|PANIC|error:/.test(candidate)) ?? said.trim().split('\n').at(-1);
  const reason = line?.replace(/^.*?(FATAL|PANIC|error):\s*/, '') || 'it gave no reason';
  return new EngineFault(`PostgreSQL did not start: ${reason}. ${input.logFile} has all that it said.`, {
    cause: new Error(said),
  });
}

/** Another program listens where PostgreSQL wanted to. */
export const saysPortIsTaken = (said: string) =>
  /could not create any TCP\/IP sockets|Address already in use/.test(said);

/** Children of a killed server still hold its shared memory. */
export const saysOldOnesLive = (said: string) =>
  /pre-existing shared memory block|lock file "postmaster.pid" already exists/.test(said);
