import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

// What the time allows when 100,000 pages are built on two cores: see docs/benchmarks.md for what each costs and saves.
const brotliQuality = 5;
const gzipLevel = 6;

/** On Node's thread pool, both at once. */
export async function compressPage(text: Buffer): Promise<{ brotli: Buffer; gzip: Buffer }> {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  };
  const [brotli, zipped] = await Promise.all([brotliAsync(text, { params }), gzipAsync(text, { level: gzipLevel })]);
  return { brotli, gzip: zipped };
}
