import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createClientAddress } from '../../platform/api/client-address.ts';
import { cookieHeader, parseCookies } from './cookies.ts';
import { isSecure } from './write-reply.ts';

test('what the shop sets comes back', () => {
  const header = cookieHeader({ name: 'onrush_cart', value: 'abc.def-_', maxAgeS: 60 }, true);
  assert.equal(header, 'onrush_cart=abc.def-_; Path=/; Max-Age=60; SameSite=Lax; HttpOnly; Secure');
  assert.equal(parseCookies('a=1; onrush_cart=abc.def-_; b=').get('onrush_cart'), 'abc.def-_');
});

test('an empty value deletes', () => {
  assert.match(cookieHeader({ name: 'a', value: '', maxAgeS: 60 }, false), /^a=; Path=\/; Max-Age=0;/);
});

test('of two cookies of one name the first counts, and garbage harms nobody', () => {
  assert.equal(parseCookies('a=1; a=2').get('a'), '1');
  fc.assert(fc.property(fc.string(), (header) => void parseCookies(header)));
  assert.equal(parseCookies(undefined).size, 0);
});

test('cookies go by TLS only where a trusted proxy says that the browser came by it, or the shop is at an https address', () => {
  const cases: [forwarded: string | undefined, publicUrl: string, isSecure: boolean][] = [
    [undefined, 'http://127.0.0.1:7070', false],
    ['http', 'http://shop.example', false],
    ['https', 'http://shop.example', true],
    ['https, http', 'http://shop.example', true],
    [' HTTPS ,http', 'http://shop.example', true],
    ['http, https', 'http://shop.example', false],
    [undefined, 'https://shop.example', true],
    ['http', 'https://shop.example', true],
  ];
  for (const [forwarded, publicUrl, wanted] of cases) {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-proto': forwarded };
    const from = (remoteAddress: string) => ({ socket: { remoteAddress }, headers });
    const addressOf = createClientAddress({ trustedProxies: ['10.0.0.1'] });
    assert.equal(isSecure(from('10.0.0.1'), publicUrl, addressOf), wanted, `${forwarded} at ${publicUrl}`);
    // What anybody says of himself changes nothing.
    const isPublic = publicUrl.startsWith('https:');
    assert.equal(
      isSecure(from('10.0.0.2'), publicUrl, addressOf),
      isPublic,
      `${forwarded} at ${publicUrl}, of no proxy`,
    );
  }
});
