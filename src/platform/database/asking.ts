import type { Writable } from 'node:stream';
import type pg from 'pg';
import type { QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { type Listed, Roster, unlisted } from '../roster/roster.ts';

/** How statements are sent to connections. */
export interface Asking {
  /** Rejects with the driver's error; for a connection that was given up with one that says that it was terminated. */
  ask<Row extends QueryResultRow>(client: pg.ClientBase, query: QueryConfig): Promise<QueryResult<Row>>;
  stop(): void;
}

interface Asked extends Listed {
  readonly client: pg.ClientBase;
  readonly sinceMs: number;
}

const sweepMsMax = 1_000;

/**
 * Gives up a connection on which an answer takes longer than `answerMsMax`: its server has gone without a word.
 *
 * The driver could do both, make the promise and set a time for each statement. But then each statement, with all that it was sent with
 * and all that it was answered, lives until the next collection of the whole heap: of an order and its payment 13 KB, which
 * had the collector stop a busy shop every two or three seconds.
 */
export function createAsking(answerMsMax: number | undefined): Asking {
  const underWay = new Roster<Asked>();
  const sweep =
    answerMsMax === undefined
      ? undefined
      : setInterval(() => giveUp(performance.now() - answerMsMax), Math.min(sweepMsMax, answerMsMax / 4)).unref();

  function giveUp(sinceMsMin: number): void {
    // Whoever waits on such a connection is told that it was terminated.
    for (const { client, sinceMs } of underWay.snapshot()) if (sinceMs < sinceMsMin) streamOf(client).destroy();
  }

  return {
    ask<Row extends QueryResultRow>(client: pg.ClientBase, query: QueryConfig) {
      const asked: Asked = { client, sinceMs: performance.now(), rosterIndex: unlisted };
      underWay.add(asked);
      return new Promise<QueryResult<Row>>((resolve, reject) => {
        client.query<Row>(query, (error, result) => {
          underWay.delete(asked);
          if (error) reject(error);
          else resolve(result);
        });
      });
    },
    stop: () => clearInterval(sweep),
  };
}

/** The socket of a connection, which the driver's types do not tell of. */
export function streamOf(client: pg.ClientBase): Writable {
  return (client as unknown as { connection: { stream: Writable } }).connection.stream;
}
