import type { MediaType } from './api.ts';

/**
 * What a file is by its first bytes; undefined if it is none of the pictures that are taken. Before any decoder sees it:
 * one that finds out by itself would also read what nobody looked at.
 */
export function sniffMediaType(bytes: Uint8Array): MediaType | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64));
  const has = (text: string, at = 0) => head.toString('latin1', at, at + text.length) === text;
  if (has('\xff\xd8\xff')) return 'image/jpeg';
  if (has('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (has('GIF87a') || has('GIF89a')) return 'image/gif';
  if (has('RIFF') && has('WEBP', 8)) return 'image/webp';
  // ISO base media: its brands stand after `ftyp`.
  if (has('ftyp', 4) && /avi[fs]/.test(head.toString('latin1', 8))) return 'image/avif';
  // A byte order mark is a blank to `\s`.
  return /^\s*</.test(head.toString('utf8')) ? 'image/svg+xml' : undefined;
}
