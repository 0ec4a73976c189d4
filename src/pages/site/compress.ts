import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from 'node:zlib';
import type { Encoding } from '../../platform/api/accepted-encoding.ts';

const smallBytes = 1024;
/** To hand so little to another thread and be woken by it takes more of this one than to do it here (0.1 ms). */
const doneHereBytesMax = 16 * 1024;

const brotliElsewhere = promisify(brotliCompress);
const gzipElsewhere = promisify(gzip);

/** For one visitor, while he waits: quick rather than small. */
export async function compressed(body: Buffer, encoding: Encoding): Promise<{ body: Buffer; encoding: Encoding }> {
  if (encoding === 'identity' || body.length < smallBytes) return { body, encoding: 'identity' };
  const isDoneHere = body.length <= doneHereBytesMax;
  if (encoding === 'gzip') {
    const options = { level: 5 };
    return { body: isDoneHere ? gzipSync(body, options) : await gzipElsewhere(body, options), encoding };
  }
  // Of a small page 2 takes half the time of 4, for an eighth more bytes.
  const quality = isDoneHere ? 2 : 4;
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  return {
    body: isDoneHere ? brotliCompressSync(body, { params }) : await brotliElsewhere(body, { params }),
    encoding,
  };
}
