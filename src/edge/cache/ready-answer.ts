import { type ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import { createTurnEndQueue } from '../../platform/api/turn-end.ts';
import { givenLines, keepAliveLines, sendWhole, takesWhole } from '../../platform/api/whole-answer.ts';
import type { CacheMember } from './cache-status.ts';
import { type Coding, fieldsIn } from './encoding.ts';
import type { Fields } from './fields.ts';
import type { KeptAnswer, ReadyAnswer } from './kept-answer.ts';

// Beyond this a body is not copied behind its head: writing two pieces at once costs less than holding it twice.
const joinedBytesMax = 16 * 1024;

/** How a kept answer is used: with so much of its lifetime left (less than none if it is stale), or in place of a refusal. */
export type Use = { readonly ttlS: number } | 'stand-in';

/** The bytes of a hit as they were made for whoever asked first in this second. */
export interface ReadyAnswers {
  /** Before this turn of the event loop ends. False if this one has to be answered otherwise. */
  answer(
    response: ServerResponse,
    kept: KeptAnswer,
    coding: Coding | undefined,
    told: { readonly ageS: number; readonly use: Use },
  ): boolean;
}

/** `onGrown` is told of an answer that takes more room than before. */
export function createReadyAnswers(member: CacheMember, onGrown: (kept: KeptAnswer) => void): ReadyAnswers {
  const hold = createTurnEndQueue();
  const readyFor = (
    response: ServerResponse,
    kept: KeptAnswer,
    coding: Coding | undefined,
    ageS: number,
    cacheStatus: string,
  ): ReadyAnswer | undefined => {
    const known = kept.ready.get(coding ?? 'identity');
    if (known !== undefined && known.ageS === ageS && known.cacheStatus === cacheStatus) return known;
    // New bytes each time: those of the second before may be on their way still.
    const ready = makeReady(kept, coding, { ageS, cacheStatus, connection: keepAliveLines(response) });
    if (ready === undefined) return undefined;
    kept.ready.set(coding ?? 'identity', ready);
    if (known === undefined) onGrown(kept);
    return ready;
  };

  return {
    answer(response, kept, coding, { ageS, use }) {
      if (!takesWhole(response)) return false;
      const ready = readyFor(response, kept, coding, Math.floor(ageS), statusOf(member, use));
      if (ready === undefined) return false;
      const { status } = kept;
      hold(() => send(response, status, ready));
      return true;
    },
  };
}

export function statusOf(member: CacheMember, use: Use): string {
  if (use !== 'stand-in') return member.hit(use.ttlS);
  return member.forwarded({ reason: 'stale', status: 503, detail: 'stale-if-error' });
}

function send(response: ServerResponse, status: number, ready: ReadyAnswer): void {
  if (!takesWhole(response)) {
    // The client has gone in this turn, or closed its side, which to Node is the same.
    response.destroy();
    return;
  }
  // What gates before this one have set, but for what the answer says itself.
  const added = givenLines(response, ready.names);
  if (ready.whole !== undefined && added === '') {
    sendWhole(response, status, ready.whole);
    return;
  }
  const head = `${ready.head}${added}\r\n`;
  const isJoined = ready.body.length <= joinedBytesMax;
  const bytes = Buffer.allocUnsafe(head.length + (isJoined ? ready.body.length : 0));
  bytes.write(head, 0, 'latin1');
  if (isJoined) {
    ready.body.copy(bytes, head.length);
    sendWhole(response, status, bytes);
  } else sendWhole(response, status, bytes, ready.body);
}

interface Told {
  readonly ageS: number;
  readonly cacheStatus: string;
  /** Whole lines. */
  readonly connection: string;
}

/** Undefined for a head that must not be sent, or an answer that has no body. */
function makeReady(
  kept: KeptAnswer,
  coding: Coding | undefined,
  { ageS, cacheStatus, connection }: Told,
): ReadyAnswer | undefined {
  const body = coding === undefined ? kept.body : kept.encoded.get(coding);
  if (body === undefined || kept.status === 204 || kept.status === 304 || kept.part !== undefined) return undefined;
  const fields = fieldsIn(kept, coding && { coding, length: body.length });
  const lines = linesOf([...fields, 'age', String(ageS), 'cache-status', cacheStatus]);
  const reason = kept.statusMessage || (STATUS_CODES[kept.status] ?? '');
  if (lines === undefined || !/^[\t\x20-\x7e\x80-\xff]*$/.test(reason)) return undefined;
  const names = new Set(fields.filter((_, at) => at % 2 === 0));
  if (!names.has('content-length') || !names.has('date')) return undefined;
  for (const name of ['age', 'cache-status', 'connection', 'keep-alive']) names.add(name);
  const head = `HTTP/1.1 ${kept.status} ${reason}\r\n${lines}${connection}`;
  const whole = body.length <= joinedBytesMax ? Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), body]) : undefined;
  return { ageS, cacheStatus, head, body, names, ...(whole && { whole }) };
}

/** Checked as Node checks them: whatever was kept, nobody can end a head early. */
function linesOf(fields: Fields): string | undefined {
  let lines = '';
  try {
    for (let at = 0; at < fields.length; at += 2) {
      const [name = '', value = ''] = [fields[at], fields[at + 1]];
      validateHeaderName(name);
      validateHeaderValue(name, value);
      lines += `${name}: ${value}\r\n`;
    }
  } catch {
    return undefined;
  }
  return lines;
}
