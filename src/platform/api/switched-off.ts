import type { Features } from '../switches/features.ts';
import { type ProblemReply, problem } from './problem.ts';

/** The answer of what a feature would have to work for; undefined while it is on. */
export function refuseWhileOff(features: Features, feature: string): ProblemReply | undefined {
  if (features.isOn(feature)) return undefined;
  return problem('switched-off', {}, { 'retry-after': String(features.retryAfterS(feature)) });
}
