import assert from 'node:assert/strict';
import { createServer as createTcpServer } from 'node:net';
import test from 'node:test';
import { fieldValue, toFields } from './fields.ts';
import { createCacheProxy } from './proxy.ts';
import { ask, listening, speak, startGated, startProxied, testClock } from './testing.ts';

/** What an application might be led by: everything it is told goes into its page. */
async function gullible() {
  return startProxied((request, response) => {
    const {
      host: _,
      connection: __,
      via: ___,
      'surrogate-capability': ____,
      'x-forwarded-for': _____,
      ...told
    } = request.headers;
    response.setHeader('cache-control', 'max-age=60');
    response.end(JSON.stringify({ method: request.method, url: request.url, told }));
  });
}

test('no header that names another host, path, method or address reaches the origin', async () => {
  await using edge = await gullible();
  const plain = await ask(edge.port, '/honest', { headers: { host: 'shop.example' } });
  for (const name of [
    'X-Forwarded-Host',
    'X-Forwarded-Scheme',
    'X-Forwarded-Proto',
    'X-Forwarded-Port',
    'X-Forwarded-Prefix',
    'X-Forwarded-Server',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-Original-Host',
    'X-Host',
    'X-HTTP-Method-Override',
    'X-HTTP-Method',
    'X-Method-Override',
    'Forwarded',
    'X-Real-IP',
    'True-Client-IP',
  ]) {
    const path = `/${name}`;
    const poisoned = await ask(edge.port, path, { headers: { host: 'shop.example', [name]: 'evil.example' } });
    assert.equal(poisoned.body, plain.body.replace('/honest', path), name);
  }
});

test('each way to write a host or a path has its own place, and is passed on as it stands', async () => {
  await using edge = await gullible();
  const targets = [
    '/a',
    '/A',
    '/a/',
    '//a',
    '/./a',
    '/b/../a',
    '/%61',
    '/a%2f',
    '/a%2F',
    '/a;x=1',
    '/a;x=2',
    '/a?',
    '/a?x=1&y=2',
    '/a?y=2&x=1',
    '/a?x=1&x=2',
    '/a?X=1',
    '/a%00',
    '/a%0d%0ax',
    '/a%3fx=1',
    '/a\\b',
  ];
  for (const round of [0, 1]) {
    for (const target of targets) {
      const { body, headers } = await ask(edge.port, target, { headers: { host: 'shop' } });
      assert.equal(JSON.parse(body).url, target);
      assert.match(headers['cache-status'] as string, round === 0 ? /uri-miss/ : /hit/, target);
    }
  }
  const hostOf = async (head: string) => /"x-forwarded-host":"([^"]*)"/.exec(await speak(edge.port, head))?.[1];
  assert.equal(await hostOf('GET /h HTTP/1.1\r\nHost: shop\r\n\r\n'), 'shop');
  assert.equal(await hostOf('GET /h HTTP/1.1\r\nHost: evil\r\n\r\n'), 'evil');
  assert.equal(await hostOf('GET http://evil2/h HTTP/1.1\r\nHost: shop\r\n\r\n'), 'evil2');
  assert.equal(await hostOf('GET /h HTTP/1.1\r\nHost: shop:8080\r\n\r\n'), 'shop:8080');
});

test('of hosts that are one to the cache the origin, and the shop, are told one', async () => {
  await using edge = await gullible();
  await using shop = await startGated((request, response) => {
    response.setHeader('cache-control', 'max-age=60');
    response.end(`${request.headers.host} ${fieldValue(toFields(request.rawHeaders), 'host')}`);
  });
  for (const [at, host] of ['SHOP', 'shop:80', 'shop:443', 'Shop:'].entries()) {
    const target = `/${at}`;
    const filled = await ask(edge.port, target, { headers: { host } });
    assert.equal(JSON.parse(filled.body).told['x-forwarded-host'], 'shop', host);
    const found = await ask(edge.port, target, { headers: { host: 'shop' } });
    assert.deepEqual([found.body, /hit/.test(String(found.headers['cache-status']))], [filled.body, true], host);
    const told = await ask(shop.port, target, { headers: { host } });
    assert.equal(told.body, 'shop shop', host);
    assert.equal((await ask(shop.port, target, { headers: { host: 'shop' } })).body, told.body);
  }
  assert.equal(edge.asked.length, 4);
  assert.equal(shop.asked.length, 4);
});

