import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What PostgreSQL's server writes of itself into `postmaster.pid`; lines appear one after the other while it starts. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number | undefined;
  /** `starting`, `ready`, `stopping` or `standby`, once it gets there. */
  readonly status: string | undefined;
}

export function readPostmasterFile(dataDir: string): PostmasterFile | undefined {
  try {
    return parsePostmasterFile(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The lines are listed in PostgreSQL's src/include/utils/pidfile.h. */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: lines[3] ? Number(lines[3]) : undefined, status: lines[7] || undefined };
}
