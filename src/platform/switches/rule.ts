import type { Importance } from '../api/contract.ts';

/** When a feature is switched off by itself: while work of this importance is refused, if that lasts; and on again after calm. */
export interface Rule {
  readonly whenShed: Importance;
  readonly forMs: number;
  readonly backAfterMs: number;
}

/** What one process knows of refusals of one importance. */
export interface Shedding {
  /** Since when they have been refused without a pause; undefined while none are. */
  readonly sinceMs: number | undefined;
  readonly lastMs: number;
}

export const noShedding: Shedding = { sinceMs: undefined, lastMs: Number.NEGATIVE_INFINITY };

// Refusals come and go with each tenth of a second; so long without any is an end.
const pauseMs = 1_500;

/** What is known after some were refused just now, or none were. */
export function nextShedding(before: Shedding, nowMs: number, isShedding: boolean): Shedding {
  // A clock that went back begins anew.
  const known = nowMs < before.lastMs ? noShedding : before;
  const isOver = nowMs - known.lastMs > pauseMs;
  if (isShedding) return { sinceMs: isOver ? nowMs : (known.sinceMs ?? nowMs), lastMs: nowMs };
  return isOver ? { ...known, sinceMs: undefined } : known;
}

/** `off`: it should be off now; `on`: it may be on again; `keep`: neither, stay as it is. */
export function decideRule(rule: Rule, shedding: Shedding, nowMs: number): 'off' | 'on' | 'keep' {
  if (shedding.sinceMs !== undefined && nowMs - shedding.sinceMs >= rule.forMs) return 'off';
  return nowMs - shedding.lastMs >= rule.backAfterMs ? 'on' : 'keep';
}

export interface SwitchState {
  readonly position: 'on' | 'off' | 'rule';
  readonly isThrown: boolean;
  readonly untilMs?: number | undefined;
}

/** Whether a feature works. What was set by hand for a while is left to the rule afterwards. */
export function isOn(state: SwitchState | undefined, nowMs: number): boolean {
  if (state === undefined) return true;
  return positionAt(state, nowMs) === 'rule' ? !state.isThrown : state.position === 'on';
}

// A rule switches on again after 30 s at the earliest.
const retryUnknownS = 30;
/** Somebody may switch it on again before the time that he said. */
const retryMaxS = 300;

/** After how many seconds it is worth asking again for a feature that is off: what is known of its end, within bounds. */
export function retryAfterS(state: SwitchState | undefined, nowMs: number): number {
  if (state?.untilMs === undefined || positionAt(state, nowMs) !== 'off') return retryUnknownS;
  return Math.min(retryMaxS, Math.max(1, Math.ceil((state.untilMs - nowMs) / 1000)));
}

export function positionAt({ position, untilMs }: SwitchState, nowMs: number): SwitchState['position'] {
  return untilMs !== undefined && nowMs >= untilMs ? 'rule' : position;
}
