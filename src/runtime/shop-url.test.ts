import assert from 'node:assert/strict';
import test from 'node:test';
import { urlOf } from './shop-url.ts';

test('whoever listens on every address is reached on the loopback, others where they listen', () => {
  assert.equal(urlOf(7070, '0.0.0.0'), 'http://127.0.0.1:7070');
  assert.equal(urlOf(7070, '::'), 'http://127.0.0.1:7070');
  assert.equal(urlOf(7070, '::1'), 'http://[::1]:7070');
  assert.equal(urlOf(7070, '10.0.0.7'), 'http://10.0.0.7:7070');
});
