import { connect, type Socket } from 'node:net';
import { createLatencies } from './latencies.ts';
import type { Journey, LoadOptions, LoadResult } from './load.ts';

// The process that `runLoad` starts: told what to send, it tells what came back, and ends.

process.once('message', async (options: LoadOptions) => {
  process.send?.(await generate(options));
});

const headEnd = Buffer.from('\r\n\r\n');

async function generate(options: LoadOptions): Promise<LoadResult> {
  const countMax = options.count ?? Number.POSITIVE_INFINITY;
  const pipelining = options.pipelining ?? 1;
  const journeyOf = await journeysOf(options);
  const latencies = createLatencies();
  const statuses: Record<string, number> = {};
  let sent = 0;
  let count = 0;
  let errors = 0;
  let endsAtMs = Number.POSITIVE_INFINITY;

  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  if (options.durationMs !== undefined) endsAtMs = startedAtMs + options.durationMs;
  await Promise.all(Array.from({ length: options.connections }, (_, index) => converse(journeyOf(index))));
  const durationMs = performance.now() - startedAtMs;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    count,
    durationMs,
    perSecond: (count / durationMs) * 1000,
    ...latencies.summary(),
    statuses,
    errors,
    cpuMs: (cpu.user + cpu.system) / 1000,
  };

  function isAtEnd(): boolean {
    return sent >= countMax || performance.now() >= endsAtMs;
  }

  function converse(journey: Journey): Promise<void> {
    return new Promise((resolve) => {
      const socket: Socket = connect({ host: options.host, port: options.port, noDelay: true });
      const sentAtMs: number[] = [];
      let rest: Buffer | undefined;
      let isOver = false;

      const send = (previous: { status: number; body: Buffer } | undefined) => {
        const hasEnded = isOver || isAtEnd() || (options.isEachOnNew === true && previous !== undefined);
        const request = hasEnded ? undefined : journey.next(previous);
        if (request === undefined) {
          isOver = true;
          if (sentAtMs.length === 0) socket.end();
          return;
        }
        sent += 1;
        sentAtMs.push(performance.now());
        socket.write(request);
      };
      const take = (chunk: Buffer) => {
        let bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
        rest = undefined;
        while (bytes.length > 0) {
          const bodyAt = bytes.indexOf(headEnd) + 4;
          const end = bodyAt < 4 ? Number.POSITIVE_INFINITY : bodyAt + contentLength(bytes, bodyAt);
          if (end > bytes.length) {
            rest = bytes;
            return;
          }
          const status = digit(bytes, 9) * 100 + digit(bytes, 10) * 10 + digit(bytes, 11);
          count += 1;
          statuses[status] = (statuses[status] ?? 0) + 1;
          latencies.add(performance.now() - (sentAtMs.shift() ?? 0));
          send({ status, body: bytes.subarray(bodyAt, end) });
          bytes = bytes.subarray(end);
        }
      };
      socket.on('connect', () => {
        for (let index = 0; index < pipelining; index++) send(undefined);
      });
      socket.on('data', take);
      socket.on('error', () => {});
      socket.on('close', () => {
        if (sentAtMs.length > 0 || !isOver) errors += 1;
        if (options.isEachOnNew === true && !isAtEnd()) resolve(converse(journey));
        else resolve();
      });
    });
  }
}

async function journeysOf({ requests }: LoadOptions): Promise<(connection: number) => Journey> {
  if ('module' in requests) {
    const { createJourney } = (await import(requests.module)) as {
      createJourney: (options: unknown, connection: number) => Journey;
    };
    return (connection) => createJourney(requests.options, connection);
  }
  // All connections draw from one pile, so that each request is sent once however fast any of them is.
  const prepared = requests.prepared.map((request) => Buffer.from(request));
  let index = 0;
  const next = () => {
    if (index === prepared.length && requests.isRepeated === true) index = 0;
    return prepared[index++];
  };
  return () => ({ next });
}

/** The length of the body that begins at `bodyAt`. An answer of unknown length would be waited for without end. */
function contentLength(bytes: Buffer, bodyAt: number): number {
  const head = bytes.toString('latin1', 0, bodyAt);
  // Both spellings that servers use.
  const at = Math.max(head.indexOf('\r\ncontent-length: '), head.indexOf('\r\nContent-Length: '));
  if (at >= 0) return Number.parseInt(head.slice(at + 18, at + 30), 10);
  const status = head.slice(9, 12);
  if (status === '204' || status === '304') return 0;
  throw new Error(`An answer has no content-length: ${head.slice(0, 200)}`);
}

function digit(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 48) - 48;
}
