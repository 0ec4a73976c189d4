import { createChallenge, type Challenge as Puzzle, randomInt, type Solution, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { LaneFull } from '../../platform/batch/lane.ts';
import type { Signer } from '../../platform/signing/signer.ts';
import type { Challenge, Rejection } from './api.ts';
import { type Binding, isBoundTo } from './binding.ts';
import { counterMaxFor, isHardEnough, roundsPerTry } from './difficulty.ts';
import { solutionTtlMs } from './policy.ts';

export interface Puzzles {
  /** One PBKDF2 key of a thousand rounds, off the main thread. Throws LaneFull. */
  issue(binding: Binding, suspicion: number, nowMs: number): Promise<Challenge>;
  /** Two HMACs and no key: who sends rubbish costs next to nothing. */
  verify(
    text: string,
    binding: Binding,
    at: { readonly nowMs: number; readonly suspicion: number },
  ): Promise<
    { readonly kind: 'solved'; readonly id: string; readonly expiresAtMs: number } | { readonly kind: Rejection }
  >;
}

// A solution is about 900 characters.
const textLengthMax = 4096;
/** Keys are made by the few threads that also compress answers: who asks for more at once must come again. */
const makingMax = 128;

/**
 * Puzzles of ALTCHA's version 2 in its deterministic mode: we draw the counter, derive its key once, and sign that key, so that
 * checking a solution needs no key. The secrets are the same in every process, whichever signing keys it began with.
 */
export function createPuzzles(signer: Pick<Signer, 'pseudonym'>): Puzzles {
  const secrets = {
    hmacSignatureSecret: signer.pseudonym('challenge', 'puzzle'),
    hmacKeySignatureSecret: signer.pseudonym('challenge', 'key'),
  };
  let makingCount = 0;
  // A memory of what was used begins with this process: what was given out before is not taken, or it could be used twice.
  let memoryFromMs = Number.POSITIVE_INFINITY;

  return {
    async issue({ purpose, subject, prefix }, suspicion, nowMs) {
      if (makingCount >= makingMax) throw new LaneFull(`${makingCount} puzzles are being made`);
      memoryFromMs = Math.min(memoryFromMs, nowMs);
      const counterMax = counterMaxFor(suspicion);
      makingCount += 1;
      try {
        const puzzle = await createChallenge({
          algorithm: 'PBKDF2/SHA-256',
          cost: roundsPerTry,
          counter: randomInt(counterMax - 1, 0),
          deriveKey,
          expiresAt: Math.floor((nowMs + solutionTtlMs[purpose]) / 1000),
          data: { purpose, subject, prefix, issuedAtMs: nowMs, counterMax },
          ...secrets,
        });
        return withoutGaps(puzzle) as Challenge;
      } finally {
        makingCount -= 1;
      }
    },

    async verify(text, binding, { nowMs, suspicion }) {
      const payload = parsePayload(text);
      if (payload === undefined) return { kind: 'unreadable' };
      const { challenge, solution } = payload;
      const { data, expiresAt = 0, nonce } = challenge.parameters;
      const issuedAtMs = Number(data?.issuedAtMs);
      if (nowMs >= expiresAt * 1000 || !(issuedAtMs >= memoryFromMs)) return { kind: 'expired' };
      if (!isBoundTo(data, binding)) return { kind: 'elsewhere' };
      if (!isHardEnough(Number(data?.counterMax), suspicion)) return { kind: 'expired' };
      const result = await verifySolution({ challenge, solution, deriveKey, ...secrets });
      if (result.expired) return { kind: 'expired' };
      if (result.invalidSignature !== false) return { kind: 'forged' };
      if (!result.verified) return { kind: 'wrong' };
      return { kind: 'solved', id: nonce, expiresAtMs: expiresAt * 1000 };
    },
  };
}

function parsePayload(text: string): { challenge: Puzzle; solution: Solution } | undefined {
  if (text.length > textLengthMax) return undefined;
  let payload: { challenge?: Partial<Puzzle>; solution?: Partial<Solution> } | null;
  try {
    payload = JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
  const { challenge, solution } = payload ?? {};
  const parameters = challenge?.parameters as Record<string, unknown> | undefined;
  if (typeof parameters !== 'object' || parameters === null) return undefined;
  // What the library takes for granted of a challenge; whether it is ours is said by its signature. Without the signed key
  // it would derive one, at the sender's price.
  const isShaped =
    typeof challenge?.signature === 'string' &&
    typeof parameters.nonce === 'string' &&
    typeof parameters.keySignature === 'string' &&
    typeof parameters.expiresAt === 'number';
  if (!isShaped || typeof solution !== 'object' || solution === null) return undefined;
  return { challenge, solution } as { challenge: Puzzle; solution: Solution };
}

/** Without members that hold undefined: they would not survive JSON. */
function withoutGaps(puzzle: Puzzle): unknown {
  return JSON.parse(JSON.stringify(puzzle));
}
