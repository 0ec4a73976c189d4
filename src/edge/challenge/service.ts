import type { Service } from '../../platform/context/service.ts';
import { challengeApi } from './api.ts';
import type { Door } from './door.ts';

/** The door as a service: puzzles for who wants to work beforehand. */
export function createChallengeService(door: Door): Service<typeof challengeApi> {
  return {
    contract: challengeApi,
    importance: 'core',
    handlers: {
      async getChallenge({ query: { purpose, subject } }, call) {
        const challenge = await door.issue({ purpose, call, ...(subject !== undefined && { subject }) });
        return { status: 200, body: challenge };
      },
    },
  };
}
