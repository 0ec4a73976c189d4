import type { ChallengeSettings } from '../../platform/config/challenge-settings.ts';
import type { Purpose } from './api.ts';

/** Whether a puzzle stands before this. */
export function isAsked(settings: ChallengeSettings, purpose: Purpose, suspicion: number): boolean {
  switch (settings[purpose]) {
    case 'off':
      return false;
    case 'always':
      return true;
    case 'suspicious':
      return suspicion >= settings.suspiciousFrom;
  }
}

/**
 * For how many requests one solution is good. A ticket is worth a place in line, so each costs a solution of its own. An order's is
 * bound to the order's id, which makes repeating it harmless: it is the same order. Who searches goes on searching.
 */
export const usesOf: Record<Purpose, number> = { ticket: 1, order: Number.POSITIVE_INFINITY, search: 30 };

/** How long a puzzle may be worked on and its solution be used: ten times the longest work, and a slow network. */
export const solutionTtlMs: Record<Purpose, number> = { ticket: 120_000, order: 180_000, search: 600_000 };
