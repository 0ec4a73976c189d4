import { dot, junit, spec, tap } from 'node:test/reporters';

/** What `npm test -- …` asks for. */
export interface RunOptions {
  /** Files or globs; none for everything. */
  readonly patterns: readonly string[];
  readonly reporter: keyof typeof reporters;
  /** Test files at once. */
  readonly concurrency: number;
  /** For the process of each test file. */
  readonly nodeOptions: readonly string[];
}

export const reporters = { spec, tap, dot, junit } as const;

// Test files wait for PostgreSQL and for each other's turns more than they compute: a few more than there are cores.
const usualConcurrency = 4;
/** Those of `node --test` that mean the same in the process of each file; the others want a runner that is not ours. */
const ofEachFile = ['--test-name-pattern', '--test-skip-pattern', '--test-only', '--test-timeout'];

/** Options of Node itself (`--cpu-prof`, `--inspect`) are for the process of each file, which refuses what it does not know. */
export function parseRunOptions(args: readonly string[]): RunOptions | { readonly problem: string } {
  const nodeOptions: string[] = [];
  let reporter: keyof typeof reporters = 'spec';
  let concurrency = usualConcurrency;
  for (const option of args.filter((arg) => arg.startsWith('--'))) {
    const [name = '', value] = option.split(/=(.*)/s);
    if (name === '--test-reporter') {
      const known = Object.keys(reporters);
      if (!known.includes(value ?? '')) return { problem: `--test-reporter=<${known.join(' | ')}>` };
      reporter = value as keyof typeof reporters;
    } else if (name === '--test-concurrency') {
      if (!/^[1-9]\d?$/.test(value ?? '')) return { problem: '--test-concurrency=<1 to 99>' };
      concurrency = Number(value);
    } else if (name.startsWith('--test') && !ofEachFile.includes(name)) {
      const known = ['--test-reporter', '--test-concurrency', ...ofEachFile].join(', ');
      return { problem: `${name} is not known here; known of \`node --test\`: ${known}` };
    } else nodeOptions.push(option);
  }
  return { patterns: args.filter((arg) => !arg.startsWith('--')), reporter, concurrency, nodeOptions };
}
