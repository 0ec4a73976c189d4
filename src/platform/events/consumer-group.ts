import type { Clock } from '../context/context.ts';
import type { Database, Tx } from '../database/database.ts';
import type { Statement } from '../database/sql.ts';
import { scrubText } from '../telemetry/scrub.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Backoff, delayMs } from './backoff.ts';
import type { Consumer, PublishedEvent } from './event.ts';
import { loadProgress, loadWindowPage, openWindow, saveProgress, tryLockGroup } from './store.ts';
import {
  type DueRetry,
  deleteKept,
  type KeptEvent,
  loadBlockedKeys,
  loadDueRetries,
  promoteKept,
  saveKept,
} from './store-retry.ts';
import { afterPage, nextRange, type Window } from './window.ts';

export interface GroupContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly backoff: Backoff;
}

export type Step =
  /** A page was handled. `hasMore`: it was not the window's last. */
  | {
      readonly kind: 'worked';
      readonly handled: number;
      readonly failed: number;
      readonly died: number;
      readonly hasMore: boolean;
    }
  | { readonly kind: 'idle' }
  /** Another process handles the group at present. */
  | { readonly kind: 'elsewhere' };

const batchMaxDefault = 200;
// With the default backoff (250 ms doubling to 10 min) some half an hour passes before the last attempt.
const attemptsMaxDefault = 16;
const looksMax = 20;

/** Handles the group's next page of events: those to be tried again, then new ones, in one transaction with its progress. */
export function handleNext(context: GroupContext, consumer: Consumer): Promise<Step> {
  // Read committed, whatever the server's default: each statement after the lock must see what the lock's last holder did.
  return context.database.transaction<Step>(
    async (tx) => {
      const [isLocked, progress] = await Promise.all([
        tryLockGroup(tx, consumer.group),
        loadProgress(tx, consumer.group),
      ]);
      if (!isLocked) return { kind: 'elsewhere' };
      // Forgotten by an operator while we ran. It is registered anew at the next start.
      if (progress === undefined) return { kind: 'idle' };

      // The window first: it is opened before this transaction writes (openWindow).
      const window = progress.window ?? (await openWindow(tx, progress.passed));
      const isRetryDue = progress.retryAtMs !== undefined && progress.retryAtMs <= context.clock.nowMs();
      if (window === undefined && !isRetryDue) return { kind: 'idle' };

      const tally = { handled: 0, failed: 0, died: 0 };
      if (isRetryDue) await handleRetries(context, tx, consumer, tally);
      let hasMore = false;
      if (window !== undefined) {
        const page = await nextPage(tx, window, consumer);
        if (page.events.length > 0) await handleNew(context, tx, consumer, page.events, tally);
        const passed = page.rest === undefined ? window.upto : window.passed;
        await saveProgress(tx, consumer.group, { passed, window: page.rest });
        hasMore = page.rest !== undefined;
      }
      return { kind: 'worked', ...tally, hasMore };
    },
    { isolation: 'read committed' },
  );
}

/** The window's next events of the group's topics, and what is left of the window after them. */
async function nextPage(tx: Tx, window: Window, consumer: Consumer) {
  const limit = consumer.batchMax ?? batchMaxDefault;
  let rest: Window | undefined = window;
  let events: readonly PublishedEvent[] = [];
  // Events of other topics are passed over, for a while in one transaction.
  for (let looks = 0; rest !== undefined && events.length === 0 && looks < looksMax; looks++) {
    const range = nextRange(rest, limit);
    events = await loadWindowPage(tx, rest, range, consumer.topics, limit);
    rest = afterPage(rest, range, events, limit);
  }
  return { events, rest };
}

type Tally = { handled: number; failed: number; died: number };

async function handleNew(
  context: GroupContext,
  tx: Tx,
  consumer: Consumer,
  events: readonly PublishedEvent[],
  tally: Tally,
): Promise<void> {
  const keys = [...new Set(events.map((event) => event.key))];
  const blockedKeys = await loadBlockedKeys(tx, consumer.group, keys);
  const pending = events.map((event) => ({ event, attempts: 0 }));
  const { kept } = await handleInOrder(context, tx, consumer, pending, blockedKeys, tally);
  if (kept.length > 0) await saveKept(tx, consumer.group, kept);
}

