import type { IncomingMessage, ServerResponse } from 'node:http';
import { arrivedAtMs, isStaff } from '../api/call.ts';
import type { Importance } from '../api/contract.ts';
import type { Gate } from '../api/gate.ts';
import type { MeterOf } from '../api/work.ts';
import type { Clock } from '../context/context.ts';
import type { Metrics } from '../telemetry/telemetry.ts';
import {
  defaultLevelSettings,
  groupCount,
  groupOf,
  type LevelSettings,
  nextLevel,
  openLevel,
  openState,
  type Rank,
  sumOf,
} from './admission-level.ts';
import { defaultLimitSettings, type LimitSettings } from './concurrency-limit.ts';
import type { LoadReading } from './load-reading.ts';
import { createLoopMonitor, type LoopMonitor, type LoopSample } from './loop-monitor.ts';
import { createRefusals, type ErrorPageOf } from './refusals.ts';
import { createRouteTable, type RoutePolicy } from './routes.ts';
import { createSessions, KnownSessions, placeOf, type Session } from './session.ts';
import { createStanding } from './standing.ts';
import { createTurns, type TurnSettings } from './turns.ts';
import { createWork } from './work.ts';

export interface OverloadOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly routes: readonly RoutePolicy[];
  /** What people are shown instead of a problem document. */
  readonly errorPage?: ErrorPageOf;
  /** Which cookie says which session it is. */
  readonly sessionCookie: string;
  readonly clientOf?: (request: Screened) => string | undefined;
  /** Left out: whoever asks for what is staff's is taken for staff. */
  readonly isAdmin?: (token: string) => boolean;
  readonly seed?: number;
  readonly limit?: Partial<LimitSettings & { readonly limitAtFirst: number }>;
  readonly level?: Partial<LevelSettings>;
  /** How many deferrable requests may be under way: while all are let in, and while some are turned away. */
  readonly deferrableMax?: { readonly calm: number; readonly pressed: number };
  readonly turns?: Partial<TurnSettings>;
  /** Where few come, one after the other, so many of a window, with so much under way, are never turned away. */
  readonly slight?: { readonly burst: number; readonly underWay: number };
  /** In place of the process's event loop: tests say what it is like. */
  readonly monitor?: (onWindow: (sample: LoopSample) => void) => LoopMonitor;
}

export interface Overload {
  /** Comes after all that answers from memory: what it refuses would have to be worked for. */
  readonly gate: Gate;
  /** How the gate would refuse this, whatever else goes on in this moment, for who can spare it the way there; undefined: it must be asked. */
  screen(request: Screened): Refusal | undefined;
  readonly meterOf: MeterOf;
  reading(): LoadReading;
  /** Told after each window, for who switches features off. */
  onWindow(hear: (window: OverloadWindow) => void): void;
  stop(): void;
}

/** What there is of a request, also before Node's HTTP has made one of it. */
export type Screened = Pick<IncomingMessage, 'headers' | 'socket' | 'method' | 'url'>;

export interface Refusal {
  /** Answers with it; of a request that Node has made. */
  toResponse(response: ServerResponse): void;
  /** The answer as a problem, with these lines more in its head. */
  onWire(lines: string): string;
}

export interface OverloadWindow {
  readonly durationMs: number;
  readonly level: number;
  readonly shed: Readonly<Record<Importance, number>>;
}

type Arrived = IncomingMessage & { [arrivedAtMs]?: number };

/** What decides whether a request is let in. */
interface Asked {
  readonly treatment: Rank;
  readonly session: Session;
  readonly group: number;
  readonly nowMs: number;
}

