import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What this bench reads of a run, of https://github.com/GoogleChrome/lighthouse/blob/main/types/lhr/lhr.d.ts. */
export interface Result {
  readonly runtimeError?: { readonly code: string; readonly message: string };
  readonly categories: Readonly<
    Record<
      string,
      { readonly score: number | null; readonly auditRefs: readonly { readonly id: string; readonly weight: number }[] }
    >
  >;
  readonly audits: Readonly<
    Record<string, { readonly title: string; readonly score: number | null; readonly displayValue?: string }>
  >;
}

export interface LighthousePackages {
  readonly lighthouse: (
    url: string,
    flags: { port: number; logLevel: 'silent'; onlyCategories: readonly string[] },
  ) => Promise<{ readonly lhr: Result } | undefined>;
  readonly launch: (options: {
    chromePath: string;
    chromeFlags: readonly string[];
    envVars: Readonly<Record<string, string | undefined>>;
    logLevel: 'silent';
  }) => Promise<{ readonly port: number; kill(): void }>;
}

const folder = import.meta.dirname;

/** Installs what this folder's lockfile says where it is not there yet: every checkout would install it, for this bench alone. */
export async function loadPackages(): Promise<LighthousePackages> {
  if (!isInstalled()) install();
  const [{ default: lighthouse }, { launch }] = await Promise.all(['lighthouse', 'chrome-launcher'].map(importNamed));
  return { lighthouse, launch };
}

function isInstalled(): boolean {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(dependencies).every(([name, version]) => versionOf(name) === version);
}

function versionOf(name: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

function install(): void {
  const npm = process.env.npm_execpath;
  if (npm === undefined) throw new Error('Run it as `npm run bench -- lighthouse`: it has npm install Lighthouse.');
  const { status } = spawnSync(process.execPath, [npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`Lighthouse could not be installed into ${folder}.`);
}

/** By a name that the type checker does not follow: where it is not installed, it has no types. */
const importNamed = (name: string) => import(name);
