import { type ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import type { Admit } from '../../platform/api/gate.ts';
import { givenLines, keepAliveLines, sendWhole, takesWhole } from '../../platform/api/whole-answer.ts';
import type { WireAnswer } from '../../platform/api/wire-box.ts';
import type { CacheMember } from './cache-status.ts';
import { type Coding, fieldsIn } from './encoding.ts';
import type { Fields } from './fields.ts';
import type { KeptAnswer, ReadyAnswer } from './kept-answer.ts';

// Beyond this a body is not copied behind its head: writing two pieces at once costs less than holding it twice.
const joinedBytesMax = 16 * 1024;
// Of what a head says of the moment, twice: as text, and joined with the body.
const momentBytes = 2 * 256;

/** How a kept answer is used: with so much of its lifetime left (less than none if it is stale), or in place of a refusal. */
export type Use = { readonly ttlS: number } | 'stand-in';

/** What is told of a kept answer with it. */
export interface Told {
  readonly ageS: number;
  readonly use: Use;
}

/** The bytes of a hit as they were made for whoever asked first in this second. */
export interface ReadyAnswers {
  /** False if this one has to be answered otherwise. */
  answer(response: ServerResponse, kept: KeptAnswer, coding: Coding | undefined, told: Told): boolean;
  /** The same for the wire: undefined for what must go another way, or is not admitted. */
  onWire(
    socket: Socket,
    kept: KeptAnswer,
    coding: Coding | undefined,
    told: Told,
    admit: Admit,
  ): WireAnswer | undefined;
}

/** `onGrown` is told of an answer that takes more room than before. */
export function createReadyAnswers(member: CacheMember, onGrown: (kept: KeptAnswer) => void): ReadyAnswers {
  const readyFor = (
    socket: Socket | null,
    kept: KeptAnswer,
    coding: Coding | undefined,
    told: Told,
  ): ReadyAnswer | undefined => {
    const ready = kept.ready.get(coding ?? 'identity') ?? makeReady(kept, coding);
    if (ready === undefined) return undefined;
    const ageS = Math.floor(told.ageS);
    const cacheStatus = statusOf(member, told.use);
    if (ready.ageS !== ageS || ready.cacheStatus !== cacheStatus) {
      ready.ageS = ageS;
      ready.cacheStatus = cacheStatus;
      ready.head = `${ready.start}age: ${ageS}\r\ncache-status: ${cacheStatus}\r\n${keepAliveLines(socket)}`;
      // New bytes: the old ones may be on their way still.
      ready.whole = undefined;
    }
    return ready;
  };

  /** Undefined for a head that must not be sent, or an answer that has no body. */
  function makeReady(kept: KeptAnswer, coding: Coding | undefined): ReadyAnswer | undefined {
    const body = coding === undefined ? kept.body : kept.encoded.get(coding);
    if (body === undefined || kept.status === 204 || kept.status === 304 || kept.part !== undefined) return undefined;
    const fields = fieldsIn(kept, coding && { coding, length: body.length });
    const lines = linesOf(fields);
    const reason = kept.statusMessage || (STATUS_CODES[kept.status] ?? '');
    if (lines === undefined || !/^[\t\x20-\x7e\x80-\xff]*$/.test(reason)) return undefined;
    const names = new Set(fields.filter((_, at) => at % 2 === 0));
    if (!names.has('content-length') || !names.has('date')) return undefined;
    for (const name of ['age', 'cache-status', 'connection', 'keep-alive']) names.add(name);
    const start = `HTTP/1.1 ${kept.status} ${reason}\r\n${lines}`;
    const bytes = 3 * start.length + momentBytes + (isJoined(body) ? body.length : 0) + 32 * names.size;
    const ready: ReadyAnswer = { start, names, body, bytes, ageS: -1, cacheStatus: '', head: '', whole: undefined };
    kept.ready.set(coding ?? 'identity', ready);
    onGrown(kept);
    return ready;
  }

  return {
    answer(response, kept, coding, told) {
      if (!takesWhole(response)) return false;
      const ready = readyFor(response.socket, kept, coding, told);
      if (ready === undefined) return false;
      send(response, kept.status, ready);
      return true;
    },
    onWire(socket, kept, coding, told, admit) {
      const ready = readyFor(socket, kept, coding, told);
      if (ready === undefined || !isJoined(ready.body)) return undefined;
      const added = admit();
      return added === undefined ? undefined : joined(ready, added);
    },
  };
}

export function statusOf(member: CacheMember, use: Use): string {
  if (use !== 'stand-in') return member.hit(use.ttlS);
  return member.forwarded({ reason: 'stale', status: 503, detail: 'stale-if-error' });
}

function send(response: ServerResponse, status: number, ready: ReadyAnswer): void {
  // What gates before this one have set, but for what the answer says itself.
  const added = givenLines(response, ready.names);
  if (isJoined(ready.body)) sendWhole(response, status, joined(ready, added));
  else sendWhole(response, status, Buffer.from(`${ready.head}${added}\r\n`, 'latin1'), ready.body);
}

const isJoined = (body: Buffer) => body.length <= joinedBytesMax;

/** The whole of it, with these lines more in its head. */
function joined(ready: ReadyAnswer, added: string): Buffer {
  if (added === '' && ready.whole !== undefined) return ready.whole;
  const { head, body } = ready;
  const length = head.length + added.length + 2 + body.length;
  // What is kept must not keep a piece of a pool.
  const bytes = added === '' ? Buffer.allocUnsafeSlow(length) : Buffer.allocUnsafe(length);
  bytes.write(`${head}${added}\r\n`, 0, 'latin1');
  body.copy(bytes, bytes.length - body.length);
  if (added === '') ready.whole = bytes;
  return bytes;
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