const knownMs = 3 * 60_000;
const adminMax = 64;
const limitAtFirst = 128;
/** What was begun, and core. */
const coreGroupCount = groupOf('standard', true);
// The level follows within a second, a crowd comes in a moment: how long a request of each group may wait for its turn.
const defaultTurns: TurnSettings = {
  sliceMs: 1,
  sliceMsMax: 8,
  waitMsMax: [400, 60, 50, 30, 15, 10, 8],
  firstCount: coreGroupCount,
};
// How much may be under way for a request of this group to be begun, as a share of the concurrency limit. What was begun ends in
// the order lane, which gains by company and has a bound of its own.
const fillMax = [64, 1.5, 1.25, 1.1, 0.9, 0.6, 0.5];
// A browser asks for forty pictures in a moment.
const defaultSlight = { burst: 48, underWay: 32 };
// So many buyers of a window are let in whatever the signals say, while so little is under way: a process that is starved by others
// sells little, but it must not sell nothing.
const coreFloor = 5;
// What was begun takes a place of others only in part.
const begunWeight = 4;
// In windows, and so three tenths of a second: what a turn's bounds let through of a crowd until then is little.
const standingWindows = 3;
// How much of a new window is believed at once.
const busyBelievedShare = 0.4;
// Less is the rest of an average that never quite ends: for whoever asks, nobody is being turned away any more. One refusal is
// over in a second and a half.
const coreShedPerSMin = 0.02;
// No window ends while nothing comes, so that the last one may be long past.
const sampleMsMax = 3_000;
const ranks: readonly Rank[] = ['begun', 'core', 'standard', 'deferrable'];

