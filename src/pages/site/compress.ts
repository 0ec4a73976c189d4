import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Encoding } from '../../platform/api/accepted-encoding.ts';

const smallBytes = 1024;

/** For one visitor, while he waits: quick rather than small. */
export async function compressed(body: Buffer, encoding: Encoding): Promise<{ body: Buffer; encoding: Encoding }> {
  if (encoding === 'identity' || body.length < smallBytes) return { body, encoding: 'identity' };
  if (encoding === 'gzip') return { body: await promisify(gzip)(body, { level: 5 }), encoding };
  const params = { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  return { body: await promisify(brotliCompress)(body, { params }), encoding };
}
