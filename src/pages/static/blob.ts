import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A page as it is stored and served. */
export interface StoredPage {
  /** With the locale. */
  readonly path: string;
  readonly buildId: string;
  /** Of the text before it was compressed; without quotes. */
  readonly etag: string;
  readonly contentType: string;
  readonly cacheControl: string;
  /** Length of the text. */
  readonly identityBytes: number;
  readonly brotli: Buffer;
  readonly gzip: Buffer;
}

/** Where a page is stored. A path may be long and hold anything, so it is hashed; the first part keeps folders small. */
export function blobKey(path: string): string {
  const name = hash('sha256', path, 'hex').slice(0, 40);
  return `pages/${name.slice(0, 2)}/${name.slice(2)}`;
}

type Header = Omit<StoredPage, 'brotli' | 'gzip'> & {
  readonly brotliBytes: number;
  readonly gzipBytes: number;
  readonly crc32: number;
};

const newline = 0x0a;

/** One line of JSON, then the page as brotli, then as gzip. */
export function encodeBlob({ brotli, gzip, ...page }: StoredPage): Buffer {
  const header: Header = {
    ...page,
    brotliBytes: brotli.length,
    gzipBytes: gzip.length,
    crc32: crc32(gzip, crc32(brotli)),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), brotli, gzip]);
}

/** Undefined for what is not whole: files are not flushed to disk one by one, so a power cut may leave half of one. */
export function decodeBlob(bytes: Buffer): StoredPage | undefined {
  const lineEnd = bytes.indexOf(newline);
  if (lineEnd < 0) return undefined;
  let header: Header;
  try {
    header = JSON.parse(bytes.toString('utf8', 0, lineEnd)) as Header;
  } catch {
    return undefined;
  }
  const { brotliBytes, gzipBytes, crc32: checksum, ...page } = header;
  const brotli = bytes.subarray(lineEnd + 1, lineEnd + 1 + brotliBytes);
  const gzip = bytes.subarray(lineEnd + 1 + brotliBytes);
  if (gzip.length !== gzipBytes || crc32(gzip, crc32(brotli)) !== checksum) return undefined;
  return { ...page, brotli, gzip };
}
