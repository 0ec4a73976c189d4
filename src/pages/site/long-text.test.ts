import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { acceptedEncoding } from '../../platform/api/accepted-encoding.ts';
import { bearerOf } from '../../platform/api/call.ts';
import { createClientAddress } from '../../platform/api/client-address.ts';
import { matchesIfNoneMatch } from '../../platform/api/conditional.ts';
import { parseHead } from '../../platform/api/wire-request.ts';
import { parseAmountMinor } from '../../platform/money/currency.ts';
import { canonical } from '../static/attach-kinds.ts';

// What takes the square of the length would take minutes here, and what is linear takes no time that one would notice: no
// clock is needed to tell them apart.
const long = 500_000;
const run = (text: string) => text.repeat(long / text.length);

test('no text that a stranger sends takes longer than it is long', () => {
  const request = (headers: Record<string, string>) => ({ headers, socket: { remoteAddress: '127.0.0.1' } }) as never;
  const proxied = createClientAddress({ trustedProxies: ['loopback'] });
  const forwarded = createClientAddress({ trustedProxies: ['loopback'], forwardedBy: 'forwarded' });

  assert.equal(parseAmountMinor(`0.${run('0')}1`, 'USD'), undefined);
  assert.equal(parseAmountMinor(`${run('1,111')}x`, 'USD'), undefined);
  assert.equal(canonical({ '*': `a${run('/')}b${run('/')}` })['*']?.length, long + 2);
  assert.equal(bearerOf(request({ authorization: `Bearer a${run(' ')}b` })), undefined);
  for (const text of [run('1'), run('1.'), run(':'), run('['), run('%'), run(','), run('1, '), `[${run(']')}`]) {
    assert.equal(proxied(request({ 'x-forwarded-for': text })).isKnown, false);
    assert.equal(forwarded(request({ forwarded: text })).isKnown, false);
  }
  for (const text of [run('; '), run(';for='), `for="${run('a')}`, run('for="'), `${run('\t')}for=`]) {
    assert.equal(forwarded(request({ forwarded: text })).isKnown, false);
  }
  assert.equal(proxied(request({ 'x-forwarded-proto': `${run(' ')}x` })).isHttps, false);
  assert.equal(forwarded(request({ forwarded: `${run('proto=')}x` })).isHttps, false);
  assert.equal(acceptedEncoding(run(';,')), 'identity');
  assert.equal(matchesIfNoneMatch(run('W/"'), 'a'), false);
  assert.equal(matchesIfNoneMatch(run('"'), 'a'), false);
  const head = (more: string) => `GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n\r\n`;
  const socket = new Socket();
  assert.equal(parseHead(head(`x:${run('\t')}\0`), socket), undefined);
  assert.equal(parseHead(head(run('a')), socket), undefined);
  assert.equal(parseHead(head(`x: a\r\n${run('forwarded:\t\r\n')}x:`), socket), undefined);
  const tabs = '\t'.repeat(long / 90);
  assert.notEqual(parseHead(head(`x: a\r\n${`forwarded:${tabs}\r\n`.repeat(90)}x:`), socket), undefined);
});
