import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { createClientAddress, type ForwardedHeader } from './client-address.ts';
import { parseHead } from './wire-request.ts';

const via = (
  remoteAddress: string | undefined,
  headers: Record<string, string> = {},
  trustedProxies: string[] = ['loopback', '10.0.0.0/8', '2001:db8:ffff::/48'],
  forwardedBy: ForwardedHeader = 'x-forwarded-for',
) => createClientAddress({ trustedProxies, forwardedBy })({ socket: { remoteAddress } as never, headers });

test('without trusted proxies only the peer counts, whatever the headers say', () => {
  const headers = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9', 'x-forwarded-proto': 'https' };
  const { address, isHttps, isKnown } = via('127.0.0.1', headers, []);
  assert.deepEqual({ address, isHttps, isKnown }, { address: '127.0.0.1', isHttps: false, isKnown: false });
  assert.equal(via('198.51.100.7', headers).address, '198.51.100.7');
});

test('a neighbour that speaks for others without being trusted is taken for anybody, else for itself', () => {
  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
    for (const peer of ['127.0.0.1', '::1', '10.1.2.3']) {
      assert.equal(via(peer, { [header]: '203.0.113.9' }, []).isKnown, false, `${peer} ${header}`);
      assert.equal(via(peer, {}, []).isKnown, true);
    }
  }
  // Trusted, but it says it in another way than was agreed on.
  assert.equal(via('127.0.0.1', { 'x-real-ip': '203.0.113.9' }).isKnown, false);
  assert.equal(via('127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }, ['loopback'], 'forwarded').isKnown, false);
  assert.equal(via('127.0.0.1').isKnown, true);
});

test('IPv4 is counted whole, IPv6 by /64, and IPv4 in the clothes of IPv6 as IPv4', () => {
  const cases: [address: string, prefix: string, network: string][] = [
    ['203.0.113.9', '203.0.113.9', '203.0.113.0/24'],
    ['::ffff:203.0.113.9', '203.0.113.9', '203.0.113.0/24'],
    ['::ffff:cb00:7109', '203.0.113.9', '203.0.113.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:DB8:1:2:ffff::', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['fe80::1%eth0', 'fe80::/64', 'fe80::/48'],
  ];
  for (const [address, prefix, network] of cases) {
    const found = via(address);
    assert.deepEqual([found.prefix, found.network], [prefix, network], address);
  }
  assert.equal(via(undefined).prefix, '::/64');
});

test('the list is read from its end, up to the first that is no trusted proxy', () => {
  const cases: [list: string, address: string, isKnown: boolean][] = [
    ['203.0.113.9', '203.0.113.9', true],
    // What the client itself wrote stands before what the proxies added.
    ['127.0.0.1, 203.0.113.9', '203.0.113.9', true],
    ['198.51.100.1,203.0.113.9,10.0.0.5', '203.0.113.9', true],
    ['203.0.113.9:4711', '203.0.113.9', true],
    ['[2001:db8::1]:4711', '2001:db8::1', true],
    ['2001:db8::1', '2001:db8::1', true],
    ['::ffff:203.0.113.9', '203.0.113.9', true],
    ['10.0.0.7, 10.0.0.5', '10.0.0.7', true],
    // What makes no sense ends it where trust ended.
    ['unknown', '127.0.0.1', false],
    ['', '127.0.0.1', false],
    ['203.0.113.9,', '127.0.0.1', false],
    ['203.0.113.9, nonsense, 10.0.0.5', '10.0.0.5', false],
    ['0x7f.1', '127.0.0.1', false],
    ['2130706433', '127.0.0.1', false],
    ['203.0.113.009', '127.0.0.1', false],
    ['203.0.113.9 10.0.0.5', '127.0.0.1', false],
    [',10.0.0.5', '10.0.0.5', false],
    ['10.0.0.5,'.repeat(40).slice(0, -1), '10.0.0.5', false],
  ];
  for (const [list, address, isKnown] of cases) {
    const found = via('127.0.0.1', { 'x-forwarded-for': list });
    assert.deepEqual([found.address, found.isKnown], [address, isKnown], list);
  }
  assert.equal(via('127.0.0.1').address, '127.0.0.1');
});

test('Forwarded is read the same way, and only if it is the one that was agreed on', () => {
  const cases: [list: string, address: string, isKnown: boolean][] = [
    ['for=203.0.113.9', '203.0.113.9', true],
    ['For="203.0.113.9:80";proto=https;by=10.0.0.1', '203.0.113.9', true],
    ['proto=https; for="[2001:db8::1]:4711"', '2001:db8::1', true],
    ['for=198.51.100.1, for=203.0.113.9, for=10.0.0.5', '203.0.113.9', true],
    // An open quote of the client's must not swallow what the proxy added.
    ['for="198.51.100.1, for=203.0.113.9', '203.0.113.9', true],
    ['for="10.0.0.1, for=10.0.0.9', '10.0.0.9', false],
    ['for=unknown', '127.0.0.1', false],
    ['for=_hidden', '127.0.0.1', false],
    // What stands in quotes is a value, whoever wrote it: a proxy may tell the Host that it was asked for.
    ['proto=http;host="x;for=6.6.6.6;y";for=203.0.113.9', '203.0.113.9', true],
    ['host="a,for=6.6.6.6;b";for=203.0.113.9', '203.0.113.9', true],
    ['for=203.0.113.9;host="a\\",for=6.6.6.6"', '203.0.113.9', true],
    ['host="a\\\\",for=203.0.113.9', '203.0.113.9', true],
    ['for=198.51.100.1;host=", for=203.0.113.9;host="shop, for=6.6.6.6"', '203.0.113.9', true],
    ['for=203.0.113.9;for=6.6.6.6', '127.0.0.1', false],
    ['for=203.0.113.9 6.6.6.6', '127.0.0.1', false],
    ['xfor=203.0.113.9', '127.0.0.1', false],
    ['by=203.0.113.9', '127.0.0.1', false],
  ];
  for (const [list, address, isKnown] of cases) {
    const found = via(
      '127.0.0.1',
      { forwarded: list, 'x-forwarded-for': '192.0.2.1' },
      ['loopback', '10.0.0.0/8'],
      'forwarded',
    );
    assert.deepEqual([found.address, found.isKnown], [address, isKnown], list);
  }
});

test('whatever a client writes, a trusted proxy that adds its peer decides who it is', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.ipV4(),
      fc.constantFrom<ForwardedHeader>('x-forwarded-for', 'forwarded'),
      (lie, peer, by) => {
        fc.pre(!peer.startsWith('10.') && !peer.startsWith('127.'));
        const added = by === 'forwarded' ? `for=${peer}` : peer;
        assert.equal(via('127.0.0.1', { [by]: `${lie}, ${added}` }, undefined, by).address, peer);
      },
    ),
  );
});

