import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entryNames } from './assets.ts';
import { compressFolder } from './compress.ts';

const pagesDir = fileURLToPath(new URL('..', import.meta.url));
const root = join(pagesDir, '..', '..');

/** The folder of the bundled assets of this version; bundles them first if that has not been done here yet. */
export async function bundledAssets(options: { cacheDir?: string } = {}): Promise<string> {
  const cacheDir = options.cacheDir ?? join(root, 'node_modules', '.cache', 'onrush-assets');
  const folder = join(cacheDir, sourceHash());
  if (await isThere(folder)) return folder;
  await mkdir(cacheDir, { recursive: true });
  const draft = await mkdtemp(join(cacheDir, '.draft-'));
  try {
    await bundle(draft);
    await compressFolder(draft);
    // Another process may have been quicker; its bundle is as good.
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Of all that the bundle is made from: sources, and the versions of what they import. */
export function sourceHash(): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const file of globSync(['src/pages/**/*.{ts,tsx,css,svg}'], { cwd: root }).sort()) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest('base64url').slice(0, 16).replaceAll('-', '0');
}

async function bundle(outDir: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    root: pagesDir,
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    publicDir: false,
    base: '/assets/',
    build: {
      outDir,
      emptyOutDir: true,
      assetsDir: '.',
      manifest: 'manifest.json',
      target: 'baseline-widely-available',
      cssMinify: 'lightningcss',
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: Object.fromEntries(entryNames.map((name) => [name, join(pagesDir, 'browser', `${name}.ts`)])),
      },
    },
  });
}

async function isThere(folder: string): Promise<boolean> {
  return readFile(join(folder, 'manifest.json')).then(
    () => true,
    () => false,
  );
}
