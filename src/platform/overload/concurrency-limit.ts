import { clamp } from './clamp.ts';

/**
 * How much work may be under way at once, found out by measuring: the gradient of Netflix's concurrency-limits (Gradient2)
 * on latencies that are compared with those of the same routes without load. While answers take as long as they do
 * without load the limit grows; when they take longer it shrinks by as much as they do.
 */
export interface LimitSettings {
  readonly limitMin: number;
  readonly limitMax: number;
  /** What a request may take, as a multiple of what it takes without load … */
  readonly tolerance: number;
  /** … and this much more: a read of a tenth of a millisecond that takes one is no sign of anything. */
  readonly slackMs: number;
}

export const defaultLimitSettings: LimitSettings = { limitMin: 64, limitMax: 4096, tolerance: 2, slackMs: 30 };

/** What one window has measured. */
export interface LimitWindow {
  /** Answers of the window. */
  readonly count: number;
  /** Their mean latency, and the mean of what they would have taken without load. */
  readonly meanMs: number;
  readonly noLoadMs: number;
  /** The most that was under way at once. */
  readonly inFlightMax: number;
}

// A share of the way to where the gradient points, each window: one slow answer is no trend.
const smoothing = 0.3;

export function nextLimit(limit: number, window: LimitWindow, settings: LimitSettings): number {
  // What was not held back by the limit says nothing of what the limit should be.
  if (window.count === 0 || window.inFlightMax < limit / 2) return limit;
  const allowedMs = settings.tolerance * window.noLoadMs + settings.slackMs;
  const gradient = allowedMs / Math.max(window.meanMs, 0.001);
  const wanted = gradient >= 1 ? limit + growth(limit, gradient) : limit * Math.max(gradient, 0.7);
  return clamp(limit + smoothing * (wanted - limit), settings.limitMin, settings.limitMax);
}

// Up to here by leaps, as TCP starts, while the edge is far: a crowd that comes all at once need not wait until the limit has crept up.
const leapsUpTo = 192;

function growth(limit: number, gradient: number): number {
  return gradient >= 2 && limit < leapsUpTo ? limit : Math.sqrt(limit);
}

/** A route's answers within one window. */
export interface RouteWindow {
  readonly meanMs: number;
  readonly durationMs: number;
  /** Whether so much was under way that the answers had to wait for each other; `least`: with the limit as low as it goes. */
  readonly crowd: 'none' | 'least' | 'full';
}

// How quickly what is held to be the latency without load follows: down at once, for nothing makes an answer faster than it
// can be; up within a minute where the process was not busy (the work itself has become dearer), and so slowly where it was that an
// overload of ten minutes does not pass for normal.
const downShare = 0.3;
const upMs = { none: 60_000, least: 600_000, full: 3_600_000 };

/** What a route's answers take without load, of which windowed means are upper bounds; undefined before the first. */
export function nextNoLoadMs(noLoadMs: number | undefined, window: RouteWindow): number {
  if (noLoadMs === undefined) return window.meanMs;
  const difference = window.meanMs - noLoadMs;
  if (difference <= 0) return noLoadMs + downShare * difference;
  return noLoadMs + difference * Math.min(1, window.durationMs / upMs[window.crowd]);
}

export function crowdOf(inFlightMax: number, limit: number, limitMin: number): RouteWindow['crowd'] {
  if (inFlightMax < limit / 2) return 'none';
  return limit < 1.1 * limitMin ? 'least' : 'full';
}
