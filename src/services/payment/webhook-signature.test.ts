import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { checkWebhook, signWebhook } from './webhook-signature.ts';

const nowMs = 1_800_000_000_000;
const toleranceMs = 300_000;
const check = (rawBody: Buffer, signature: string | undefined, atMs = nowMs) =>
  checkWebhook('secret', { rawBody, signature, nowMs: atMs }, toleranceMs).kind;

test('what was signed here is genuine; another body, secret or instant is not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (bytes, others) => {
      const body = Buffer.from(bytes);
      const signature = signWebhook('secret', body, nowMs);
      assert.equal(check(body, signature), 'genuine');
      assert.equal(check(body, signWebhook('guess', body, nowMs)), 'refused');
      assert.equal(check(body, signature.replace(/^t=\d+/, `t=${nowMs / 1000 + 1}`)), 'refused');
      if (!body.equals(Buffer.from(others))) assert.equal(check(Buffer.from(others), signature), 'refused');
    }),
  );
});

test('the signature is the one that senders elsewhere compute: hex HMAC-SHA256 over `t.body`', () => {
  const mac = createHmac('sha256', 'secret').update('1800000000.{"id":"evt_1"}').digest('hex');
  assert.equal(signWebhook('secret', '{"id":"evt_1"}', nowMs), `t=1800000000,v1=${mac}`);
});

test('a delivery is good for five minutes, neither earlier nor later', () => {
  const body = Buffer.from('{}');
  const signature = signWebhook('secret', body, nowMs);
  assert.equal(check(body, signature, nowMs + toleranceMs), 'genuine');
  assert.equal(check(body, signature, nowMs + toleranceMs + 1), 'refused');
  assert.equal(check(body, signature, nowMs - toleranceMs - 1), 'refused');
});

test('while a secret is being changed, one good signature of several is enough', () => {
  const body = Buffer.from('{}');
  const [t, old] = signWebhook('old secret', body, nowMs).split(',');
  const [, current] = signWebhook('secret', body, nowMs).split(',');
  assert.equal(check(body, `${t},${old},${current}`), 'genuine');
});

test('no text in the header does harm', () => {
  const body = Buffer.from('{}');
  for (const header of [undefined, '', 't=', 't=1,v1=', 'v1=00', 't=x,v1=00', 't=1e99,v1=00', 't=1800000000,v1=zz']) {
    assert.equal(check(body, header), 'refused', String(header));
  }
  fc.assert(fc.property(fc.string(), (header) => assert.equal(check(body, header), 'refused')));
});
