import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { ErrorPage } from '../api/site.ts';
import { createRefusals } from './refusals.ts';

test('who is refused is shown his own page, whoever was refused before him', async () => {
  const common: ErrorPage = { headers: ['x-page', 'common'], html: '<p>busy</p>'.repeat(100) };
  const { refuse } = createRefusals(({ url = '' }) =>
    url.startsWith('/waiting-room/') ? { headers: ['x-page', 'own'], html: `<p>${url}</p>` } : common,
  );
  const server = createServer((request, response) => refuse(request, response, false)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { accept: 'text/html', 'accept-encoding': 'br' },
    });
    const told = [answer.status, answer.headers.get('x-page'), answer.headers.get('content-encoding')];
    return { told, html: await answer.text() };
  };
  try {
    for (const room of ['/waiting-room/1', '/waiting-room/2']) {
      assert.deepEqual(await ask(room), { told: [503, 'own', null], html: `<p>${room}</p>` });
    }
    for (const encoding of [null, 'br', 'br']) {
      assert.deepEqual(await ask('/browse'), { told: [503, 'common', encoding], html: common.html });
    }
    assert.equal((await ask('/waiting-room/1')).html, '<p>/waiting-room/1</p>');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
