import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { testDatabase } from '../testing/database.ts';
import { signingMigrations } from './migrations.ts';
import { createSigner, newSigningKey } from './signer.ts';
import { addSigningKey, loadSigningKeys } from './store.ts';

const signer = createSigner([newSigningKey()]);
const anyPayload = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((value) => JSON.parse(JSON.stringify(value)) as object);

test('what was signed for a purpose is read back for that purpose, and for no other', () => {
  fc.assert(
    fc.property(anyPayload, (payload) => {
      const token = signer.sign('quote', payload);
      assert.deepEqual(signer.verify('quote', token), payload);
      assert.equal(signer.verify('buyer', token), undefined);
    }),
  );
});

test('a token with any one character changed is refused', () => {
  const token = signer.sign('quote', { orderId: '1', totalMinor: 4900 });
  const alphabet = 'ABab01-_.';
  for (let at = 0; at < token.length; at++) {
    for (const char of alphabet) {
      if (char === token[at]) continue;
      const changed = token.slice(0, at) + char + token.slice(at + 1);
      // The last character of a base64url part may carry unused bits: the same bytes, written differently, are the same token.
      if (Buffer.from(changed, 'base64url').equals(Buffer.from(token, 'base64url'))) continue;
      const isSameSignature =
        at === token.length - 1 &&
        Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(
          Buffer.from(token.split('.')[2] ?? '', 'base64url'),
        );
      if (!isSameSignature) assert.equal(signer.verify('quote', changed), undefined, `${char} at ${at}`);
    }
  }
});

test('garbage is refused without an error', () => {
  fc.assert(fc.property(fc.string(), (garbage) => assert.equal(signer.verify('quote', garbage), undefined)));
  for (const garbage of ['', '.', '..', '...', 'a.b.c', `${signer.sign('quote', {})}.`]) {
    if (garbage.endsWith('.') && garbage.length > 3) continue;
    assert.equal(signer.verify('quote', garbage), undefined);
  }
});

test('a token that claims no algorithm, or another one, is refused', () => {
  const payload = Buffer.from('{"totalMinor":1}').toString('base64url');
  for (const header of [{ alg: 'none' }, { alg: 'HS256' }, { alg: 'HS256', kid: '../../etc/passwd', typ: 'quote' }]) {
    const token = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.`;
    assert.equal(signer.verify('quote', token), undefined);
  }
});

test('another shop’s token is refused; an older key of ours still verifies and no longer signs', () => {
  const old = newSigningKey();
  const token = createSigner([old]).sign('quote', { n: 1 });
  assert.equal(signer.verify('quote', token), undefined);
  const rotated = createSigner([newSigningKey(), old]);
  assert.deepEqual(rotated.verify('quote', token), { n: 1 });
  assert.equal(createSigner([old]).verify('quote', rotated.sign('quote', { n: 1 })), undefined);
});

test('a code opens its own subject and no other', () => {
  const code = signer.code('order-capability', 'order-1');
  assert(signer.checkCode('order-capability', 'order-1', code));
  assert(!signer.checkCode('order-capability', 'order-2', code));
  assert(!signer.checkCode('buyer', 'order-1', code));
  assert(!signer.checkCode('order-capability', 'order-1', ''));
});

test('ten processes that start at once have the same key; a new key signs and the old one is kept', async () => {
  const database = await testDatabase([signingMigrations], { poolMax: 10 });
  const starts = await Promise.all(Array.from({ length: 10 }, () => loadSigningKeys(database)));
  const ids = new Set(starts.flat().map((key) => key.keyId));
  assert.equal(ids.size, 1);
  for (const start of starts) assert.equal(start.length, 1);
  const added = await addSigningKey(database);
  const keys = await loadSigningKeys(database);
  assert.equal(keys[0].keyId, added.keyId);
  assert.equal(keys.length, 2);
});
