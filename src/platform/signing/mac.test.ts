import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMac } from './mac.ts';

// A lone half of a surrogate is what hostile JSON may hold; as UTF-8 it is U+FFFD.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.string({ minLength: 2_000, maxLength: 2_100 }),
  fc.array(fc.nat(0xffff), { maxLength: 50 }).map((units) => String.fromCharCode(...units)),
);

test('it is HMAC-SHA256, of any text with any key, again and again', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 0, maxLength: 100 }),
      fc.array(anyText, { minLength: 1, maxLength: 4 }),
      (bytes, texts) => {
        const key = Buffer.from(bytes);
        const mac = createMac(key);
        for (const text of texts) assert.equal(mac(text), createHmac('sha256', key).update(text).digest('base64url'));
      },
    ),
  );
});

test('case 2 of RFC 4231', () => {
  const wanted = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  const mac = createMac(Buffer.from('Jefe'))('what do ya want for nothing?');
  assert.equal(Buffer.from(mac, 'base64url').toString('hex'), wanted);
});
