import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'node:test';
import { connectHttp } from './client.ts';
import type { StreamEvent } from './contract.ts';
import { type Notes, notesApi, rawRequest, testServer } from './testing.ts';

const server = await testServer({ limits: { heartbeatMs: 50, streamsMax: 3, deadlineMs: 200 } });
const { notes, ask } = server;
const noteId = '8e03978e-40d5-43dd-bc93-6894a57f9324';
const path = `/v1/notes/${noteId}/events`;
const never = (signal: AbortSignal | undefined) => once(signal ?? new EventTarget(), 'abort');

test('events come as the standard writes them, and the stream ends when they do', async () => {
  notes.events = async function* () {
    yield { id: '1', event: 'changed', data: { text: 'a\nb', emoji: '🎉' } };
    yield { event: 'two\nlines', data: [1] };
  };
  const { status, headers, body } = await ask('GET', path);
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(
    body,
    'retry: 2000\n\nid: 1\nevent: changed\ndata: {"text":"a\\nb","emoji":"🎉"}\n\nevent: two lines\ndata: [1]\n\n',
  );
});

test('a client comes back with the id of the last event that it saw', async () => {
  let seen: string | undefined;
  notes.events = async function* (lastEventId) {
    seen = lastEventId;
    yield { event: 'on', data: {} };
  };
  await ask('GET', path, undefined, { 'last-event-id': '41' });
  assert.equal(seen, '41');
});

test('a quiet stream is kept alive by comments, beyond the deadline of other requests', async () => {
  notes.events = async function* (_, signal) {
    yield { event: 'on', data: {} };
    await never(signal);
  };
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  const startedAtMs = performance.now();
  let text = '';
  for await (const chunk of socket) {
    text += chunk;
    if (performance.now() - startedAtMs > 700) break;
  }
  assert((text.match(/^:$/gm) ?? []).length >= 5, text);
  assert(!text.includes('504'));
});

test('when the client leaves, the source of events is ended and its clean-up runs', async () => {
  const ended = Promise.withResolvers<string>();
  notes.events = async function* (_, signal) {
    try {
      yield { event: 'on', data: {} };
      await never(signal);
      yield { event: 'nobody hears this', data: {} };
    } finally {
      ended.resolve('clean');
    }
  };
  const controller = new AbortController();
  const response = await fetch(server.url + path, { signal: controller.signal });
  await response.body?.getReader().read();
  controller.abort();
  assert.equal(await ended.promise, 'clean');
});

test('also a source that heeds no signal is told to end', async () => {
  const returned = Promise.withResolvers<void>();
  const pending = Promise.withResolvers<IteratorResult<StreamEvent>>();
  notes.events = () => ({
    [Symbol.asyncIterator]: () => ({
      next: () => pending.promise,
      return: async () => {
        returned.resolve();
        const done = { done: true, value: undefined } as const;
        pending.resolve(done);
        return done;
      },
    }),
  });
  const controller = new AbortController();
  const response = await fetch(server.url + path, { signal: controller.signal });
  await response.body?.getReader().read();
  controller.abort();
  await returned.promise;
});

test('a reader that is slow slows the source: nothing piles up', async () => {
  let given = 0;
  const big = 'x'.repeat(64 * 1024);
  notes.events = async function* () {
    while (given < 2000) {
      given += 1;
      yield { event: 'big', data: big };
    }
  };
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await once(socket, 'readable');
  // Until the kernel's buffers are full and the source has stood still for some turns.
  for (let still = 0, before = -1; still < 20; still = given === before ? still + 1 : 0) {
    before = given;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert(given < 500, `${given} events of 64 KiB were taken from the source for a reader who reads none`);
  socket.destroy();
});

test('more streams than allowed are 503', async () => {
  notes.events = async function* (_, signal) {
    yield { event: 'on', data: {} };
    await never(signal);
  };
  const open = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const controller = new AbortController();
      const response = await fetch(server.url + path, { signal: controller.signal });
      await response.body?.getReader().read();
      return controller;
    }),
  );
  const refused = await ask('GET', path);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '5');
  for (const controller of open) controller.abort();
  // The server hears of it a little later.
  for (let status = 503; status !== 200; ) {
    const controller = new AbortController();
    const response = await fetch(server.url + path, { signal: controller.signal });
    status = response.status;
    controller.abort();
  }
});