/** How much this process takes, measured and adapted, and who is turned away when more comes (docs/overload.md, decision 0013). */
export function createOverload(options: OverloadOptions): Overload {
  const { clock, metrics } = options;
  const deferrableMax = options.deferrableMax ?? { calm: 64, pressed: 12 };
  const slight = options.slight ?? defaultSlight;
  const limitSettings = { ...defaultLimitSettings, ...options.limit };
  const levelSettings = { ...defaultLevelSettings, ...options.level };
  const { isAdmin } = options;
  const treatmentOf = createRouteTable(options.routes);
  const sessions = createSessions({ ...options, seed: options.seed ?? 0 });
  const known = new KnownSessions(knownMs);
  const refusals = createRefusals(options.errorPage);
  const counters = createCounters(metrics);
  const work = createWork(limitSettings, options.limit?.limitAtFirst ?? limitAtFirst);
  const turns = createTurns({ ...defaultTurns, ...options.turns }, () => performance.now());
  const hearers: ((window: OverloadWindow) => void)[] = [];

  let state = openState;
  let last: LoopSample & { readonly turnWaitMs: number } = { durationMs: 100, queueMs: 0, busyShare: 0, turnWaitMs: 0 };
  let busyShare = 0;
  const standing = {
    queueMs: createStanding(standingWindows),
    turnWaitMs: createStanding(standingWindows),
    coreTurnWaitMs: createStanding(standingWindows),
    fill: createStanding(standingWindows),
  };
  let coreShedPerS = 0;
  let sampledAtMs = Number.NEGATIVE_INFINITY;
  let adminCount = 0;
  // Of some windows, the older the less: one window of a tenth of a second has too few requests to judge by.
  const arrivals = new Float64Array(groupCount);
  const arrived = new Uint32Array(groupCount);
  // Of those that the level let in.
  const turnedAway = new Float64Array(groupCount);
  const turnedAwayNow = new Uint32Array(groupCount);
  let arrivedCount = 0;
  let coreLetInCount = 0;
  const shed = { core: 0, standard: 0, deferrable: 0 };

  const monitor = (options.monitor ?? createLoopMonitor)(onSample);

  function onSample(sample: LoopSample): void {
    sampledAtMs = performance.now();
    blend(arrivals, arrived);
    // Once nobody is, there is room again: that it was otherwise a second ago says nothing.
    for (let group = 0; group < groupCount; group++) if (turnedAwayNow[group] === 0) turnedAway[group] = 0;
    blend(turnedAway, turnedAwayNow);
    arrivedCount = 0;
    coreLetInCount = 0;
    const { fill } = work.endWindow(sample.durationMs);
    const waits = turns.endWindow({ ...sample, refusedCount: shed.core + shed.standard + shed.deferrable });
    last = { ...sample, turnWaitMs: waits.allMs };
    busyShare += busyBelievedShare * (sample.busyShare - busyShare);
    const pressure = {
      queueMs: standing.queueMs(sample.queueMs),
      turnWaitMs: standing.turnWaitMs(waits.allMs),
      coreTurnWaitMs: standing.coreTurnWaitMs(waits.firstMs),
      fill: standing.fill(fill),
    };
    state = nextLevel(state, { ...pressure, busyShare, arrivals, refusals: turnedAway }, levelSettings);
    coreShedPerS = 0.7 * coreShedPerS + 0.3 * ((shed.core * 1000) / sample.durationMs);
    if (coreShedPerS < coreShedPerSMin) coreShedPerS = 0;
    const window = { durationMs: sample.durationMs, level: state.level, shed: { ...shed } };
    shed.core = 0;
    shed.standard = 0;
    shed.deferrable = 0;
    for (const hear of hearers) hear(window);
  }

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    rank: Rank,
    why: 'level' | 'limit' | 'turn',
    group?: number,
  ): void {
    if (group !== undefined) (turnedAwayNow[group] as number) += 1;
    countRefused(rank, why);
    refusals.refuse(request, response, isLong());
  }

  function countRefused(rank: Rank, why: 'level' | 'limit' | 'turn'): void {
    shed[rank === 'begun' ? 'core' : rank] += 1;
    counters.shed[rank][why]();
  }

  /** Whether those who are refused would only be refused again, came they soon. */
  function isLong(): boolean {
    return state.level < groupOf('standard', false);
  }

  /** Staff: few at once, whatever else goes on. */
  function passAdmin(request: IncomingMessage, response: ServerResponse, onward: () => void): void {
    if (adminCount >= adminMax) {
      refuse(request, response, 'standard', 'limit');
      return;
    }
    adminCount += 1;
    response.once('close', () => {
      adminCount -= 1;
    });
    onward();
  }

  function isOnFloor(treatment: Rank): boolean {
    return treatment === 'core' && coreLetInCount < coreFloor && work.count < slight.underWay;
  }

  /** So little that nobody need be turned away, however slow this process is: it is not for these requests that it is. */
  function isSlight(): boolean {
    if (arrivedCount > slight.burst || work.count >= slight.underWay) return false;
    return sumOf(arrivals) < levelSettings.slightArrivals;
  }

  function letIn(request: Arrived, onward: () => void, { treatment, session, nowMs }: Asked): void {
    if (request.headers['x-deadline-ms'] !== undefined) {
      // It has been on its way since before anybody here saw it.
      request[arrivedAtMs] = nowMs - last.queueMs;
    }
    if (treatment === 'core') coreLetInCount += 1;
    if (treatment !== 'deferrable') known.add(session, nowMs);
    onward();
  }

  function askedBy(request: Screened, treatment: Rank): Asked {
    const nowMs = clock.nowMs();
    const session = sessions.of(request);
    return { treatment, session, group: groupOf(treatment, known.has(session, nowMs)), nowMs };
  }

  function note({ group }: Asked): void {
    (arrived[group] as number) += 1;
    arrivedCount += 1;
  }

  /** Whoever comes after all others is let in all the same where he is no burden. */
  function isBeyondLevel({ treatment, session, group, nowMs }: Asked): boolean {
    if (state.level >= openLevel || group + placeOf(session.key, nowMs) < state.level) return false;
    return !isSlight() && !isOnFloor(treatment);
  }

  const gate: Gate = {
    name: 'overload',
    pass(request, response, onward) {
      monitor.wake();
      const found = treatmentOf(request.method ?? 'GET', request.url ?? '/') ?? 'deferrable';
      if (found === 'free') return onward();
      // Others who ask for what is staff's would take the places of staff, and keep them by not reading an answer.
      const isAdminCall = found === 'admin' && (isAdmin === undefined || isStaff(request, isAdmin));
      if (isAdminCall) return passAdmin(request, response, onward);
      const treatment = found === 'admin' ? 'deferrable' : found;
      const asked = askedBy(request, treatment);
      const { group } = asked;
      note(asked);
      if (isBeyondLevel(asked)) return refuse(request, response, treatment, 'level');
      if (isSlight() || isOnFloor(treatment)) return letIn(request, onward, asked);
      const count = treatment === 'begun' ? work.under.begun : work.count + turns.waitingCount;
      if (count >= work.limit * (fillMax[group] ?? 1)) return refuse(request, response, treatment, 'limit', group);
      if (
        treatment === 'deferrable' &&
        work.under.deferrable >= deferrableMax[state.level < openLevel ? 'pressed' : 'calm']
      ) {
        return refuse(request, response, treatment, 'limit');
      }
      const begin = () => {
        // Nobody waits for what would be begun.
        if (!response.destroyed) letIn(request, onward, asked);
      };
      const giveUp = () => {
        if (!response.destroyed) refuse(request, response, treatment, 'turn', group);
      };
      if (!turns.begin(group, begin, giveUp)) giveUp();
    },
  };

  function screen(request: Screened): Refusal | undefined {
    if (state.level >= openLevel) return undefined;
    const treatment = treatmentOf(request.method ?? 'GET', request.url ?? '/') ?? 'deferrable';
    if (treatment === 'free' || treatment === 'admin') return undefined;
    const asked = askedBy(request, treatment);
    if (!isBeyondLevel(asked)) return undefined;
    monitor.wake();
    note(asked);
    return {
      toResponse: (response) => refuse(response.req, response, treatment, 'level'),
      onWire(lines) {
        countRefused(treatment, 'level');
        return refusals.onWire(request.socket, isLong(), lines);
      },
    };
  }

  metrics.gauge(
    'onrush_overload_level',
    'Up to which position requests are let in: 7 all, 1 only what was begun.',
    () => state.level,
  );
  metrics.gauge('onrush_overload_limit', 'How much work may be under way at once.', () => work.limit);
  metrics.gauge('onrush_overload_in_flight', 'How much work is under way.', () => work.count);
  metrics.gauge(
    'onrush_overload_loop_delay_seconds',
    'How long a request waits before it is begun.',
    () => (last.queueMs + last.turnWaitMs) / 1000,
  );
  metrics.gauge(
    'onrush_overload_busy_ratio',
    'How busy the event loop is while there is traffic.',
    () => last.busyShare,
  );

  return {
    gate,
    screen,
    meterOf: work.meterOf,
    reading() {
      const begun = (work.under.core + work.under.begun / begunWeight) / work.limit;
      if (performance.now() - sampledAtMs > sampleMsMax) return { utilisation: begun, coreShedPerS: 0 };
      // Where next to nothing comes, it is late for others' sake: another program on the machine, or those who ask for their place
      // in line. To let fewer buy would help nobody.
      const late =
        sumOf(arrivals) < levelSettings.slightArrivals
          ? 0
          : Math.max(last.queueMs / levelSettings.queueMsMax, last.turnWaitMs / levelSettings.turnWaitMsMax);
      const used = Math.max(begun, Math.min(1, last.busyShare), late > 1 ? late : 0);
      // Whatever the parts say: while buyers are turned away the process is more than full.
      const { level } = state;
      const utilisation = level < coreGroupCount ? Math.max(used, 1 + (coreGroupCount - level) / 2) : used;
      return { utilisation, coreShedPerS };
    },
    onWindow: (hear) => void hearers.push(hear),
    stop: () => monitor.stop(),
  };
}

/** Of some windows, the older the less; the new one begins anew. */
function blend(all: Float64Array, window: Uint32Array): void {
  for (let group = 0; group < all.length; group++) all[group] = 0.7 * (all[group] ?? 0) + 0.3 * (window[group] ?? 0);
  window.fill(0);
}

function createCounters(metrics: Metrics) {
  const shed = metrics.counter(
    'onrush_overload_shed_total',
    'Requests refused before they were routed, by what they were and why.',
    ['importance', 'why'],
  );
  const of = (rank: Rank) => ({
    level: shed.bind({ importance: rank === 'begun' ? 'core' : rank, why: 'level' }),
    limit: shed.bind({ importance: rank === 'begun' ? 'core' : rank, why: 'limit' }),
    turn: shed.bind({ importance: rank === 'begun' ? 'core' : rank, why: 'turn' }),
  });
  return { shed: Object.fromEntries(ranks.map((rank) => [rank, of(rank)])) as Record<Rank, ReturnType<typeof of>> };
}
