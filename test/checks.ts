import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Types, lint and boundaries, each in a process of its own at the same time. One line each while all is well. */
export async function check(): Promise<boolean> {
  const results = await Promise.all([
    // Each of its checkers works out anew what most files need: four of them, as is the default, cost twice the CPU of one.
    step('types', `${nativeTypeScript()}/bin/tsc`, ['--noEmit', '--checkers', '1']),
    step('types of the browser', `${nativeTypeScript()}/bin/tsc`, ['--noEmit', '-p', 'src/pages/browser']),
    step('types of the browser tests', `${nativeTypeScript()}/bin/tsc`, ['--noEmit', '-p', 'test/browser']),
    step('lint', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
    step(
      'boundaries',
      'dependency-cruiser/bin/dependency-cruise.mjs',
      ['--config', '.dependency-cruiser.cjs', 'bin', 'src', 'drills'],
      sawTypeScript,
    ),
  ]);
  return results.every(Boolean);
}

/**
 * Two TypeScripts: version 7 checks types in half the time but has no API, and dependency-cruiser parses with the API of 6,
 * which it finds by the name `typescript`. TypeScript 7.1 is to have an API, and then one will do.
 */
function nativeTypeScript(): string {
  return existsSync(join(root, 'node_modules', 'typescript-native')) ? 'typescript-native' : 'typescript';
}

type Complaint = (output: string) => string | undefined;

async function step(
  name: string,
  program: string,
  args: string[],
  complain: Complaint = () => undefined,
): Promise<boolean> {
  const startedAtMs = performance.now();
  const { code, output } = await run(join(root, 'node_modules', program), args);
  const complaint = code === 0 ? complain(output) : output.trim();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  if (complaint === undefined) console.log(`✔ ${name} (${seconds} s)`);
  else console.log(`✖ ${name} (${seconds} s)\n${complaint}`);
  return complaint === undefined;
}

/**
 * Without a parser for TypeScript, dependency-cruiser reads none of our files and finds nothing wrong. Then it would be a
 * check that cannot fail.
 */
function sawTypeScript(output: string): string | undefined {
  const seen = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
  const there = globSync('src/**/*.{ts,tsx}', { cwd: root }).length;
  if (seen >= there) return undefined;
  return `dependency-cruiser read ${seen} modules where src alone has ${there} files: it has no parser for TypeScript (it needs typescript below 7).`;
}

function run(program: string, args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
