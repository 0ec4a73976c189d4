import { type Challenge as Puzzle, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import type { Challenge } from './api.ts';

/** Solves a challenge as any client would, and says so as the `Challenge-Solution` header does. */
export async function solved(challenge: Challenge): Promise<string> {
  const solution = await solveChallenge({ challenge: challenge as Puzzle, deriveKey });
  return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
}
