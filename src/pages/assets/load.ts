import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { AssetFile, Assets, EntryAssets, EntryName } from './assets.ts';
import { bundledAssets } from './bundle.ts';
import { compressedEndings } from './compress.ts';
import { earlierBundles } from './earlier.ts';

interface ManifestChunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly assets?: readonly string[];
  readonly imports?: readonly string[];
  readonly name?: string;
  readonly isEntry?: boolean;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Bundles the assets if need be and reads them into memory, with what was compressed when they were bundled. */
export async function loadAssets(options: { cacheDir?: string } = {}): Promise<Assets> {
  const from = await bundledAssets(options);
  const manifest: Record<string, ManifestChunk> = JSON.parse(await readFile(join(from, 'manifest.json'), 'utf8'));
  const files = await loadFolder(from);
  // Names hold a hash of the content, so that the same name is the same file.
  for (const earlier of await earlierBundles(from, Date.now())) {
    // Deleted meanwhile, or half of one: the shop does not need it.
    const old = await loadFolder(earlier, files).catch(() => new Map<string, AssetFile>());
    for (const [name, file] of old) files.set(name, file);
  }
  return {
    version: basename(from),
    entry: (name) => entryOf(manifest, name),
    file: (name) => files.get(name),
  };
}

async function loadFolder(
  from: string,
  known: ReadonlyMap<string, AssetFile> = new Map(),
): Promise<Map<string, AssetFile>> {
  const names = await readdir(from);
  const wanted = names.filter((name) => contentTypes[extname(name)] !== undefined && !known.has(name));
  return new Map(await Promise.all(wanted.map(async (name) => [name, await loadFile(from, name, names)] as const)));
}

async function loadFile(from: string, name: string, names: readonly string[]): Promise<AssetFile> {
  const contentType = contentTypes[extname(name)];
  assert(contentType !== undefined, 'only files of known types are loaded');
  const read = (each: string) => (names.includes(each) ? readFile(join(from, each)) : undefined);
  const [identity, brotli, gzip] = await Promise.all([
    readFile(join(from, name)),
    read(name + compressedEndings.brotli),
    read(name + compressedEndings.gzip),
  ]);
  return { contentType, identity, ...(brotli && { brotli }), ...(gzip && { gzip }) };
}

function entryOf(manifest: Record<string, ManifestChunk>, name: EntryName): EntryAssets {
  const chunk = Object.values(manifest).find((each) => each.isEntry === true && each.name === name);
  assert(chunk !== undefined, `the bundle has the entry ${name}`);
  const chunks = [chunk, ...(chunk.imports ?? []).flatMap((key) => manifest[key] ?? [])];
  const url = (file: string) => `/assets/${file}`;
  return {
    script: url(chunk.file),
    styles: [...new Set(chunks.flatMap(({ css = [] }) => css))].map(url),
    // The Latin alphabet of the one typeface; other alphabets are loaded by who needs them.
    fonts: [...new Set(chunks.flatMap(({ assets = [] }) => assets))]
      .filter((file) => /-latin-wght-normal/.test(file))
      .map(url),
  };
}
