import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';

/** 256 bits. */
export const lotSeedBytes = 32;

// Four rounds are proven for large domains; a queue of a few hundred has halves of a few bits, where more are needed
// (Black & Rogaway 2002, "Ciphers with Arbitrary Finite Domains"; NIST SP 800-38G takes ten).
const roundCount = 12;

/** More tickets than this would need halves of more than 24 bits, and the reckoning below is in 32-bit integers. */
export const lotCountMax = 2 ** 40;

/**
 * The lot: a random order of the tickets 0 … count−1 that takes no memory. A Feistel network, keyed by the seed, permutes the
 * smallest power of two that holds them, and what falls outside is sent through again (cycle walking) until it falls inside:
 * a bijection whatever the seed, and known to everyone once the seed is published (docs/waiting-room.md says how to check).
 * The function of a round is AES-256 under the seed. Returns the place of a ticket.
 */
export function createLot(seed: Buffer, count: number): (ticket: number) => number {
  assert.equal(seed.length, lotSeedBytes, 'a seed has 256 bits');
  assert(Number.isInteger(count) && count >= 0 && count <= lotCountMax, `a lot of ${count} cannot be drawn`);
  const bits = Math.max(2, Math.ceil(Math.log2(Math.max(count, 2))));
  const rightBits = bits >> 1;
  const leftMask = 2 ** (bits - rightBits) - 1;
  const rightSize = 2 ** rightBits;
  // One cipher for all: making one costs more than a block.
  const cipher = createCipheriv('aes-256-ecb', seed, null).setAutoPadding(false);
  const block = Buffer.alloc(16);
  block.writeUIntBE(count, 10, 6);
  const mix = (round: number, half: number): number => {
    block.writeUInt32BE(round, 0);
    block.writeUInt32BE(half, 4);
    return cipher.update(block).readUInt32BE(0);
  };
  const permute = (value: number): number => {
    let left = Math.floor(value / rightSize);
    let right = value % rightSize;
    for (let round = 0; round < roundCount; round += 2) {
      left = (left ^ mix(round, right)) & leftMask;
      right = (right ^ mix(round + 1, left)) & (rightSize - 1);
    }
    return left * rightSize + right;
  };

  return (ticket) => {
    assert(Number.isInteger(ticket) && ticket >= 0 && ticket < count, `ticket ${ticket} is not among ${count}`);
    let place = permute(ticket);
    while (place >= count) place = permute(place);
    return place;
  };
}
