import type { ServerResponse } from 'node:http';
import { commonHeaders } from './answer.ts';
import type { HttpCall } from './call.ts';
import type { StreamEvent } from './contract.ts';

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface EventStreams {
  readonly count: number;
  /** How many are open that are counted under this name. */
  countOf(name: string): number;
  /**
   * Writes events until they end, the client goes away, or the server stops; counted meanwhile under each of these names. Throws what
   * the events' source throws.
   */
  run(
    response: ServerResponse,
    events: AsyncIterable<StreamEvent>,
    call: HttpCall,
    names: readonly string[],
  ): Promise<void>;
  /** Ends all streams cleanly; clients come back to whoever answers then, with the id of the last event that they saw. */
  stop(): void;
}

// After a lost connection a browser waits this long before it asks again.
const retryMs = 2000;

export function createEventStreams(options: { heartbeatMs: number }): EventStreams {
  const counts = new Map<string, number>();
  const open = new Set<{ response: ServerResponse; end: () => void }>();
  // One timer for all streams. A comment is what a client that only listens neither sees nor minds.
  const heartbeat = setInterval(() => {
    for (const { response } of open) if (!response.writableNeedDrain) response.write(':\n\n');
  }, options.heartbeatMs);
  heartbeat.unref();

  function count(name: string, change: 1 | -1): void {
    const now = (counts.get(name) ?? 0) + change;
    if (now > 0) counts.set(name, now);
    else counts.delete(name);
  }

  return {
    get count() {
      return open.size;
    },
    countOf: (name) => counts.get(name) ?? 0,
    async run(response, events, call, names) {
      const iterator = events[Symbol.asyncIterator]();
      const end = () => {
        call.abort();
        // A source that heeds the signal has ended; one that waits in `next` is told, so that its `finally` runs.
        iterator.return?.()?.catch(() => {});
        if (!response.writableEnded) response.end();
      };
      const stream = { response, end };
      open.add(stream);
      for (const name of names) count(name, 1);
      response.once('close', end);
      try {
        response.writeHead(200, streamHeaders(call.requestId));
        response.write(`retry: ${retryMs}\n\n`);
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
          if (response.writableEnded || response.destroyed) break;
          if (!response.write(next.value.frame ?? frameOf(next.value))) await drained(response);
        }
      } finally {
        open.delete(stream);
        for (const name of names) count(name, -1);
        response.off('close', end);
        end();
      }
    },
    stop() {
      clearInterval(heartbeat);
      for (const { end } of open) end();
    },
  };
}

function streamHeaders(requestId: string): string[] {
  const headers = commonHeaders('text/event-stream; charset=utf-8', 'no-store');
  // nginx collects an answer before it passes it on, unless told not to.
  return [...headers, 'x-accel-buffering', 'no', 'x-request-id', requestId];
}

/** The event as it goes to every client: for what many are sent, written once. */
export function serialiseEvent(event: StreamEvent): StreamEvent {
  return { ...event, frame: Buffer.from(frameOf(event)) };
}

function frameOf({ id, event, data }: StreamEvent): string {
  const idLine = id === undefined ? '' : `id: ${oneLine(id)}\n`;
  return `${idLine}event: ${oneLine(event)}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A line break would begin a field of its own; NUL in an id makes clients ignore it. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, ' ');
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
