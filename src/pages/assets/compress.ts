import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** What is appended to a file's name where the same is kept compressed. */
export const compressedEndings = { brotli: '.br', gzip: '.gz' } as const;

/** Puts each text of a bundle beside itself, compressed as well as can be: once, not at each start of a process. */
export async function compressFolder(folder: string): Promise<void> {
  // A woff2 or png is compressed already.
  const names = (await readdir(folder)).filter((name) => ['.js', '.css', '.svg'].includes(extname(name)));
  await Promise.all(names.map((name) => compressFile(join(folder, name))));
}

async function compressFile(path: string): Promise<void> {
  const text = await readFile(path);
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
    promisify(gzip)(text, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  await writeFile(path + compressedEndings.brotli, brotli);
  await writeFile(path + compressedEndings.gzip, gzipped);
}
