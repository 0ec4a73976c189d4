import type { Socket } from 'node:net';
import type { TurnEnd } from './turn-end.ts';

/**
 * Bytes that are held ready, or a text of one byte a character (latin1) that was made for this request: to make bytes of it for
 * each would have the collector run all the time.
 */
export type WireAnswer = Buffer | string;

/** The answers on one connection that wait for the end of the turn of the event loop in which they were made. */
export interface WireBox {
  /** How many bytes it holds. */
  readonly length: number;
  put(answer: WireAnswer): void;
  /** Sends what it holds, if anything, without waiting for the end of the turn. */
  send(): void;
}

export function createWireBox(socket: Socket, turnEnd: TurnEnd): WireBox {
  let answers: WireAnswer[] = [];
  let length = 0;

  function send(): void {
    if (length === 0) return;
    const leaving = answers;
    answers = [];
    length = 0;
    if (socket.destroyed) return;
    if (leaving.length > 1) socket.cork();
    for (const answer of leaving) socket.write(answer, 'latin1');
    if (leaving.length > 1) socket.uncork();
  }

  return {
    get length() {
      return length;
    },
    put(answer) {
      length += answer.length;
      if (answers.push(answer) === 1) turnEnd.hold(send);
    },
    send,
  };
}
