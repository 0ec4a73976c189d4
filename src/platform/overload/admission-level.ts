import type { Importance } from '../api/contract.ts';

/**
 * Who is let in under pressure, after DAGOR ("Overload Control for Scaling WeChat Microservices", SoCC 2018): every request has a
 * position by its importance first and its session second, and the level says up to which position requests are let in. So
 * deferrable work goes first, then standard work, then core; within one importance those who have just come go before those
 * who were let in already, and among these the same sessions each time: who is let in can finish what he began, instead of
 * everybody failing half-way.
 *
 *   0        1              2            3                  4                5                    6                      7
 *   | begun  | core, known  | core, new  | standard, known  | standard, new  | deferrable, known  | deferrable, new      |
 *                                                                       let in ◀── level ──▶ refused
 */
export const groupCount = 7;
export const openLevel = groupCount;
/** What was begun (an order is paid, a payment's outcome is told) is never refused by the level. */
export const floorLevel = 1;

/** `begun`: core work that finishes something, by who holds a quote or an order. */
export type Rank = 'begun' | Importance;

export function groupOf(rank: Rank, isKnown: boolean): number {
  if (rank === 'begun') return 0;
  const first = rank === 'core' ? 1 : rank === 'standard' ? 3 : 5;
  return isKnown ? first : first + 1;
}

/** What one window has seen. */
export interface LevelWindow {
  /** Requests that came, by group, let in or not. */
  readonly arrivals: ArrayLike<number>;
  /** How long a request waited before the process saw it, on average. */
  readonly queueMs: number;
  /** Share of the window in which the process's thread was busy. */
  readonly busyShare: number;
  /** Work under way as a share of the concurrency limit, the most of the window. */
  readonly fill: number;
}

export interface LevelSettings {
  /** Waiting that is taken for overload. In WeChat's services it is 20 ms a hop; here a buyer's request comes by several times. */
  readonly queueMsMax: number;
  /** How busy the thread should be while somebody is refused. */
  readonly busyShareWanted: number;
}

export const defaultLevelSettings: LevelSettings = { queueMsMax: 8, busyShareWanted: 0.96 };

// Of so few requests none is the cause of whatever makes the process slow.
const arrivalsMin = 3;
const shrinkMost = 0.6;
const growMost = 2;

export function nextLevel(level: number, window: LevelWindow, settings: LevelSettings): number {
  const total = sumOf(window.arrivals);
  const factor = admissionFactor(window, settings);
  if (total < arrivalsMin) return factor < 1 ? level : Math.min(openLevel, level + 1);
  const admitted = countBelow(level, window.arrivals);
  if (factor < 1) return Math.max(floorLevel, Math.min(level, levelFor(admitted * factor, window.arrivals)));
  // From a level that lets in next to nothing growth by a factor would take for ever.
  const wanted = factor === 1 ? admitted : admitted * factor + total * 0.01;
  return Math.max(level, levelFor(wanted, window.arrivals));
}

/** By how much more or less should be let in. */
export function admissionFactor(window: LevelWindow, settings: LevelSettings): number {
  const { queueMs, fill, busyShare } = window;
  const late = queueMs / settings.queueMsMax;
  if (late > 1 || fill > 1) return clamp(1 / Math.max(late, fill), shrinkMost, 0.98);
  // Near the edge: as it is.
  if (late > 0.6 || fill > 0.9) return 1;
  return clamp(Math.min(settings.busyShareWanted / Math.max(busyShare, 0.01), 1 / Math.max(fill, 0.01)), 1, growMost);
}

/** How many of these arrivals a level lets in; sessions are spread evenly within a group. */
export function countBelow(level: number, arrivals: ArrayLike<number>): number {
  let count = 0;
  for (let group = 0; group < arrivals.length && group < level; group++) {
    count += (arrivals[group] ?? 0) * Math.min(1, level - group);
  }
  return count;
}

/** The level that lets in so many of these arrivals; open if that is all of them. */
export function levelFor(wanted: number, arrivals: ArrayLike<number>): number {
  let left = wanted;
  for (let group = 0; group < arrivals.length; group++) {
    const count = arrivals[group] ?? 0;
    if (left < count) return group + left / count;
    left -= count;
  }
  return openLevel;
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return sum;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
