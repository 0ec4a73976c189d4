import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect, Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { until } from '../testing/until.ts';
import { defaultLimits } from './limits.ts';
import { cutIfSilent } from './overdue.ts';
import { createWireLane, type WireLaneOptions } from './wire-lane.ts';
import { parseHead as parseHeadOf } from './wire-request.ts';

const socketOfHead = new Socket();
const parseHead = (head: string) => parseHeadOf(head, socketOfHead);

/** Answers `/ready…` from the lane and everything through Node, each saying who it was. */
async function laneServer(
  options: {
    large?: number;
    firstBytesTimeoutMs?: number;
    idleTimeoutMs?: number;
    /** What an answer is looked up by, before it is. */
    hear?: (...asked: Parameters<WireLaneOptions['answer']>) => boolean;
  } = {},
) {
  const body = 'w'.repeat(options.large ?? 1);
  const ready = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  const seen: string[] = [];
  const slow: (() => void)[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
    seen.push(`${request.method} ${request.url} ${Buffer.concat(chunks)}`);
    if (request.url === '/slow') await new Promise<void>((resolve) => slow.push(resolve));
    response.end('n'.repeat(request.url === '/large' ? (options.large ?? 1) : 1));
  });
  // As connections.ts has it for every server of ours.
  server.on('timeout', cutIfSilent);
  let answeredCount = 0;
  const lane = createWireLane(server, {
    answer(request) {
      const { url } = request;
      if (options.hear?.(request) === false) return undefined;
      if (!url.startsWith('/ready')) return url.startsWith('/soon') ? sleep(20).then(() => ready) : undefined;
      answeredCount++;
      return ready;
    },
    firstBytesTimeoutMs: options.firstBytesTimeoutMs ?? 5_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 5_000,
    headBytesMax: 16_384,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    lane.stop();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return {
    server,
    lane,
    seen,
    answered: () => answeredCount,
    /** Requests for `/slow` that Node has, and has not answered. */
    waiting: () => slow.length,
    finish: () => {
      for (const end of slow.splice(0)) end();
    },
    open: () => connect(port, '127.0.0.1'),
  };
}

/** Bodies of the answers, in their order: each is one letter. */
async function bodies(socket: Socket, count: number): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const read = () =>
    text
      .split('HTTP/1.1 200 OK')
      .slice(1)
      .map((answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4).replace(/^1\r\n/, '')[0]);
  await until(() => read().length >= count && read().every((letter) => letter !== undefined));
  return read().join('');
}

