import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cookieHeader, parseCookies } from './cookies.ts';

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
