import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { isStrongTag } from './conditional.ts';
import { type Fields, fieldValue, firstLine, hasField, listOf, without } from './fields.ts';
import type { KeptAnswer } from './kept-answer.ts';
import { preferences } from './vary.ts';

export type Coding = 'br' | 'gzip';

// Less than this fits into the packet that is sent anyway.
const worthBytes = 1_024;

const text =
  /^(?:text\/(?!event-stream)|application\/(?:json|javascript|xml|manifest\+json|wasm|[^;]*\+(?:json|xml))|image\/svg\+xml)/i;

/** Whether the cache offers this answer in other codings too. What says a digest of its bytes would be belied by them. */
export function isCompressible(
  answer: Pick<KeptAnswer, 'status' | 'fields' | 'terms' | 'part'> & { readonly bodyBytes: number },
): boolean {
  const { status, fields, terms, part, bodyBytes } = answer;
  return (
    status === 200 &&
    part === undefined &&
    bodyBytes >= worthBytes &&
    !terms.isNoTransform &&
    !hasField(fields, 'content-encoding') &&
    !hasField(fields, 'content-digest') &&
    !hasField(fields, 'content-md5') &&
    !hasField(fields, 'repr-digest') &&
    text.test(firstLine(fields, 'content-type') ?? '')
  );
}

const compress = { br: promisify(brotliCompress), gzip: promisify(gzip) };

/** In the thread pool. Undefined for what does not get smaller by it. */
export async function encode(body: Buffer, coding: Coding): Promise<Buffer | undefined> {
  // Made once and sent often, but while requests are served: quality 6 is near the best at a tenth of its time.
  const encoded =
    coding === 'br'
      ? await compress.br(body, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
        })
      : await compress.gzip(body, { level: 7 });
  return encoded.length < body.length * 0.9 ? encoded : undefined;
}

/** How much a request wants each coding: from 0, not at all, to 1. */
export interface CodingWishes {
  readonly br: number;
  readonly gzip: number;
  readonly identity: number;
}

/** `identity` need not be named to be accepted, but who names it with more weight wants it. */
export function codingWishes(acceptEncoding: string): CodingWishes {
  const wanted = new Map(preferences(acceptEncoding).map(({ what, weight }) => [what, weight]));
  const weightOf = (coding: string) => wanted.get(coding) ?? wanted.get('*') ?? 0;
  return { br: weightOf('br'), gzip: weightOf('gzip'), identity: wanted.get('identity') ?? 0 };
}

/** Which of the bodies at hand a request likes best; brotli before gzip where it likes both alike. */
export function chooseCoding(request: Fields, answer: Pick<KeptAnswer, 'encoded'>): Coding | undefined {
  if (answer.encoded.size === 0) return undefined;
  const accepted = fieldValue(request, 'accept-encoding');
  return accepted === undefined ? undefined : likedCoding(codingWishes(accepted), answer);
}

export function likedCoding(wishes: CodingWishes, { encoded }: Pick<KeptAnswer, 'encoded'>): Coding | undefined {
  const br = encoded.has('br') ? wishes.br : 0;
  const gz = encoded.has('gzip') ? wishes.gzip : 0;
  const weight = Math.max(br, gz);
  if (weight === 0 || weight < wishes.identity) return undefined;
  return br >= gz ? 'br' : 'gzip';
}

/** The head of an answer in another coding. Its bytes are others, so a strong tag must be another too (RFC 9110, 8.8.3.3). */
export function encodedFields(fields: Fields, coding: Coding, length: number): string[] {
  const changed = without(fields, changedByCoding);
  const etag = firstLine(fields, 'etag');
  if (etag !== undefined) changed.push('etag', encodedTag(etag, coding));
  changed.push('content-encoding', coding, 'content-length', String(length));
  return changed;
}

/** Its head in a coding, identity if none is named: with what it is chosen by, where it is offered in several. */
export function fieldsIn(
  kept: Pick<KeptAnswer, 'status' | 'fields' | 'terms' | 'part' | 'body'>,
  encoded: { readonly coding: Coding; readonly length: number } | undefined,
): Fields {
  const offered = isCompressible({ ...kept, bodyBytes: kept.body.length })
    ? withVaryOnEncoding(kept.fields)
    : kept.fields;
  return encoded === undefined ? offered : encodedFields(offered, encoded.coding, encoded.length);
}

const changedByCoding = new Set(['etag', 'content-length', 'content-encoding', 'accept-ranges']);

export function encodedTag(etag: string, coding: Coding): string {
  return isStrongTag(etag) ? `${etag.slice(0, -1)}.${coding}"` : etag;
}

/** With `accept-encoding` among what the answer was chosen by. */
export function withVaryOnEncoding(fields: Fields): string[] {
  const vary = listOf(fieldValue(fields, 'vary'));
  if (vary.some((name) => name.toLowerCase() === 'accept-encoding')) return [...fields];
  return [...without(fields, varyName), 'vary', [...vary, 'Accept-Encoding'].join(', ')];
}

const varyName = new Set(['vary']);
