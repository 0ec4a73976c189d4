import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBinaries, postgresMajor, programPath } from './binaries.ts';
import { startFailure } from './failure.ts';
import { findServerUser } from './server-user.ts';

export interface EmbeddedFacts {
  /** As the program says: `postgres (PostgreSQL) 18.4`. */
  readonly version: string;
  /** The user it would run as, when that is not ourselves. */
  readonly user: string | undefined;
  /** The major version that wrote the data in this folder, when there are any here. */
  readonly dataVersion: string | undefined;
}

/** Whether the embedded PostgreSQL would run here; changes nothing. Throws EngineFault with what is wrong. */
export function checkEmbedded(dir: string): EmbeddedFacts {
  const binaries = findBinaries();
  const { status, stdout, stderr, error } = spawnSync(programPath(binaries, 'postgres'), ['--version'], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw startFailure(error?.message ?? stderr, { dataDir: join(dir, 'data'), logFile: 'The terminal' });
  }
  const versionFile = join(dir, 'data', 'PG_VERSION');
  const dataVersion = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : undefined;
  return { version: stdout.trim(), user: findServerUser(join(dir, 'data'))?.name, dataVersion };
}

export const isDataOfThisVersion = (dataVersion: string | undefined) =>
  dataVersion === undefined || dataVersion === String(postgresMajor);
