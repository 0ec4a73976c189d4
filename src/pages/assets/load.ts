import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { AssetFile, Assets, EntryAssets, EntryName } from './assets.ts';
import { bundledAssets } from './bundle.ts';

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

/** Bundles the assets if need be and reads them into memory, compressed as well as can be: it is done once. */
export async function loadAssets(folder?: string): Promise<Assets> {
  const from = folder ?? (await bundledAssets());
  const manifest: Record<string, ManifestChunk> = JSON.parse(await readFile(join(from, 'manifest.json'), 'utf8'));
  const names = (await readdir(from)).filter((name) => contentTypes[extname(name)] !== undefined);
  const files = new Map(
    await Promise.all(names.map(async (name) => [name, await loadFile(join(from, name))] as const)),
  );
  return {
    version: basename(from),
    entry: (name) => entryOf(manifest, name),
    file: (name) => files.get(name),
  };
}

async function loadFile(path: string): Promise<AssetFile> {
  const contentType = contentTypes[extname(path)];
  assert(contentType !== undefined, 'only files of known types are loaded');
  const identity = await readFile(path);
  // A woff2 or png is compressed already.
  if (!/^(text|image\/svg)/.test(contentType)) return { contentType, identity };
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    promisify(gzip)(identity, { level: 9 }),
  ]);
  return { contentType, identity, brotli, gzip: gzipped };
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
