import { createLatencies, type Latencies, type LatenciesJson } from '../latency.ts';
import { type Bounds, type Importance, importances, type Stage } from './setup.ts';

export const slotMs = 100;

/** What became of the requests of one importance that were meant to be sent within some time. */
export interface Counts {
  offered: number;
  /** 2xx within the session's patience. */
  well: number;
  /** Of these, answered from a cache. */
  cached: number;
  /** Of those answered well, within the bound of their importance. */
  quick: number;
  /** Refused for want of room: 503 or 429 with `Retry-After`. */
  shed: number;
  /** Any other answer, or none. */
  failed: number;
}

/** A tenth of a second. Requests count where they were meant to be sent, sessions where they ended. */
export interface Slot {
  readonly of: Readonly<Record<Importance, Counts>>;
  sessions: number;
  /** Sessions that came to buy, where they were meant to begin. */
  buyers: number;
  /** Journeys that ended in a paid order. */
  paid: number;
  /** Sessions of both kinds that got all they came for. */
  endedWell: number;
  readonly tookMs: Readonly<Record<Importance, Took>>;
}

/** How long each answer took, in ms from when its request was meant to be sent. */
export interface Took {
  readonly well: number[];
  readonly shed: number[];
}

export interface StageReading {
  /** From the run's beginning, without the moments in which it settled. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** How long good answers took, by what was asked. */
  readonly asked: Readonly<Record<string, LatenciesJson>>;
  /** How much later than meant requests left the generator. */
  readonly lateness: LatenciesJson;
  /** Answers that are neither good nor a refusal, and their causes, by name. */
  readonly failures: Readonly<Record<string, number>>;
  /** Requests that came a second time, at once or when they were told to. */
  readonly comebacks: number;
}

export interface MeterReading {
  readonly stages: readonly StageReading[];
  readonly slots: readonly Slot[];
}

export interface RunReading extends MeterReading {
  /** By the clock of machine-clock.ts: all its other times count from here. */
  readonly beganAtMs: number;
}

interface StageMeter {
  readonly asked: Map<string, Latencies>;
  readonly lateness: Latencies;
  readonly failures: Record<string, number>;
  comebacks: number;
}

/** Takes down what becomes of each request. All times are milliseconds from the run's beginning. */
export interface Meter {
  /** Which stage an instant belongs to; the last one for what comes after all of them. */
  stageAt(ms: number): number;
  slotAt(ms: number): Slot;
  sent(importance: Importance, dueMs: number, atMs: number): void;
  /** `asked`: the step's name. */
  well(importance: Importance, asked: string, dueMs: number, atMs: number, isCached?: boolean): void;
  shed(importance: Importance, dueMs: number, atMs: number): void;
  failed(importance: Importance, dueMs: number, cause: string): void;
  cameBack(dueMs: number): void;
  reading(): MeterReading;
}

export function createMeter(stages: readonly Stage[], bounds: Bounds): Meter {
  const endsMs: number[] = [];
  for (const { durationMs } of stages) endsMs.push((endsMs.at(-1) ?? 0) + durationMs);
  const startsMs = stages.map(({ durationMs }, index) => (endsMs[index] ?? 0) - durationMs);
  const meters = stages.map(createStageMeter);
  const slots: Slot[] = [];
  const stageAt = (ms: number) => {
    const index = endsMs.findIndex((endMs) => ms < endMs);
    return index < 0 ? stages.length - 1 : index;
  };
  const slotAt = (ms: number): Slot => {
    const index = Math.max(0, Math.floor(ms / slotMs));
    while (slots.length <= index) slots.push(emptySlot());
    return slots[index] as Slot;
  };
  /** Undefined for what belongs to no stage's figures. */
  const meterAt = (ms: number): StageMeter | undefined => {
    const index = stageAt(ms);
    const isCounted = ms >= (startsMs[index] ?? 0) + (stages[index]?.settleMs ?? 0) && ms < (endsMs[index] ?? 0);
    return isCounted ? meters[index] : undefined;
  };
  return {
    stageAt,
    slotAt,
    sent(importance, dueMs, atMs) {
      slotAt(dueMs).of[importance].offered += 1;
      meterAt(dueMs)?.lateness.add(atMs - dueMs);
    },
    well(importance, asked, dueMs, atMs, isCached = false) {
      const slot = slotAt(dueMs);
      const counts = slot.of[importance];
      const tookMs = atMs - dueMs;
      slot.tookMs[importance].well.push(shortly(tookMs));
      counts.well += 1;
      if (isCached) counts.cached += 1;
      if (tookMs <= bounds[importance]) counts.quick += 1;
      const meter = meterAt(dueMs);
      if (meter === undefined) return;
      let ofStep = meter.asked.get(asked);
      if (ofStep === undefined) {
        ofStep = createLatencies();
        meter.asked.set(asked, ofStep);
      }
      ofStep.add(tookMs);
    },
    shed(importance, dueMs, atMs) {
      const slot = slotAt(dueMs);
      slot.of[importance].shed += 1;
      slot.tookMs[importance].shed.push(shortly(atMs - dueMs));
    },
    failed(importance, dueMs, cause) {
      slotAt(dueMs).of[importance].failed += 1;
      const failures = meterAt(dueMs)?.failures;
      if (failures !== undefined) failures[cause] = (failures[cause] ?? 0) + 1;
    },
    cameBack(dueMs) {
      const meter = meterAt(dueMs);
      if (meter !== undefined) meter.comebacks += 1;
    },
    reading: () => ({
      slots,
      stages: meters.map((meter, index) => ({
        fromMs: (startsMs[index] ?? 0) + (stages[index]?.settleMs ?? 0),
        untilMs: endsMs[index] ?? 0,
        asked: Object.fromEntries([...meter.asked].map(([name, latencies]) => [name, latencies.toJson()])),
        lateness: meter.lateness.toJson(),
        failures: meter.failures,
        comebacks: meter.comebacks,
      })),
    }),
  };
}

export function slotsBetween(slots: readonly Slot[], fromMs: number, untilMs: number): readonly Slot[] {
  return slots.slice(Math.round(fromMs / slotMs), Math.round(untilMs / slotMs));
}

export function byImportance<T>(of: (importance: Importance) => T): Record<Importance, T> {
  return Object.fromEntries(importances.map((name) => [name, of(name)])) as Record<Importance, T>;
}

export function emptySlot(): Slot {
  const of = byImportance(() => ({ offered: 0, well: 0, cached: 0, quick: 0, shed: 0, failed: 0 }));
  return { of, sessions: 0, buyers: 0, paid: 0, endedWell: 0, tookMs: byImportance(() => ({ well: [], shed: [] })) };
}

/** To the hundredth: a run's answers travel to the drill as text. */
function shortly(ms: number): number {
  return Math.round(ms * 100) / 100;
}

function createStageMeter(): StageMeter {
  return {
    asked: new Map(),
    lateness: createLatencies(),
    failures: {},
    comebacks: 0,
  };
}
