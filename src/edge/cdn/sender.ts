import type { Clock } from '../../platform/context/context.ts';
import type { Database, Tx } from '../../platform/database/database.ts';
import { delayMs } from '../../platform/events/backoff.ts';
import { parkAsDead } from '../../platform/events/dead-letter.ts';
import type { Log, Metrics } from '../../platform/telemetry/telemetry.ts';
import type { CdnAdapter, CdnBatch, CdnOutcome } from './adapter.ts';
import {
  countWaiting,
  endTurn,
  loadDue,
  markSent,
  takeOut,
  takeTurn,
  type WantedPurge,
  wantEverythingInstead,
} from './store.ts';

export interface SenderContext {
  readonly clock: Clock;
  readonly database: Database;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'counter' | 'gauge'>;
}

export const cdnGroup = 'cdn';

type Refusal = CdnOutcome & { readonly kind: 'refused' };

interface TurnEnd {
  /** How often in a row sending has failed. */
  readonly failedCount: number;
  readonly pausedUntilMs: number | undefined;
}

// Longer than any request may take; a process that dies while it sends is waited for this long.
const leaseMs = 60_000;
const backoff = { baseMs: 1_000, capMs: 300_000, random: Math.random };
// After a refusal of ourselves every request would meet the same.
const refusedPauseMs = 30_000;
// So many names would take the API minutes, and everybody who looks meanwhile sees what is old: everything at once is kinder.
const waitingMax = 5_000;

/**
 * Sends what waits, a batch at a time, from one process at a time; in its order everything, tags, URLs. Nothing is lost: what
 * fails waits for its next turn, what is refused becomes a dead letter of the event that asked for it.
 */
export function createSender(ctx: SenderContext, adapter: CdnAdapter) {
  const { clock, database, metrics } = ctx;
  const log = ctx.log.child({ room: 'cdn' });
  const outcomes = metrics.counter('onrush_cdn_purges_total', 'Requests to the CDN, by what became of them', [
    'outcome',
  ]);
  let waitingCount = 0;
  metrics.gauge('onrush_cdn_waiting', 'Names that the CDN is still to forget', () => waitingCount);

  /** Sends some; true when there may be more. */
  async function look(): Promise<boolean> {
    const nowMs = clock.nowMs();
    const turn = await takeTurn(database, nowMs, leaseMs);
    if (turn === undefined) return false;
    let ended: TurnEnd = { failedCount: turn.failedCount, pausedUntilMs: undefined };
    try {
      waitingCount = await countWaiting(database);
      if (waitingCount > waitingMax && adapter.canPurgeEverything) {
        log.warn({ waitingCount }, 'so much has changed that the CDN is to forget everything');
        await database.transaction(wantEverythingInstead);
      }
      const batch = await nextBatch(nowMs);
      if (batch === undefined) return false;
      ended = await send(batch, turn.failedCount);
      waitingCount = await countWaiting(database);
      return ended.pausedUntilMs === undefined;
    } finally {
      await endTurn(database, ended);
    }
  }

  async function nextBatch(nowMs: number): Promise<CdnBatch | undefined> {
    const everything = await loadDue(database, { kind: 'everything', nowMs, limit: 1 });
    if (everything.length > 0) return { kind: 'everything' };
    for (const kind of ['tag', 'url'] as const) {
      const names = await loadDue(database, { kind, nowMs, limit: adapter.batchMax[kind] });
      if (names.length > 0) return { kind, names };
    }
    return undefined;
  }

  async function send(batch: CdnBatch, failedCount: number): Promise<TurnEnd> {
    const sentAtMs = clock.nowMs();
    const outcome = await adapter.purge(batch);
    outcomes.add(1, { outcome: outcome.kind });
    const names = batch.kind === 'everything' ? [''] : batch.names;
    switch (outcome.kind) {
      case 'purged':
        await database.transaction((tx) => markSent(tx, { kind: batch.kind, names, sentAtMs }));
        log.debug({ kind: batch.kind, count: names.length }, 'purged');
        return { failedCount: 0, pausedUntilMs: undefined };
      case 'later':
        return postpone(outcome, failedCount + 1);
      case 'refused':
        return refused(batch, outcome, failedCount);
    }
  }

  function postpone({ reason, afterMs = 0 }: CdnOutcome & { kind: 'later' }, failedCount: number): TurnEnd {
    const waitMs = Math.max(afterMs, delayMs(backoff, failedCount));
    log.warn({ reason, waitMs }, 'the CDN could not be told what to forget, and will be told again');
    return { failedCount, pausedUntilMs: clock.nowMs() + waitMs };
  }

  /** Of a batch, the half that is in order is found by asking for halves: one bad name takes no other with it. */
  async function refused(batch: CdnBatch, outcome: Refusal, failedCount: number): Promise<TurnEnd> {
    if (batch.kind !== 'everything' && batch.names.length > 1 && !outcome.isAboutUs) {
      const middle = Math.ceil(batch.names.length / 2);
      const first = await send({ kind: batch.kind, names: batch.names.slice(0, middle) }, failedCount);
      if (first.pausedUntilMs !== undefined) return first;
      return send({ kind: batch.kind, names: batch.names.slice(middle) }, failedCount);
    }
    log.error(
      { reason: outcome.reason, kind: batch.kind },
      'the CDN refuses, so what it was to forget is a dead letter now',
    );
    const names = batch.kind === 'everything' ? [''] : batch.names;
    await database.transaction((tx) => giveUp(tx, batch.kind, names, outcome.reason));
    return { failedCount: 0, pausedUntilMs: outcome.isAboutUs ? clock.nowMs() + refusedPauseMs : undefined };
  }

  return { look };
}

async function giveUp(tx: Tx, kind: WantedPurge['kind'], names: readonly string[], reason: string): Promise<void> {
  const eventIds = await takeOut(tx, { kind, names });
  await parkAsDead(tx, { group: cdnGroup, eventIds, reason });
}