test('a client is worked out once per connection, or once for the same words of a proxy', () => {
  const addressOf = createClientAddress({ trustedProxies: ['loopback'] });
  const socket = { remoteAddress: '203.0.113.9' };
  const headersOf = () => assert.fail('nobody asks the headers of an untrusted peer');
  const untrusted = () => Object.defineProperty({ socket }, 'headers', { get: headersOf }) as never;
  assert.equal(addressOf(untrusted()), addressOf(untrusted()));
  const proxied = (words: string) => ({ socket: { remoteAddress: '::1' }, headers: { 'x-forwarded-for': words } });
  const request = proxied('203.0.113.9');
  assert.equal(addressOf(request), addressOf(request));
  assert.equal(addressOf(proxied('203.0.113.9')), addressOf(request));
  assert.notEqual(addressOf(proxied('203.0.113.8')), addressOf(request));
  const bySecond = (words: string) => ({ ...proxied(words), socket: { remoteAddress: '127.0.0.1' } });
  assert.equal(addressOf(bySecond('203.0.113.9')), addressOf(request));
  // Where it names nobody it is the one who sends it.
  assert.equal(addressOf(proxied('nobody')).address, '::1');
  assert.equal(addressOf(bySecond('nobody')).address, '127.0.0.1');
});

test('what a proxy says is told from what it does not say, also where that is remembered', () => {
  const addressOf = createClientAddress({ trustedProxies: ['loopback'] });
  const asked = (headers: Record<string, string>) =>
    addressOf({ socket: { remoteAddress: '127.0.0.1' } as never, headers });
  assert.deepEqual([asked({}).isKnown, asked({ 'x-real-ip': '203.0.113.9' }).isKnown], [true, false]);
  for (const list of ['undefined', '']) assert.equal(asked({ 'x-forwarded-for': list }).isKnown, false, list);
  const list = { 'x-forwarded-for': '203.0.113.9' };
  assert.deepEqual([asked(list).isHttps, asked({ ...list, 'x-forwarded-proto': 'https' }).isHttps], [false, true]);
});

test('of a head on the wire the same is read as of a request', () => {
  const head = [
    'GET / HTTP/1.1',
    'Host: a',
    'X-Forwarded-For: 192.0.2.1',
    'Forwarded: for=192.0.2.2',
    'x-forwarded-for:203.0.113.9 ',
    'X-Forwarded-Proto: https',
    '\r\n',
  ].join('\r\n');
  const addressOf = createClientAddress({ trustedProxies: ['loopback'] });
  const read = (remoteAddress: string) => {
    const request = parseHead(head, { remoteAddress } as Socket);
    assert(request !== undefined);
    return addressOf(request);
  };
  const { address, isHttps } = read('127.0.0.1');
  assert.deepEqual([address, isHttps], ['203.0.113.9', true]);
  assert.equal(read('192.0.2.7').address, '192.0.2.7');
});

test('what is no address, no CIDR and no preset is refused at the start', () => {
  for (const wrong of [
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '300.1.1.1',
    '::1/129',
    '10/8',
    'fe80::1%eth0',
    '10.0.0.0/',
  ]) {
    assert.throws(() => createClientAddress({ trustedProxies: [wrong] }), RangeError, wrong);
  }
});
