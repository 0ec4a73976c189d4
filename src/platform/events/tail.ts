import type { Database } from '../database/database.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { Listener, PublishedEvent } from './event.ts';
import { createPoller } from './poller.ts';
import { currentSnapshot, loadWindowPage, openWindow } from './store.ts';
import { afterPage, isAheadOf, nextRange, type Snapshot } from './window.ts';

export interface Tail {
  listen(listener: Listener): () => void;
  nudge(): void;
  /** Resolves when the listeners that there are will hear whatever is committed from now on. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const pageMax = 1000;
/** In a stream of events nobody who reads it waits longer than this for another look. */
export const busyRestMs = 160;

/** Reads along for all listeners of this process with one cursor, kept in memory; asks nothing while nobody listens. */
export function createTail(options: { database: Database; log: Log; pollMs: number }): Tail {
  const { database, log } = options;
  const listeners = new Set<Listener>();
  // Undefined while nobody listens: the next listener starts at "now".
  let passed: Snapshot | undefined;
  let hasFailed = false;

  const poller = createPoller({
    look: async () => {
      try {
        if (hasFailed) await comeBack();
        hasFailed = false;
        return await readOn();
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    },
    pollMs: options.pollMs,
    restMsMax: busyRestMs,
    log,
    name: 'tail',
  });

  async function readOn(): Promise<boolean> {
    if (listeners.size === 0) {
      passed = undefined;
      return false;
    }
    passed ??= await currentSnapshot(database);
    let window = await openWindow(database, passed);
    if (window === undefined) return false;
    const { upto } = window;
    while (window !== undefined) {
      const topics = new Set([...listeners].flatMap((listener) => listener.topics));
      const range = nextRange(window, pageMax);
      const events: readonly PublishedEvent[] = await loadWindowPage(database, window, range, [...topics], pageMax);
      deliver(events);
      window = afterPage(window, range, events, pageMax);
    }
    passed = upto;
    return true;
  }

  /** After a failure the server may be another one, and know less than the one before it (an asynchronous standby). */
  async function comeBack(): Promise<void> {
    const current = await currentSnapshot(database);
    if (passed === undefined || !isAheadOf(passed, current)) return;
    log.warn({ passed, current }, 'the database went back in time, so listeners start anew and may have missed events');
    passed = current;
    for (const listener of [...listeners]) {
      try {
        listener.missed?.();
      } catch (error) {
        log.error({ err: error, topics: listener.topics }, 'a listener failed to start anew');
      }
    }
  }

  function deliver(events: readonly PublishedEvent[]): void {
    for (const listener of [...listeners]) {
      const heard = events.filter((event) => listener.topics.includes(event.topic));
      // A listener may have been removed by one before it.
      if (heard.length === 0 || !listeners.has(listener)) continue;
      try {
        listener.hear(heard);
      } catch (error) {
        log.error({ err: error, topics: listener.topics }, 'a listener failed to take events');
      }
    }
  }

  return {
    listen(listener) {
      // Each call is a listener of its own, even with an object that listens already.
      const own: Listener = {
        topics: listener.topics,
        hear: (events) => listener.hear(events),
        missed: () => listener.missed?.(),
      };
      listeners.add(own);
      poller.nudge();
      return () => {
        listeners.delete(own);
      };
    },
    nudge: () => poller.nudge(),
    async start() {
      if (listeners.size > 0) passed ??= await currentSnapshot(database);
      poller.start();
    },
    stop: () => poller.stop(),
  };
}
