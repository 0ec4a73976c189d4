import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClientAddress } from '../platform/api/client-address.ts';
import { createClientSource } from './client-source.ts';

test('who comes through a proxy of this machine is counted, even if nobody named the proxy', () => {
  for (const trustedProxies of [[], ['loopback']]) {
    const addressOf = createClientAddress({ trustedProxies });
    const source = createClientSource({
      addressOf,
      suspicionOf: () => 0.5,
      signer: { pseudonym: (_, text) => text },
      exempt: ['loopback'],
    });
    const from = (headers: Record<string, string>) =>
      source.factsOf({ socket: { remoteAddress: '127.0.0.1' }, headers } as never);
    assert.equal(from({}), undefined);
    assert.equal(from({ 'x-forwarded-for': 'nonsense' })?.suspicion, 0.5);
    assert.equal(
      from({ 'x-forwarded-for': '203.0.113.9' })?.prefix,
      trustedProxies.length > 0 ? '203.0.113.9' : '127.0.0.1',
    );
    assert.notEqual(from({ 'x-real-ip': '203.0.113.9' }), undefined);
  }
});
