import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createSigner, newSigningKey } from './signer.ts';

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

test('a waiting key verifies and does not sign; a retired one does neither', () => {
  const [waiting, good, retired] = [newSigningKey(), newSigningKey(), newSigningKey()];
  const rotating = createSigner([{ ...waiting, state: 'waiting' }, good, { ...retired, state: 'retired' }]);
  const signed = rotating.sign('ticket', { n: 1 });
  assert.deepEqual(createSigner([good]).verify('ticket', signed), { n: 1 });
  assert.deepEqual(rotating.verify('ticket', createSigner([waiting]).sign('ticket', { n: 2 })), { n: 2 });
  assert.equal(rotating.verify('ticket', createSigner([retired]).sign('ticket', { n: 3 })), undefined);
  assert(!rotating.checkCode('buyer', 'someone', createSigner([retired]).code('buyer', 'someone')));
});

test('a pseudonym stays what it was when keys come, sign and are retired', () => {
  const first = newSigningKey();
  const rotating = createSigner([first]);
  const pseudonym = rotating.pseudonym('instrument', 'card');
  assert.equal(pseudonym, createSigner([first]).code('instrument', 'card'), 'as before there were pseudonyms');
  rotating.replaceKeys([{ ...newSigningKey(), state: 'waiting' }, first]);
  assert.equal(rotating.pseudonym('instrument', 'card'), pseudonym);
  rotating.replaceKeys([newSigningKey(), { ...first, state: 'retired' }]);
  assert.equal(rotating.pseudonym('instrument', 'card'), pseudonym);
  assert.notEqual(rotating.code('instrument', 'card'), pseudonym);
});
