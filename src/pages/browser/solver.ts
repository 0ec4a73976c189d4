// Solves puzzles in a worker, so that the page stays alive.
/// <reference lib="webworker" />
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';
import type { Challenge } from '../../edge/challenge/api.ts';

declare const self: DedicatedWorkerGlobalScope;

/** Every `step`-th counter from `from` on. */
export interface SolverTask {
  readonly challenge: Challenge;
  readonly from: number;
  readonly step: number;
}

export type SolverNews =
  | { readonly kind: 'tried'; readonly counter: number }
  | { readonly kind: 'solved'; readonly counter: number; readonly derivedKey: string }
  | { readonly kind: 'failed' };

self.addEventListener('message', ({ data }: MessageEvent<SolverTask>) => {
  solve(data).catch(() => tell({ kind: 'failed' }));
});

const tell = (news: SolverNews) => self.postMessage(news);

async function solve({ challenge, from, step }: SolverTask): Promise<void> {
  const { parameters } = challenge;
  const { keyPrefix } = parameters;
  const counterMax = Number(parameters.data?.counterMax);
  const salt = bytesOf(parameters.salt);
  const password = new Uint8Array([...bytesOf(parameters.nonce), 0, 0, 0, 0]);
  const counterPart = new DataView(password.buffer, password.length - 4);
  for (let counter = from; counter < counterMax; counter += step) {
    counterPart.setUint32(0, counter);
    const key = hexOf((await deriveKey(parameters as never, salt, password)).derivedKey);
    if (key.startsWith(keyPrefix)) return tell({ kind: 'solved', counter, derivedKey: key });
    if ((counter - from) % (step * 16) === 0) tell({ kind: 'tried', counter });
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