async function handleRetries(context: GroupContext, tx: Tx, consumer: Consumer, tally: Tally): Promise<void> {
  const nowMs = context.clock.nowMs();
  const due = await loadDueRetries(tx, consumer.group, nowMs, consumer.batchMax ?? batchMaxDefault);
  const { kept, done } = await handleInOrder(context, tx, consumer, due, new Set(), tally);
  // What merely waited behind a failure is as it was.
  const changed = kept.filter((each) => each.nextAtMs !== undefined || each.state === 'dead');
  if (done.length > 0) await deleteKept(tx, consumer.group, done);
  if (changed.length > 0) await saveKept(tx, consumer.group, changed);
  await promoteKept(tx, consumer.group, [...new Set(due.map(({ event }) => event.key))], nowMs);
}

/** All at once; if that fails, one by one, and what follows a failure within its key is kept behind it. */
async function handleInOrder(
  context: GroupContext,
  tx: Tx,
  consumer: Consumer,
  pending: readonly DueRetry[],
  blockedKeys: Set<string>,
  tally: Tally,
): Promise<{ done: number[]; kept: KeptEvent[] }> {
  // A group may have been told to drop a topic while events of it waited to be tried again.
  const isOurs = ({ event }: DueRetry) => consumer.topics.includes(event.topic);
  const done = pending.filter((each) => !isOurs(each)).map(({ event }) => event.eventId);
  const kept: KeptEvent[] = [];
  const open: DueRetry[] = [];
  for (const each of pending.filter(isOurs)) {
    if (blockedKeys.has(each.event.key)) kept.push(keptBehind(each));
    else open.push(each);
  }

  const isDoneAtOnce = open.length > 1 && (await attempt(tx, consumer, open)) === undefined;
  for (const each of open) {
    if (blockedKeys.has(each.event.key)) {
      kept.push(keptBehind(each));
      continue;
    }
    const failure = isDoneAtOnce ? undefined : await attempt(tx, consumer, [each]);
    if (failure === undefined) {
      done.push(each.event.eventId);
      tally.handled++;
      continue;
    }
    const keptEvent = keptAfterFailure(context, consumer, each, failure.error);
    kept.push(keptEvent);
    if (keptEvent.state === 'waiting') blockedKeys.add(each.event.key);
    else tally.died++;
    tally.failed++;
  }
  return { done, kept };
}

function keptBehind({ event, attempts }: DueRetry): KeptEvent {
  return {
    eventId: event.eventId,
    key: event.key,
    state: 'waiting',
    attempts,
    nextAtMs: undefined,
    lastError: undefined,
  };
}

function keptAfterFailure(context: GroupContext, consumer: Consumer, due: DueRetry, error: unknown): KeptEvent {
  const { eventId, key, topic } = due.event;
  const attempts = due.attempts + 1;
  const isDead = attempts >= (consumer.attemptsMax ?? attemptsMaxDefault);
  const nextAtMs = isDead ? undefined : context.clock.nowMs() + delayMs(context.backoff, attempts);
  const fields = { group: consumer.group, topic, eventId, attempts, err: error };
  if (isDead) context.log.error(fields, 'an event failed for the last time and is a dead letter now');
  else context.log.warn(fields, 'an event failed and will be tried again');
  return { eventId, key, state: isDead ? 'dead' : 'waiting', attempts, nextAtMs, lastError: errorText(error) };
}

/** Enough to see in the back office what went wrong; nothing personal, and no more than a row should carry. */
function errorText(error: unknown): string {
  // PostgreSQL's text holds no NUL.
  return scrubText(String(error)).replaceAll('\0', '').slice(0, 1000);
}

// Not through the sql tag, whose statements can all be PREPAREd: these cannot.
const control = (text: string): Statement => {
  const statement: Statement = {
    text,
    name: '',
    values: [],
    execute: (on) => on.run(statement),
  };
  return statement;
};
const savepoint = control('savepoint handling');
const release = control('release savepoint handling');
const rollback = control('rollback to savepoint handling');

/** A savepoint around the handler: what a failed attempt wrote is undone, and the progress can still be saved. */
async function attempt(
  tx: Tx,
  consumer: Consumer,
  pending: readonly DueRetry[],
): Promise<{ error: unknown } | undefined> {
  await savepoint.execute(tx);
  let hasEnded = false;
  // A handler that failed may have work under way that goes on to write (Promise.all rejects at the first failure). Behind
  // the rollback that would be committed.
  const scoped: Tx = {
    isTransaction: true,
    run: (statement) =>
      hasEnded ? Promise.reject(new Error('The handler of this transaction has ended.')) : tx.run(statement),
  };
  try {
    await consumer.handle(
      scoped,
      pending.map(({ event }) => event),
    );
    hasEnded = true;
    // Fails too when a statement failed for which the handler did not wait.
    await release.execute(tx);
    return undefined;
  } catch (error) {
    hasEnded = true;
    await rollback.execute(tx);
    await release.execute(tx);
    return { error };
  }
}
