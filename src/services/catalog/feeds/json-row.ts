import { isUtf8 } from 'node:buffer';
import { hostileDetail } from '../../../platform/api/body.ts';
import { type FeedRecord, quoted, type RefusedRow } from './record.ts';

/** Deeper than any product is, shallow enough for every recursive reader after this one. */
const depthMax = 32;

/** One JSON object, from its bytes. */
export function parseJsonRow(bytes: Buffer, line: number, byte: number): FeedRecord | RefusedRow {
  if (!isUtf8(bytes)) return notUtf8(line, byte);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    return { kind: 'refused', line, byte, reason: 'syntax', detail: `is not JSON: ${jsonFault(error as Error)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'refused', line, byte, reason: 'syntax', detail: 'is not a JSON object' };
  }
  const hostile = hostileDetail(value, depthMax);
  if (hostile !== undefined) {
    return { kind: 'refused', line, byte, reason: 'syntax', detail: `${hostile.pointer || 'it'} ${hostile.detail}` };
  }
  return { kind: 'record', line, byte, values: value as Record<string, unknown> };
}

export function notUtf8(line: number, byte: number): RefusedRow {
  const detail = 'holds bytes that are not UTF-8 (convert the file, for instance with `iconv -f latin1 -t utf-8`)';
  return { kind: 'refused', line, byte, reason: 'encoding', detail };
}

export function tooLarge(line: number, byte: number, rowBytesMax: number): RefusedRow {
  const detail = `is larger than ${rowBytesMax} bytes`;
  return { kind: 'refused', line, byte, reason: 'too-large', detail };
}

/** V8 quotes the text it fails on, which may be long and is ours to bound, and says once more that it is not JSON. */
function jsonFault(error: Error): string {
  const bare = error.message.replace(/ in JSON at position.*| \(line.*|, "?\.\.\..*|(, )?".*" is not valid JSON$/s, '');
  return quoted(bare || 'Unexpected text', 80).slice(1, -1);
}