test('more streams of one resource than allowed are 429, and others are free', async () => {
  let begun = 0;
  async function* events(signal: AbortSignal | undefined): AsyncGenerator<StreamEvent> {
    begun += 1;
    yield { event: 'on', data: {} };
    await never(signal);
  }
  const allAreIn = Promise.withResolvers<void>();
  let inCount = 0;
  const handlers: Notes['handlers'] = {
    ...notes.handlers,
    async watch(_request, { signal }) {
      inCount += 1;
      if (inCount === 5) allAreIn.resolve();
      await allAreIn.promise;
      return { status: 200, body: events(signal) };
    },
  };
  const few = await testServer({
    limits: { streamsPerResourceMax: 2 },
    services: [{ contract: notesApi, handlers }],
  });
  const watch = async (at: string) => {
    const controller = new AbortController();
    const response = await fetch(few.url + at, { signal: controller.signal });
    if (response.status === 200) await response.body?.getReader().read();
    return { response, leave: () => controller.abort() };
  };
  // All are let in before the first has its place, and say the same path in other words: still no more than two.
  const paths = [path, `${path}?key=a`, path.replace('8e', '%38e'), `${path}?key=b`, path];
  const asked = await Promise.all(paths.map(watch));
  const open = asked.filter(({ response }) => response.status === 200);
  const refused = asked.filter(({ response }) => response.status === 429);
  assert.deepEqual([open.length, refused.length, begun], [2, 3, 2]);
  for (const { response } of refused) {
    assert.equal(response.headers.get('retry-after'), '5');
    assert.equal(((await response.json()) as { type: string }).type, '/problems/too-many-requests');
  }
  const other = await watch(path.replace('8e', '8f'));
  assert.equal(other.response.status, 200);
  open[0]?.leave();
  // The server hears of it a little later.
  for (let isFree = false; !isFree; ) {
    const next = await watch(path);
    isFree = next.response.status === 200;
    next.leave();
  }
  for (const each of [...open, other]) each.leave();
});

test('more streams of one client than allowed are 429, whatever they are of and over however many connections', async () => {
  async function* events(signal: AbortSignal | undefined): AsyncGenerator<StreamEvent> {
    yield { event: 'on', data: {} };
    await never(signal);
  }
  const handlers: Notes['handlers'] = {
    ...notes.handlers,
    watch: async (_request, { signal }) => ({ status: 200, body: events(signal) }),
  };
  const shared = await testServer({
    limits: { streamsPerClientMax: 2 },
    services: [{ contract: notesApi, handlers }],
    // As behind a proxy, whose connections are nobody's own; who says nothing is exempt.
    client: {
      factsOf: ({ headers }) => {
        const prefix = headers['x-forwarded-for'];
        return prefix === undefined ? undefined : { prefix: String(prefix), suspicion: 0 };
      },
      codeOf: (prefix) => `code of ${prefix}`,
    },
  });
  const open: AbortController[] = [];
  const watch = async (note: string, client?: string) => {
    const controller = new AbortController();
    open.push(controller);
    const headers: Record<string, string> = client === undefined ? {} : { 'x-forwarded-for': client };
    const at = `${shared.url}${path.replace('8e', note)}`;
    const response = await fetch(at, { signal: controller.signal, headers });
    if (response.status === 200) await response.body?.getReader().read();
    return { status: response.status, leave: () => controller.abort() };
  };
  const first = await watch('80', 'a');
  const statuses = [first.status];
  for (const [note, client] of [['81', 'a'], ['82', 'a'], ['82', 'b'], ['82'], ['83'], ['84']] as const) {
    statuses.push((await watch(note, client)).status);
  }
  assert.deepEqual(statuses, [200, 200, 429, 200, 200, 200, 200]);
  first.leave();
  // The server hears of it a little later.
  for (let isFree = false; !isFree; ) isFree = (await watch('82', 'a')).status === 200;
  for (const controller of open) controller.abort();
});

test('a source that fails ends the stream and is logged; HEAD begins none', async () => {
  server.lines.length = 0;
  notes.events = async function* () {
    yield { event: 'on', data: {} };
    throw new Error('broken source');
  };
  const { body } = await ask('GET', path);
  assert.match(body, /event: on/);
  while (!server.lines.some(({ level }) => level === 'error')) await new Promise(setImmediate);
  assert.equal((await ask('HEAD', path)).status, 405);
});

test('a server that stops ends its streams cleanly', async () => {
  const stopping = await testServer();
  stopping.notes.events = async function* (_, signal) {
    yield { event: 'on', data: {} };
    await never(signal);
  };
  const text = rawRequest(stopping.port, `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`, 5000);
  const metrics = async () => (await stopping.metrics.expose()).text;
  while (!(await metrics()).includes('onrush_http_event_streams 1')) await new Promise(setImmediate);
  await stopping.app.close();
  // The last chunk, of length nothing: the answer is whole.
  assert.match(await text, /event: on[\s\S]*\r\n0\r\n\r\n$/);
});

test('the client reads the stream as a loop, and hangs up when the loop is left', async () => {
  const client = connectHttp(notesApi, { baseUrl: server.url });
  const left = Promise.withResolvers<void>();
  notes.events = async function* (_, signal) {
    try {
      for (let id = 1; ; id++) {
        yield { id: String(id), event: 'count', data: { id } };
        if (id === 3) await never(signal);
      }
    } finally {
      left.resolve();
    }
  };
  const reply = await client.watch({ params: { noteId } });
  assert(reply.status === 200 && 'body' in reply);
  const seen: unknown[] = [];
  for await (const event of reply.body) {
    seen.push(event);
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen[2], { id: '3', event: 'count', data: { id: 3 } });
  await left.promise;
});

test('garbage sent while an answer is under way cuts the connection and puts nothing into the answer', async () => {
  notes.events = async function* (_, signal) {
    yield { event: 'on', data: {} };
    await never(signal);
  };
  const socket = connect(server.port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    if (text === '') socket.write('GARBAGE\r\n\r\n');
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await once(socket, 'close');
  assert.match(text, /^HTTP\/1\.1 200 /);
  assert(!text.includes('400 Bad Request'), text);
});
