import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { base64 } from './clients.ts';

test('a label is the base64 of its six bytes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 2 ** 16 - 1 }), (first, then) => {
      const bytes = Buffer.alloc(6);
      bytes.writeUInt32BE(first, 0);
      bytes.writeUInt16BE(then, 4);
      assert.equal(base64(first, then), bytes.toString('base64'));
    }),
  );
});
