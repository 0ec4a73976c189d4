import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Tabs that were opened before a deployment ask for what was bundled then; so do pages that are not built anew yet. */
const servedMax = 3;
const keptMax = 10;
// Another process may be about to read what it has just found.
const keptAtLeastMs = 24 * 60 * 60_000;

/** The folders of the bundles made before this one, the newest first; those that nobody serves any more are deleted. */
export async function earlierBundles(folder: string, nowMs: number): Promise<string[]> {
  const cacheDir = dirname(folder);
  const names = await readdir(cacheDir).catch((): string[] => []);
  const others = names.filter((name) => name !== basename(folder) && !name.startsWith('.'));
  const found = await Promise.all(
    others.map(async (name) => {
      const path = join(cacheDir, name);
      const made = await stat(join(path, 'manifest.json')).catch(() => undefined);
      return made === undefined ? [] : [{ path, madeAtMs: made.mtimeMs }];
    }),
  );
  const bundles = found.flat().toSorted((a, b) => b.madeAtMs - a.madeAtMs);
  for (const { path, madeAtMs } of bundles.slice(keptMax)) {
    if (madeAtMs < nowMs - keptAtLeastMs) await rm(path, { recursive: true, force: true });
  }
  return bundles.slice(0, servedMax).map(({ path }) => path);
}