test('what is no host and no target is refused before anything is looked up', async () => {
  await using edge = await gullible();
  for (const head of [
    'GET /x HTTP/1.1\r\nHost: shop\r\nHost: evil\r\n',
    'GET /x HTTP/1.1\r\nHost: shop/evil\r\n',
    'GET /x HTTP/1.1\r\nHost: a@evil\r\n',
    'GET /x HTTP/1.1\r\nHost: shop evil\r\n',
    'GET /x HTTP/1.1\r\n',
    'GET http://a@evil/x HTTP/1.1\r\nHost: shop\r\n',
    'GET ftp://evil/x HTTP/1.1\r\nHost: shop\r\n',
    'GET evil/x HTTP/1.1\r\nHost: shop\r\n',
    'GET /x#y HTTP/1.1\r\nHost: shop\r\n',
    'GET /x\x00 HTTP/1.1\r\nHost: shop\r\n',
    'GET /\xc3\xa9 HTTP/1.1\r\nHost: shop\r\n',
  ]) {
    const answer = await speak(edge.port, Buffer.from(`${head}\r\n`, 'latin1'));
    assert.match(answer, /^HTTP\/1\.1 400 /, JSON.stringify(head));
  }
  assert.match(await speak(edge.port, 'TRACE / HTTP/1.1\r\nHost: shop\r\nCookie: a\r\n\r\n'), /^HTTP\/1\.1 405 /);
  assert.match(
    await speak(edge.port, `GET / HTTP/1.1\r\nHost: shop\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  );
  assert.deepEqual(edge.asked, []);
});

test('no second request can be smuggled in by a doubtful length', async () => {
  const hidden = 'GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n';
  for (const shape of [
    `POST /x HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    `POST /x HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
    `POST /x HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
    `POST /x HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
    `POST /x HTTP/1.1\r\nHost: shop\r\nX: 1\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
    `POST /x HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    `POST /x HTTP/1.1\r\nHost: shop\r\nContent-Length: 0, ${hidden.length}\r\n\r\n${hidden}`,
    `POST /x HTTP/1.1\r\nHost: shop\r\nContent-Length: +0\r\n\r\n${hidden}`,
    `POST /x HTTP/1.1\nHost: shop\nContent-Length: 0\n\n${hidden}`,
    `POST /x HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${hidden}`,
  ]) {
    await using edge = await gullible();
    const answer = await speak(edge.port, shape);
    assert.match(answer, /^(?:HTTP\/1\.1 400 |$)/, JSON.stringify(shape));
    assert.ok(!edge.asked.includes('GET /smuggled'), JSON.stringify(shape));
  }
});

test('a GET with a body is neither answered from the cache nor kept', async () => {
  await using edge = await startProxied((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => response.setHeader('cache-control', 'max-age=60').end(`page ${body}`));
  });
  const fat = await ask(edge.port, '/fat', { body: 'evil', headers: { 'content-length': '4' } });
  assert.equal(fat.headers['cache-status'], 'Onrush-Edge; fwd=bypass');
  assert.equal((await ask(edge.port, '/fat')).body, 'page ');
  const again = await ask(edge.port, '/fat', { body: 'evil', headers: { 'content-length': '4' } });
  assert.equal(again.body, 'page evil');
  assert.equal((await ask(edge.port, '/fat')).body, 'page ');
});

test('an account under a name that looks like a file stays private', async () => {
  await using edge = await startProxied((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url?.startsWith('/silent')) response.setHeader('last-modified', 'Wed, 01 Jan 2020 00:00:00 GMT');
    else response.setHeader('cache-control', 'private, max-age=600');
    response.end(`account of ${request.headers.cookie ?? 'nobody'}`);
  });
  for (const path of ['/account/x.css', '/account%2fx.css', '/account;x.js', '/silent/x.css']) {
    await ask(edge.port, path, { headers: { cookie: 'victim' } });
    assert.equal((await ask(edge.port, path)).body, 'account of nobody', path);
  }
});

test('a client cannot have a header cut out that decides about the answer', async () => {
  await using edge = await startProxied((request, response) => {
    response.setHeader('cache-control', 'max-age=60');
    response.end(request.headers.cookie ?? 'no cookie');
  });
  const answer = await ask(edge.port, '/', {
    headers: { connection: 'close, cookie, x-mine', cookie: 'mine', 'x-mine': '1' },
  });
  assert.equal(answer.body, 'mine');
});

test('what an origin sends cannot become a second answer', async () => {
  const tcp = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const isFirst = data.toString().includes('/split');
      const second = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nevil';
      socket.write(
        `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\ngood${isFirst ? second : ''}`,
      );
    });
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port: originPort } = tcp.address() as { port: number };
  const proxy = createCacheProxy({
    clock: testClock(),
    upstream: new URL(`http://127.0.0.1:${originPort}/`),
    bytesMax: 1e6,
  });
  const port = await listening(proxy.server);
  const answers = await Promise.all(
    [ask(port, '/split'), ask(port, '/next'), ask(port, '/last')].map((one) => one.catch(() => undefined)),
  );
  for (const answer of answers) assert.notEqual(answer?.body, 'evil');
  assert.equal((await ask(port, '/next')).body, 'good');
  await proxy.close(0);
  tcp.close();
});

test('before the shop, a header that is in no key cannot choose what others get', async () => {
  await using shop = await startGated((request, response) => {
    response.setHeader('cache-control', 'max-age=60').setHeader('vary', 'x-currency');
    response.end(`${request.headers.host} ${request.headers['x-currency'] ?? 'EUR'}`);
  });
  const get = async (headers: Record<string, string>) => (await ask(shop.port, '/', { headers })).body;
  assert.equal(await get({ host: 'evil.example' }), 'evil.example EUR');
  assert.equal(await get({ host: 'shop.example', 'x-currency': 'JPY' }), 'shop.example JPY');
  assert.equal(await get({ host: 'shop.example' }), 'shop.example EUR');
  assert.equal(await get({ host: 'shop.example', 'x-currency': 'JPY' }), 'shop.example JPY');
  assert.equal(shop.asked.length, 3);
});
