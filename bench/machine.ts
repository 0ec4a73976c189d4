import { execFileSync } from 'node:child_process';
import { cpus, platform, release, totalmem } from 'node:os';
import type { Database } from '../src/platform/database/database.ts';
import { sql } from '../src/platform/database/sql.ts';
import { version } from '../src/runtime/version.ts';

/** What a figure was measured on: without it, the figure says nothing. */
export interface Machine {
  readonly date: string;
  readonly onrush: string;
  readonly commit: string;
  readonly node: string;
  readonly postgres?: string;
  readonly os: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
}

export async function describeMachine(database?: Database): Promise<Machine> {
  const cores = cpus();
  const postgres = database && (await sql<{ version: string }>`show server_version`.execute(database)).rows[0];
  return {
    date: new Date().toISOString(),
    onrush: version,
    commit: commit(),
    node: process.version,
    ...(postgres && { postgres: Object.values(postgres)[0] ?? '' }),
    os: `${platform()} ${release()}`,
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}
