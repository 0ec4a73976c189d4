import { createCipheriv } from 'node:crypto';
import type { PublishedLot } from './case.ts';

/**
 * The place that a ticket drew, reckoned from the published seed by docs/waiting-room.md and by nothing of the shop's own: a
 * judge who asked the accused would prove nothing. Twelve rounds of a Feistel network over the smallest power of two that
 * holds `count` (the left half has the odd bit), each round's function the first four bytes of AES-256 of round, half
 * and count; what falls outside goes through again.
 */
export function placeOf(seedHex: string, count: number, ticket: number): number {
  const key = Buffer.from(seedHex, 'hex');
  let size = 4n;
  let bits = 2n;
  while (size < BigInt(count)) {
    size *= 2n;
    bits += 1n;
  }
  const lowBits = bits / 2n;
  const low = (1n << lowBits) - 1n;
  const high = (1n << (bits - lowBits)) - 1n;
  let value = BigInt(ticket);
  do {
    let [left, right] = [value >> lowBits, value & low];
    for (let round = 0; round < 12; round += 1) {
      if (round % 2 === 0) left = (left ^ mixed(key, count, round, right)) & high;
      else right = (right ^ mixed(key, count, round, left)) & low;
    }
    value = (left << lowBits) | right;
  } while (value >= BigInt(count));
  return Number(value);
}

function mixed(key: Buffer, count: number, round: number, half: bigint): bigint {
  const head = BigInt(round).toString(16).padStart(8, '0') + half.toString(16).padStart(8, '0');
  const block = Buffer.from(`${head}0000${BigInt(count).toString(16).padStart(12, '0')}`, 'hex');
  const cipher = createCipheriv('aes-256-ecb', key, null);
  return BigInt(cipher.update(block).readUInt32BE(0));
}

/** The place of any ticket: those after the lot, by their numbers. */
export function placeByLot({ seed, ticketCount }: PublishedLot, number: number): number {
  return number < ticketCount ? placeOf(seed, ticketCount, number) : number;
}
