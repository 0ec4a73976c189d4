import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { ErrorPage } from '../api/site.ts';
import { speak } from '../api/testing.ts';
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

/** Until so many problems have come. */
const problems = (count: number) => (said: string) => said.split('"status":503}').length > count;
const post = (body: string, more: string) => `POST /v1/quotes HTTP/1.1\r\nhost: x\r\n${more}\r\n${body}`;

test('a refusal is whole in one piece, with what gates before it have said, and the connection stays of use', async () => {
  const { refuse } = createRefusals();
  const finished: number[] = [];
  const server = createServer({ keepAliveTimeout: 7_000 }, (request, response) => {
    response.setHeader('ratelimit', '"client";r=9;t=1');
    response.setHeader('cache-control', 'max-age=60');
    response.once('finish', () => finished.push(response.statusCode));
    refuse(request, response, false);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const body = '{"lines":[]}';
    const asked = post(body, `content-length: ${body.length}\r\n`);
    const { text } = await speak(port, asked + asked + asked, problems(3));
    const answers = text.split(/(?=HTTP\/1\.1 )/);
    assert.equal(answers.length, 3);
    for (const answer of answers) {
      const [head = '', problem = ''] = answer.split('\r\n\r\n');
      assert.match(head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
      for (const field of [
        'retry-after: [1-6]',
        'ratelimit: "client";r=9;t=1',
        'date: .* GMT',
        'keep-alive: timeout=7',
      ]) {
        assert.match(head, new RegExp(`\r\n${field}(?:\r\n|$)`, 'i'));
      }
      assert.deepEqual(head.match(/cache-control: .*/gi), ['cache-control: no-store']);
      assert.equal(Number(/content-length: (\d+)/i.exec(head)?.[1]), problem.length);
      assert.equal(JSON.parse(problem).type, '/problems/overloaded');
    }
    assert.deepEqual(finished, [503, 503, 503]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('nobody waits for a long body that is not wanted, and to a HEAD only the head is said', async () => {
  const { refuse } = createRefusals();
  const server = createServer((request, response) => refuse(request, response, true)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    for (const more of ['transfer-encoding: chunked\r\n', 'content-length: 1000000\r\n']) {
      const { text, isEnded } = await speak(port, post('', more), problems(2));
      assert.match(text, /\r\nconnection: close\r\n[\s\S]*"status":503}$/i);
      assert.ok(isEnded);
    }
    const head = await speak(port, 'HEAD /v1/products HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    assert.match(head.text, /^HTTP\/1\.1 503 [\s\S]*\r\n\r\n$/);
    assert.ok(head.isEnded);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('of a crowd that is refused in one turn everybody is answered, and who has gone meanwhile hinders nobody', async () => {
  const { refuse } = createRefusals();
  let come: () => void = () => {};
  const allCame = new Promise<void>((resolve) => {
    come = resolve;
  });
  const crowd: [IncomingMessage, ServerResponse][] = [];
  const server = createServer((request, response) => {
    crowd.push([request, response]);
    if (crowd.length === 40) come();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const asked = Array.from({ length: 40 }, () =>
      speak(port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', problems(1)).catch(() => 'gone'),
    );
    await allCame;
    crowd[3]?.[0].socket.destroy();
    for (const [request, response] of crowd) refuse(request, response, false);
    const answers = await Promise.all(asked);
    const refused = answers.filter((answer) => typeof answer === 'object' && answer.text.includes(' 503 '));
    assert.equal(refused.length, 39);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
