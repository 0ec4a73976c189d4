import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createSigner, newSigningKey } from './signer.ts';
import { readSubjectToken, subjectToken } from './subject-token.ts';

const key = newSigningKey();
const signer = createSigner([key]);

test('a token names its subject, whatever that is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.uuid()), (subject) => {
      assert.equal(readSubjectToken(signer, 'buyer', subjectToken(signer, 'buyer', subject)), subject);
    }),
  );
});

test('a token with any one character changed is refused', () => {
  const token = subjectToken(signer, 'buyer', '0198c0de-0000-8000-8000-000000000001');
  for (let at = 0; at < token.length; at++) {
    for (const other of ['A', 'b', '7', '.', '-']) {
      if (token[at] === other) continue;
      const forged = token.slice(0, at) + other + token.slice(at + 1);
      assert.equal(readSubjectToken(signer, 'buyer', forged), undefined, forged);
    }
  }
});

test('garbage, another purpose and another shop are refused; a rotated key is good until it is dropped', () => {
  const token = subjectToken(signer, 'buyer', 'someone');
  for (const garbage of ['', '.', 'someone', 'someone.', '.someone', `${token}.`, `${token}=`]) {
    assert.equal(readSubjectToken(signer, 'buyer', garbage), undefined, garbage);
  }
  assert.equal(readSubjectToken(signer, 'order-capability', token), undefined);
  assert.equal(readSubjectToken(createSigner([newSigningKey()]), 'buyer', token), undefined);
  assert.equal(readSubjectToken(createSigner([newSigningKey(), key]), 'buyer', token), 'someone');
});