const post = (path: string, length: string, body = '') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${body}`;
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;

test('however the bytes are cut, requests are answered in order, none twice and none not', async () => {
  const shop = await laneServer();
  const anyRequest = fc.constantFrom(
    ['w', get('/ready')] as const,
    ['w', get('/ready', 'Cookie: a=b\r\n')] as const,
    ['w', get('/ready/more')] as const,
    ['w', get('/ready?x=1', 'Accept-Encoding: br\r\n')] as const,
    ['w', get('/soon')] as const,
    ['n', get('/other')] as const,
    ['n', 'POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\nGET /ready HTTP/1.1\r\n\r\n....'] as const,
    ['n', 'POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'] as const,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRequest, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(400), { maxLength: 4 }),
      async (requests, cuts) => {
        const socket = shop.open();
        const whole = requests.map(([, bytes]) => bytes).join('');
        const reading = bodies(socket, requests.length);
        let from = 0;
        for (const cut of [...cuts.map((at) => at % whole.length).sort((a, b) => a - b), whole.length]) {
          if (cut > from) socket.write(whole.slice(from, cut));
          from = Math.max(from, cut);
          await sleep(2);
        }
        const got = await reading;
        socket.destroy();
        // Once a connection is with Node it stays there, so a ready path may be answered by either.
        assert.equal(got.length, requests.length);
        for (const [index, [by]] of requests.entries()) assert(by === 'w' || got[index] === 'n', `${index} of ${got}`);
      },
    ),
    { numRuns: 40 },
  );
  assert(shop.answered() > 5);
});

test('what is not beyond doubt goes to Node', () => {
  const doubtful = [
    'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
    'GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET  / HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n',
    get('/', 'Host: b\r\n'),
    get('/', 'Content-Length: 5\r\n'),
    post('/', '0x5'),
    post('/', '5, 5'),
    post('/', '5\r\nContent-Length: 5'),
    post('/', '-1'),
    post('/', '123456'),
    post('/', '5\r\nTransfer-Encoding: chunked'),
    'OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n',
    'post / HTTP/1.1\r\nHost: a\r\n\r\n',
    get('/', 'Accept: a\r\nAccept: b\r\n'),
    get('/', 'Cookie: a\r\nCookie: b\r\n'),
    get('/', 'If-Modified-Since: Sat, 28 Nov 2026 12:00:00 GMT\r\n'),
    get('/', 'Range: bytes=0-1\r\n'),
    get('/', 'Content-Length : 5\r\n'),
    get('/', ' Transfer-Encoding: chunked\r\n'),
    get('/', 'X: a\r\n Transfer-Encoding: chunked\r\n'),
    get('/', 'transfer-encoding: chunked\r\n'),
    get('/', 'X: a\nContent-Length: 5\r\n'),
    get('/', 'X: a\rContent-Length: 5\r\n'),
    get('/', 'X: a\0b\r\n'),
    get('/', 'Connection: close\r\n'),
    get('/', 'Proxy-Connection: close\r\n'),
    get('/', 'X: a\r\n'.repeat(defaultLimits.headerCountMax)),
    get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'),
    get('/', 'Expect: 100-continue\r\n'),
    get('/', 'Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n'),
    get('/', 'Authorization: Bearer a\r\nAuthorization: Bearer b\r\n'),
    get('/', 'X-Request-Id: a\r\nX-Request-Id: b\r\n'),
    get('/a b'),
    get('/#a'),
    get('/ü'),
  ];
  for (const head of doubtful) assert.equal(parseHead(head), undefined, JSON.stringify(head));
});

test('a plain request is read whatever the case of its names and the spaces of its values', () => {
  const head = get(
    '/a?b=c',
    'ACCEPT-encoding:\t gzip, br\r\nif-none-match: "x"\r\nConnection: Keep-Alive\r\nCookie: a=b\r\n' +
      'AUTHORIZATION: bearer a.b \r\nx-request-ID: c\r\nX-Forwarded-For: 192.0.2.1\r\nx-forwarded-for: 192.0.2.2\r\n',
  );
  assert.deepEqual(parseHead(head), {
    method: 'GET',
    url: '/a?b=c',
    headers: {
      host: 'a',
      'accept-encoding': 'gzip, br',
      'if-none-match': '"x"',
      connection: 'Keep-Alive',
      cookie: 'a=b',
      authorization: 'bearer a.b',
      'x-request-id': 'c',
      'x-forwarded-for': '192.0.2.1, 192.0.2.2',
    },
    socket: socketOfHead,
    bodyBytes: 0,
    head,
  });
  const { method, bodyBytes } = parseHead(post('/', '00017')) ?? {};
  assert.deepEqual([method, bodyBytes], ['POST', 17]);
  assert.notEqual(parseHead(get('/', 'X: a\r\n'.repeat(defaultLimits.headerCountMax - 1))), undefined);
});

test('a value ends where Node would end it', () => {
  const read = parseHead(get('/', 'Authorization: Bearer a.b\u00a0 \t\r\nX-Request-Id: c\u00a0\r\n'));
  assert.deepEqual([read?.headers.authorization, read?.headers['x-request-id']], ['Bearer a.b\u00a0', 'c\u00a0']);
  assert.equal(parseHead(get('/', 'Connection: keep-alive\u00a0\r\n')), undefined);
});

test('a connection that Node has answered on comes back to the lane, and goes to Node again, in order', async () => {
  const shop = await laneServer();
  const socket = shop.open();
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const answersSoFar = () => text.split('HTTP/1.1 200 OK').slice(1).join('').replace(/[^wn]/g, ' ');
  const said = async (bytes: string, letter: string) => {
    text = '';
    socket.write(bytes);
    await until(() => answersSoFar().trimEnd().endsWith(letter));
  };
  for (let round = 0; round < 5; round++) {
    await said(post('/form', '5', 'hello'), 'n');
    await said(get('/ready'), 'w');
    await said(get('/ready') + get('/ready'), 'w');
    await said(get('/other'), 'n');
    await said(get('/soon'), 'w');
  }
  assert.equal(shop.answered(), 15);
  assert.deepEqual(shop.seen.slice(0, 2), ['POST /form hello', 'GET /other ']);
  assert.equal(shop.seen.length, 10);
  socket.destroy();
});

test('who asks while the process is busy is answered, though his connection is overdue when it looks again', async () => {
  const shop = await laneServer({ idleTimeoutMs: 100 });
  shop.server.keepAliveTimeout = 100;
  shop.server.keepAliveTimeoutBuffer = 0;
  for (const [path, letter] of [
    ['/ready', 'w'],
    ['/other', 'n'],
  ] as const) {
    const socket = shop.open();
    let text = '';
    let isCut = false;
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      isCut = true;
    });
    socket.write(get(path));
    await until(() => text.endsWith(letter));
    text = '';
    // After this the event loop looks at its timers before it reads.
    await new Promise(setImmediate);
    socket.write(get(path));
    // Its request has come, and nobody has seen it.
    const busyUntilMs = performance.now() + 300;
    while (performance.now() < busyUntilMs);
    await until(() => isCut || text !== '');
    assert(text.endsWith(letter), `${path} was ${isCut ? 'cut off' : 'answered otherwise'}`);
    // And whoever says nothing more is cut off all the same.
    await until(() => isCut);
  }
});

test('who does not wait for Node’s answer, or cuts a request in two, is left to Node: no part of a body is taken for a request', async () => {
  const inBody = get('/ready');
  const shop = await laneServer();
  const pieces = [
    // The rest of the body comes as if it were a request of its own.
    [post('/form', `${inBody.length + 1}`, 'x'), inBody],
    [post('/form', `${inBody.length}`), inBody],
    // Of the head, too.
    ['GET /other HTTP/1.1\r\nHost: a\r\nX: ', get('/ready')],
    // More than the first, and less than the second.
    [`${get('/other')}GET /other HTTP/1.1\r\nHost: a\r\nX: `, get('/ready')],
  ];
  for (const [first = '', second = ''] of pieces) {
    const before = { answered: shop.answered(), seen: shop.seen.length };
    const socket = shop.open();
    const reading = bodies(socket, 1);
    socket.write(first);
    await sleep(10);
    socket.write(second);
    const got = await reading;
    await until(() => shop.seen.length > before.seen);
    assert(!got.includes('w'), `${JSON.stringify(first)}: ${got}`);
    assert.equal(shop.answered(), before.answered);
    socket.destroy();
  }
  const hasty = shop.open();
  const reading = bodies(hasty, 3);
  hasty.write(get('/slow'));
  await until(() => shop.waiting() === 1);
  hasty.write(get('/ready'));
  await sleep(10);
  hasty.write(get('/ready'));
  await sleep(10);
  shop.finish();
  assert.equal(await reading, 'nnn');
  hasty.destroy();
});

test('what is not answered, for who is over his limit, goes the way of all others, with all of its head', async () => {
  let left = 2;
  const heads: string[] = [];
  const shop = await laneServer({
    hear({ head, socket }) {
      assert.equal(socket.remoteAddress, '127.0.0.1');
      heads.push(head);
      return left-- > 0;
    },
  });
  const socket = shop.open();
  socket.write(get('/ready', 'X-Forwarded-For: 203.0.113.9\r\n').repeat(3));
  assert.equal(await bodies(socket, 3), 'wwn');
  assert.equal(shop.answered(), 2);
  assert(heads.length === 3 && heads.every((head) => head.includes('203.0.113.9')));
  socket.destroy();
});

test('who asks and does not read is not written to without end', async () => {
  const shop = await laneServer({ large: 100_000 });
  const socket = shop.open();
  socket.pause();
  socket.write(get('/ready').repeat(2_000));
  await until(() => shop.answered() > 0);
  await sleep(200);
  assert(shop.answered() < 200, `${shop.answered()} answers for nobody`);
  socket.destroy();
});

test('of a crowd whose answers wait for the end of a turn all are answered in order, but for who has gone meanwhile', async () => {
  const shop = await laneServer({
    hear({ url, socket }) {
      // Its answer is made all the same, and waits on a connection that is no more.
      if (url === '/ready/gone') socket.destroy();
      return true;
    },
  });
  const asked = Array.from({ length: 60 }, (_, index) => {
    const socket = shop.open().on('error', () => {});
    const isGone = index % 3 === 0;
    socket.write([get('/ready'), get('/ready/2'), get(isGone ? '/ready/gone' : '/other')].join(''));
    return isGone ? new Promise((resolve) => socket.once('close', () => resolve('gone'))) : bodies(socket, 3);
  });
  assert.deepEqual(
    await Promise.all(asked),
    asked.map((_, index) => (index % 3 === 0 ? 'gone' : 'wwn')),
  );
});

test('a stop ends idle connections at once and answers what is owed', async () => {
  const shop = await laneServer();
  const idle = shop.open();
  idle.write(get('/ready'));
  await bodies(idle, 1);
  const waiting = shop.open();
  waiting.write(get('/soon'));
  await sleep(5);
  const ended = new Promise((resolve) => idle.once('end', resolve));
  const reading = bodies(waiting, 1);
  shop.lane.stop();
  await ended;
  assert.equal((await reading).length, 1);
});

test('a stop of the server answers what is owed, and lets who reads read on, on a connection that Node has answered on', async () => {
  const large = 6_000_000;
  const heard: string[] = [];
  const shop = await laneServer({ large, hear: ({ url }) => heard.push(url) > 0 });
  const owed = shop.open();
  owed.write(get('/other'));
  await bodies(owed, 1);
  const read = await Promise.all(
    ['/ready', '/large'].map(async (path) => {
      const socket = shop.open();
      socket.write(get('/other'));
      await bodies(socket, 1);
      let count = 0;
      socket.on('data', (chunk) => {
        count += chunk.length;
      });
      socket.pause();
      socket.write(get(path));
      await until(() => heard.includes(path));
      const ended = new Promise((resolve) => socket.once('close', resolve));
      return async () => {
        socket.resume();
        await ended;
        return count;
      };
    }),
  );
  const reading = bodies(owed, 1);
  owed.write(get('/soon'));
  await until(() => heard.includes('/soon') && shop.seen.includes('GET /large '));
  shop.lane.stop();
  shop.server.close();
  for (const count of read) assert((await count()) > large);
  assert.equal((await reading).length, 1);
  owed.destroy();
});

test('a client that never closes does not hold up a stop', async () => {
  const shop = await laneServer();
  // Half open: it hears that the server has ended, and says nothing to it.
  const { port } = shop.server.address() as { port: number };
  const deaf = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  after(() => deaf.destroy());
  deaf.write(get('/ready'));
  await bodies(deaf, 1);
  const startedAtMs = performance.now();
  const closed = new Promise((resolve) => shop.server.close(resolve));
  shop.lane.stop();
  await closed;
  assert(performance.now() - startedAtMs < 3_000);
});

test('at the end every connection can be cut off, whoever has it', async () => {
  const shop = await laneServer();
  const silent = shop.open();
  const withNode = shop.open();
  withNode.write(get('/other'));
  await bodies(withNode, 1);
  // Half of a head: nobody may end it as if it waited for a request.
  const halfway = shop.open();
  halfway.write('GET /ready HTTP/1.1\r\n');
  await until(
    async () => (await new Promise<number>((resolve) => shop.server.getConnections((_, n) => resolve(n)))) === 3,
  );
  const closed = new Promise((resolve) => shop.server.close(resolve));
  shop.lane.destroy();
  await closed;
  for (const socket of [silent, withNode, halfway]) socket.destroy();
});

test('a connection on which nothing comes is closed: soon if it is new, later after an answer', async () => {
  const shop = await laneServer({ firstBytesTimeoutMs: 50, idleTimeoutMs: 400 });
  const closedAfterMs = async (socket: Socket) => {
    const startedAtMs = performance.now();
    await new Promise((resolve) => socket.once('close', resolve));
    return performance.now() - startedAtMs;
  };
  assert((await closedAfterMs(shop.open())) < 350);
  const known = shop.open();
  known.write(get('/ready'));
  await bodies(known, 1);
  assert((await closedAfterMs(known)) > 300);
});
