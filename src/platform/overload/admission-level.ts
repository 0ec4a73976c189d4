import type { Importance } from '../api/contract.ts';
import { clamp } from './clamp.ts';

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
const knownCoreLevel = 2;

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
  /** How long a request waited before the process saw it, on average, and what was under way for each of its steps. */
  readonly queueMs: number;
  /** How long it then waited for its turn, which it does once, … */
  readonly turnWaitMs: number;
  /** … and how long those did who go before all others: core, and what was begun. */
  readonly coreTurnWaitMs: number;
  /** Requests that were turned away although the level lets them in, by group. */
  readonly refusals: ArrayLike<number>;
  /** Share of the window in which the process's thread was busy. */
  readonly busyShare: number;
  /** Work under way as a share of the concurrency limit, the most of the window. */
  readonly fill: number;
}

export interface LevelSettings {
  /** Waiting that is taken for overload. In WeChat's services it is 20 ms a hop; here a buyer's request comes by several times. */
  readonly queueMsMax: number;
  readonly turnWaitMsMax: number;
  /**
   * Requests of a window (a tenth of a second). Of fewer none is the cause of whatever makes the process slow, be it another
   * program on the machine; to refuse them would help nobody.
   */
  readonly slightArrivals: number;
}

export const defaultLevelSettings: LevelSettings = {
  queueMsMax: 8,
  turnWaitMsMax: 18,
  slightArrivals: 10,
};

// So many of a window are let in whatever else comes: if the process stays slow, it is not for them. Else a machine that is slow by
// itself would turn away a crowd for ever, and be no faster for it.
const handful = 3;
// By so much each window, up to there, while something still makes the process slow: from nobody to everybody in some ten seconds.
const handfulStep = 0.05;

/** The level, and what has to be remembered in order to move it. */
export interface LevelState {
  readonly level: number;
  /** Windows in which it does not fall again: what was decided last has not shown yet. */
  readonly holdCount: number;
  /** How many requests of a window could be let in when it last was too many, … */
  readonly knee: number;
  /** … and how many came then. */
  readonly crowd: number;
  /** How many were let in of late while all was well. */
  readonly sound: number;
}

export const openState: LevelState = {
  level: openLevel,
  holdCount: 0,
  knee: Number.POSITIVE_INFINITY,
  crowd: 0,
  sound: 0,
};

// Whoever is let in asks for more within the next second, so that the level feels what it did only then: it falls by a step and
// waits, as TCP does for a round trip, or it would swing between letting in everybody and nobody. What cannot wait is bounded in
// each turn of the loop.
const shrink = { least: 0.97, most: 0.9, holdCount: 7 };
const shrinkWhenVeryLate = { least: 0.96, most: 0.6, holdCount: 2 };
const shrinkInDisorder = { least: 0.97, most: 0.8, holdCount: 3 };
const veryLate = 5;
/** For each group, the level that lets in all of its importance and nothing less important. */
const endOfRank = [3, 3, 3, 5, 5, 7, 7];
// One now and then is chance.
const refusedShareMax = 0.02;
const refusedMin = 0.5;
const pressureOfDisorder = 1.25;
// Up to what could be let in before it rises by leaps, beyond it step by step.
const leap = 1.5;
const nearKnee = 0.95;
/** Of those who came when so many were too many: as long as more come, it says something. */
const crowdGoneShare = 0.5;
const step = 1.01;
const stepWhenIdle = 1.03;
// A second or two back.
const soundShare = 0.1;
const wellPressure = 0.85;
const idle = { share: 0.6, pressure: 0.5 };

export function nextLevel(state: LevelState, window: LevelWindow, settings: LevelSettings): LevelState {
  const { level } = state;
  const { arrivals } = window;
  const total = sumOf(arrivals);
  // To turn a crowd away took what there is for others now.
  const isCrowdGone = total < crowdGoneShare * state.crowd;
  const knee = isCrowdGone ? Number.POSITIVE_INFINITY : state.knee;
  const crowd = isCrowdGone ? 0 : state.crowd;
  const late = window.queueMs / settings.queueMsMax;
  const pressed = Math.max(late, window.turnWaitMs / settings.turnWaitMsMax, window.fill);
  const orderly = orderlyLevel(level, window);
  const isDisorder = orderly < level && pressed < pressureOfDisorder;
  const pressure = isDisorder ? pressureOfDisorder : pressed;
  const admitted = countBelow(level, arrivals);
  const holdCount = Math.max(0, state.holdCount - 1);
  const handfulLevel = Math.max(floorLevel, Math.min(level + handfulStep, levelFor(handful, arrivals)));
  if (pressure > 1) {
    // Whoever looks waits long before a buyer does.
    const isVeryLate = Math.max(late, window.coreTurnWaitMs / settings.turnWaitMsMax) > veryLate;
    const fall = isVeryLate ? shrinkWhenVeryLate : isDisorder ? shrinkInDisorder : shrink;
    if (Math.min(state.holdCount, fall.holdCount) > 0 || total < settings.slightArrivals) {
      return { ...state, level: Math.max(level, handfulLevel), holdCount };
    }
    const wanted = admitted * clamp(1 / pressure, fall.most, fall.least);
    // Those who were let in before keep what they came for, unless it gets desperate.
    const least = isVeryLate ? floorLevel : isDisorder ? orderly : Math.min(level, knownCoreLevel);
    const fallen = clamp(levelFor(wanted, arrivals), least, level);
    // What has piled up must go first; how little is let in until it has does not tell how much could be let in after it.
    const sound = isVeryLate ? state.sound : state.sound * shrink.most;
    return {
      level: Math.max(fallen, handfulLevel),
      holdCount: fall.holdCount,
      knee: Math.max(wanted, sound),
      crowd: Math.max(total, crowd),
      sound,
    };
  }
  const isWell = pressure <= wellPressure;
  const sound = isWell ? state.sound + soundShare * (admitted - state.sound) : state.sound;
  const rise = (wanted: number, newKnee = knee): LevelState => ({
    level: Math.max(level, levelFor(wanted, arrivals)),
    holdCount,
    knee: newKnee,
    crowd,
    sound,
  });
  // Near the edge: as it is.
  if (level === openLevel || !isWell) {
    const risen = rise(admitted);
    return { ...risen, level: Math.max(risen.level, handfulLevel) };
  }
  if (total < settings.slightArrivals) return { ...state, level: Math.min(openLevel, level + 1), holdCount };
  // From a level that lets in next to nothing growth by a factor would take for ever.
  const stepped = admitted * step + total * 0.001;
  if (admitted < nearKnee * knee) return rise(Math.max(Math.min(admitted * leap + total * 0.03, knee), stepped));
  const isIdle = pressure < idle.pressure && window.busyShare < idle.share;
  const wanted = isIdle ? admitted * stepWhenIdle + total * 0.005 : stepped;
  return rise(wanted, Math.max(knee, wanted));
}

/** Where some are turned away while the level lets in what is less important: the level without that, for which there is no room. */
function orderlyLevel(level: number, { arrivals, refusals }: LevelWindow): number {
  for (let group = 0; group < groupCount; group++) {
    const isTurnedAway = (refusals[group] ?? 0) > Math.max(refusedMin, refusedShareMax * (arrivals[group] ?? 0));
    if (isTurnedAway) return Math.min(level, endOfRank[group] ?? groupCount);
  }
  return level;
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

export function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return sum;
}
