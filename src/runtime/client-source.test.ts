import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClientAddress } from '../platform/api/client-address.ts';
import { createNotes, type Notes, testServer } from '../platform/api/testing.ts';
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

test('an IPv6 client is known by the code of its end site and its own, an IPv4 client by its own alone', async () => {
  const told: (string | undefined)[] = [];
  const addressOf = createClientAddress({ trustedProxies: ['loopback'] });
  const signer = { pseudonym: (_: string, text: string) => `<${text}>` };
  const notes = createNotes();
  const handlers: Notes['handlers'] = {
    ...notes.handlers,
    async listNotes(_request, { clientPrefix }) {
      told.push(clientPrefix);
      return { status: 200, body: { items: [] } };
    },
  };
  const server = await testServer({
    services: [{ ...notes, handlers }],
    client: createClientSource({ addressOf, suspicionOf: () => 0, signer, exempt: [] }),
  });
  for (const address of ['2001:db8:1:2::3', '203.0.113.9']) {
    await server.ask('GET', '/v1/notes', undefined, { 'x-forwarded-for': address });
  }
  assert.deepEqual(told, ['<2001:db8:1::/48>.<2001:db8:1:2::/64>', '<203.0.113.9>']);
});
