import { pbkdf2Sync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { deriveKey as deriveByWebCrypto } from 'altcha-lib/algorithms/web/pbkdf2';
import { counterMaxFor, roundsPerTry } from '../src/edge/challenge/difficulty.ts';
import { createPuzzles } from '../src/edge/challenge/puzzle.ts';
import { createSigner, newSigningKey } from '../src/platform/signing/signer.ts';
import { describeMachine } from './machine.ts';
import type { BenchOptions, BenchReport } from './report.ts';

/** What a puzzle costs who makes, solves and checks it. */
export async function run({ isQuick }: BenchOptions): Promise<BenchReport> {
  const count = isQuick ? 200 : 2_000;
  const puzzles = createPuzzles(createSigner([newSigningKey()]));
  const binding = { purpose: 'ticket', subject: '', prefix: '' } as const;
  const nowMs = Date.now();
  const parameters = {
    algorithm: 'PBKDF2/SHA-256',
    nonce: '',
    salt: '',
    cost: roundsPerTry,
    keyLength: 32,
    keyPrefix: '',
  };
  const [salt, password] = [new Uint8Array(16), new Uint8Array(20)];

  const nativeMs = await eachMs(count, async () => pbkdf2Sync(password, salt, roundsPerTry, 32, 'sha256'));
  const browserMs = await eachMs(count, () => deriveByWebCrypto(parameters, salt, password));
  const makeMs = await eachMs(count, () => puzzles.issue(binding, 0, nowMs));
  const challenge = await puzzles.issue(binding, 0, nowMs);
  const solution = { counter: 1, derivedKey: '00'.repeat(32) };
  const wrong = Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
  const checkMs = await eachMs(count, () => puzzles.verify(wrong, binding, { nowMs, suspicion: 0 }));

  const figure = (name: string, value: number, unit = 'ms') => ({ name, value, unit });
  return {
    bench: 'challenge',
    machine: await describeMachine(),
    figures: [
      figure('making a puzzle', makeMs),
      figure('refusing a wrong solution', checkMs),
      figure('one try, natively', nativeMs),
      { ...figure('one try, by WebCrypto', browserMs), ratio: browserMs / nativeMs, ratioTo: 'native' },
      figure('the easiest puzzle, mean, one core', (counterMaxFor(0) / 2) * browserMs),
      figure('where suspicion begins (0.6), mean, one core', (counterMaxFor(0.6) / 2) * browserMs),
      figure('the hardest, at the worst, one core', counterMaxFor(1) * browserMs),
    ],
  };
}

async function eachMs(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let index = 0; index < count; index++) await work();
  return (performance.now() - startedAt) / count;
}
