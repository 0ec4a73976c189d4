import type { ServerResponse } from 'node:http';
import { isNotModified, notModifiedFields } from './conditional.ts';
import { chooseCoding, encodedFields, fieldsIn } from './encoding.ts';
import { type Fields, hasField, without } from './fields.ts';
import type { KeptAnswer } from './kept-answer.ts';
import { answerProblem } from './problem-answer.ts';
import { type ByteRange, rangeOf } from './range.ts';
import { ageS } from './reuse.ts';

/** What a request gets from a kept answer (RFC 9111, 4): the fields that tell its age come on top. */
export interface Reply {
  readonly status: number;
  readonly statusMessage: string;
  readonly fields: readonly string[];
  readonly body: Buffer | undefined;
}

/** For a GET or HEAD that the answer suits. A partial one suits only what `partFor` says. */
export function replyFrom(kept: KeptAnswer, method: string, request: Fields): Reply {
  const isOk = kept.status === 200 || kept.status === 206;
  const wantsRange = isOk && method === 'GET' && hasField(request, 'range');
  const coding = wantsRange ? undefined : chooseCoding(request, kept);
  const encoded = coding === undefined ? undefined : kept.encoded.get(coding);
  const ownFields = fieldsIn(kept, coding && encoded && { coding, length: encoded.length });
  if (isOk && isNotModifiedInAnyCoding(kept, request, ownFields)) {
    return { status: 304, statusMessage: 'Not Modified', fields: notModifiedFields(ownFields), body: undefined };
  }
  if (kept.part !== undefined) return partialReply(kept, ownFields, partFor(kept, request) ?? kept.part);
  if (wantsRange) {
    const asked = rangeOf(request, kept.fields, kept.body.length);
    if (asked.kind === 'unsatisfiable') return unsatisfiable(kept.body.length);
    if (asked.kind === 'part') return partialReply(kept, ownFields, asked.range);
  }
  return {
    status: kept.status,
    statusMessage: kept.statusMessage,
    fields: ownFields,
    body: method === 'HEAD' ? undefined : (encoded ?? kept.body),
  };
}

/** A client may hold the page in another coding than it would get now; it has it all the same. */
function isNotModifiedInAnyCoding(kept: KeptAnswer, request: Fields, ownFields: Fields): boolean {
  const { responseAtMs } = kept.terms;
  if (isNotModified(request, ownFields, responseAtMs)) return true;
  if (kept.encoded.size === 0) return false;
  return (
    isNotModified(request, kept.fields, responseAtMs) ||
    [...kept.encoded.keys()].some((coding) =>
      isNotModified(request, encodedFields(kept.fields, coding, 0), responseAtMs),
    )
  );
}

/** Of a partial answer, the bytes of the whole that a request asks for, if they are all in it. */
export function partFor(kept: KeptAnswer, request: Fields): ByteRange | undefined {
  const { part } = kept;
  if (part?.length === undefined || !hasField(request, 'range')) return undefined;
  const asked = rangeOf(request, kept.fields, part.length);
  if (asked.kind !== 'part') return undefined;
  return asked.range.first >= part.first && asked.range.last <= part.last ? asked.range : undefined;
}

function partialReply(kept: KeptAnswer, fields: Fields, { first, last }: ByteRange): Reply {
  const offset = kept.part?.first ?? 0;
  const length = kept.part?.length ?? kept.body.length;
  return {
    status: 206,
    statusMessage: 'Partial Content',
    fields: [
      ...without(fields, rangeFields),
      'content-range',
      `bytes ${first}-${last}/${length}`,
      'content-length',
      String(last - first + 1),
    ],
    body: kept.body.subarray(first - offset, last - offset + 1),
  };
}

const rangeFields = new Set(['content-range', 'content-length', 'content-md5', 'content-digest']);

function unsatisfiable(length: number): Reply {
  const fields = ['content-range', `bytes */${length}`, 'content-length', '0'];
  return { status: 416, statusMessage: 'Range Not Satisfiable', fields, body: undefined };
}

/** Answers with what is kept. `cacheStatus` is the cache's own member of `Cache-Status`. */
export function answerKept(
  response: ServerResponse,
  kept: KeptAnswer,
  request: { readonly method: string; readonly fields: Fields },
  nowMs: number,
  cacheStatus: string,
): void {
  const reply = replyFrom(kept, request.method, request.fields);
  const age = String(Math.floor(ageS(kept.terms, nowMs)));
  try {
    response.writeHead(reply.status, reply.statusMessage, [...reply.fields, 'age', age, 'cache-status', cacheStatus]);
  } catch {
    answerProblem(response, 502, 'The origin sent a header that must not be passed on.', cacheStatus);
    return;
  }
  response.end(reply.body);
}
