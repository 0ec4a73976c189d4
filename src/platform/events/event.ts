import type { Queryable, Statement } from '../database/sql.ts';

/** A fact in the past tense, announced in the transaction that made it true. */
export interface NewEvent {
  /** `order.placed`, `product.changed`: what happened, in the past tense. */
  readonly topic: string;
  /** Events of one key reach every consumer in the order in which they happened: an order's id, a product's id. */
  readonly key: string;
  /** A plain object that survives JSON; `version` is raised when a field changes meaning. */
  readonly payload: { readonly version: number; readonly [field: string]: unknown };
}

export interface PublishedEvent extends NewEvent {
  readonly eventId: number;
  readonly occurredAtMs: number;
  readonly traceparent: string | undefined;
}

/**
 * A consumer group: each event of its topics is handled, at least once, in order per key. The group's progress commits
 * with what the handler writes through `tx`, so within this database the effect is exactly once; effects outside it must
 * bear a repetition.
 */
export interface Consumer {
  readonly group: string;
  readonly topics: readonly string[];
  /** Handles some events in one transaction. When it throws they are tried one by one, so that one bad event cannot hold up the rest. */
  handle(tx: Queryable, events: readonly PublishedEvent[]): Promise<void>;
  readonly batchMax?: number;
  /** Tries per event before it is parked in the dead letter; delays grow exponentially with jitter. */
  readonly attemptsMax?: number;
  /** A group that is new starts with the oldest event still kept instead of with what comes from now on. */
  readonly fromBeginning?: boolean;
}

/**
 * Every process hears every event from the moment that it listens; nothing is kept for who was away. For caches and live
 * pages. That moment is the start for those who are there then; the first of a process that comes later begins when the
 * database has answered once.
 */
export interface Listener {
  readonly topics: readonly string[];
  hear(events: readonly PublishedEvent[]): void;
  /** Events may have passed unheard, for the database went back in time: what was learned from them is in doubt. */
  missed?(): void;
}

export interface Events {
  /** Writes events into the outbox, within the transaction of the change they report. */
  publish(tx: Queryable, events: readonly NewEvent[]): Promise<void>;
  /** The statement by which `publish` does it, for `commitWith`; none for no events. */
  publishing(events: readonly NewEvent[]): readonly Statement[];
  /** A hint that something was just committed, so that consumers in this process look at once instead of at the next poll. */
  nudge(): void;
  consume(consumer: Consumer): void;
  /** Returns a function that stops listening. */
  listen(listener: Listener): () => void;
  start(): Promise<void>;
  /** Lets handlers in flight finish. */
  stop(): Promise<void>;
}
