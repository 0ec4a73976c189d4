import assert from 'node:assert/strict';
import type { Clock } from '../context/context.ts';
import type { Database } from '../database/database.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import type { Backoff } from './backoff.ts';
import { type GroupContext, handleNext } from './consumer-group.ts';
import type { Consumer, Events, NewEvent } from './event.ts';
import { createPoller } from './poller.ts';
import { adoptRestoredEvents } from './restore.ts';
import { insertingEvents, registerGroups, surveyGroups } from './store.ts';
import { busyRestMs, createTail } from './tail.ts';

export interface EventsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How often to look while nothing happens. */
  readonly pollMs?: number;
  /** Groups that are handled at a time, each on a connection of its own; fewer than the pool has, or handlers starve. */
  readonly concurrencyMax?: number;
  readonly backoff?: Partial<Backoff>;
  /** The W3C trace context of the work that announces, to be carried along with its events. */
  readonly traceparent?: () => string | undefined;
}

const faultPauseMs = 1_000;

export function createEvents(options: EventsOptions): Events {
  const { database, clock, metrics } = options;
  const log = options.log.child({ room: 'events' });
  const pollMs = options.pollMs ?? 300;
  const concurrencyMax = options.concurrencyMax ?? 4;
  const context: GroupContext = {
    database,
    clock,
    log,
    backoff: { baseMs: 250, capMs: 600_000, random: Math.random, ...options.backoff },
  };

  const groups = new Map<string, Group>();
  const tail = createTail({ database, log, pollMs });
  const poller = createPoller({ look: attend, pollMs, restMsMax: busyRestMs, log, name: 'groups' });
  let isStarted = false;
  let isStopping = false;

  const published = metrics.counter('onrush_events_published_total', 'Events announced');
  const outcomes = metrics.counter('onrush_events_outcomes_total', 'What became of events, per group', [
    'group',
    'outcome',
  ]);
  const ofEachGroup = (read: (group: Group) => number) => () =>
    new Map([...groups].map(([name, group]) => [name, read(group)]));
  metrics.gauge(
    'onrush_events_lag_seconds',
    'Age of the oldest event that a group has not looked at',
    ofEachGroup((group) => group.lagMs / 1000),
    'group',
  );
  metrics.gauge(
    'onrush_events_dead_letters',
    'Events that failed for the last time',
    ofEachGroup((group) => group.deadCount),
    'group',
  );

  interface Group {
    readonly consumer: Consumer;
    inFlight: Promise<void> | undefined;
    /** On the monotonic clock: after a fault of the database a group rests a little. */
    restsUntilMs: number;
    lagMs: number;
    deadCount: number;
  }

  /** Sees which groups have work and sets them to it, without waiting for them: a slow group holds nobody up. */
  async function attend(): Promise<boolean> {
    if (groups.size === 0) return false;
    const surveys = await surveyGroups(database, [...groups.keys()]);
    const nowMs = clock.nowMs();
    // The group that waits longest comes first where there are more than may run.
    const waiting = surveys.toSorted((a, b) => (a.pendingSinceMs ?? Infinity) - (b.pendingSinceMs ?? Infinity));
    for (const survey of waiting) {
      const group = groups.get(survey.group);
      if (group === undefined) continue;
      group.lagMs = survey.pendingSinceMs === undefined ? 0 : Math.max(0, nowMs - survey.pendingSinceMs);
      group.deadCount = survey.deadCount;
      const isDue = survey.retryAtMs !== undefined && survey.retryAtMs <= nowMs;
      if (survey.pendingSinceMs !== undefined || isDue) setToWork(group);
    }
    return false;
  }

  function setToWork(group: Group): void {
    if (isStopping || group.inFlight !== undefined || group.restsUntilMs > performance.now()) return;
    const inFlightCount = [...groups.values()].filter((each) => each.inFlight !== undefined).length;
    if (inFlightCount >= concurrencyMax) return;
    group.inFlight = drain(group)
      .catch((error: unknown) => {
        log.error({ err: error, group: group.consumer.group }, 'handling events failed, will go on shortly');
        group.restsUntilMs = performance.now() + faultPauseMs;
        return false;
      })
      .then((hasWorked) => {
        group.inFlight = undefined;
        if (hasWorked) poller.nudge();
      });
  }

  /** True when something was done, so that looking again at once is worth while. */
  async function drain(group: Group): Promise<boolean> {
    const { consumer } = group;
    let hasWorked = false;
    while (!isStopping) {
      const step = await handleNext(context, consumer);
      if (step.kind !== 'worked') break;
      hasWorked = true;
      const labels = { group: consumer.group };
      if (step.handled > 0) outcomes.add(step.handled, { ...labels, outcome: 'handled' });
      if (step.failed > 0) outcomes.add(step.failed, { ...labels, outcome: 'failed' });
      if (step.died > 0) outcomes.add(step.died, { ...labels, outcome: 'dead' });
      // What was committed since this window was opened makes a larger next one, a moment later.
      if (!step.hasMore) break;
    }
    return hasWorked;
  }

  function publishing(events: readonly NewEvent[]) {
    if (events.length === 0) return [];
    published.add(events.length);
    return [insertingEvents(events, clock.nowMs(), options.traceparent?.())];
  }

  return {
    async publish(tx, events) {
      for (const statement of publishing(events)) await statement.execute(tx);
    },
    publishing,
    nudge() {
      poller.nudge();
      tail.nudge();
    },
    consume(consumer) {
      assert(!isStarted, 'consumers are named before the start');
      assert(!groups.has(consumer.group), `only one consumer is the group ${consumer.group}`);
      groups.set(consumer.group, { consumer, inFlight: undefined, restsUntilMs: 0, lagMs: 0, deadCount: 0 });
    },
    listen: (listener) => tail.listen(listener),
    async start() {
      isStarted = true;
      isStopping = false;
      await adoptRestoredEvents(database, clock.nowMs(), log);
      await registerGroups(
        database,
        [...groups.values()].map(({ consumer }) => ({
          group: consumer.group,
          fromBeginning: consumer.fromBeginning === true,
        })),
      );
      await tail.start();
      poller.start();
    },
    async stop() {
      isStopping = true;
      await Promise.all([poller.stop(), tail.stop()]);
      await Promise.all([...groups.values()].map((group) => group.inFlight));
    },
  };
}
