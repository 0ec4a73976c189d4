import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test, { after } from 'node:test';
import { connectHttp } from './client.ts';
import type { Call, Client } from './contract.ts';
import { connectInProcess } from './in-process.ts';
import { PeerFault } from './peer.ts';
import { adminToken, createNotes, type Note, notesApi, testServer } from './testing.ts';
import { createValidation } from './validation.ts';

const server = await testServer();
const overHttp = connectHttp(notesApi, { baseUrl: server.url, credential: adminToken });
const inProcess = connectInProcess(server.notes);
const absent = '8e03978e-40d5-43dd-bc93-6894a57f9324';

// Who holds a client cannot tell which it is.
const clients: [string, Client<typeof notesApi>][] = [
  ['over HTTP', overHttp],
  ['in process', inProcess],
];

for (const [where, client] of clients) {
  test(`${where}: replies, problems, empty bodies, headers`, async () => {
    const made = await client.addNote({ body: { text: 'Grüße 🎉', tags: ['a', 'b'] } });
    assert(made.status === 201 && 'body' in made);
    const note: Note = made.body;
    assert.equal(made.headers?.location, `/v1/notes/${note.noteId}`);

    const read = await client.getNote({ params: { noteId: note.noteId } });
    assert(read.status === 200 && 'body' in read);
    assert.deepEqual(read.body, note);
    assert.equal(read.headers?.etag, '1');

    const listed = await client.listNotes({ query: { limit: 1, tag: ['a', 'b'], isHigh: false } });
    assert(listed.status === 200 && 'body' in listed);
    assert.deepEqual(listed.body.items, [note]);

    const stale = await client.changeNote({ params: { noteId: note.noteId }, body: { text: 'b' } }, { ifMatch: '"7"' });
    assert('problem' in stale);
    assert.equal(stale.problem.type, '/problems/precondition-failed');

    const removed = await client.removeNote({ params: { noteId: note.noteId } });
    assert.deepEqual(removed, { status: 204, body: null });
    const gone = await client.getNote({ params: { noteId: note.noteId } });
    assert.equal(gone.status, 404);
    assert('problem' in gone && gone.problem.status === 404);
  });

  test(`${where}: key and credential travel with the call`, async () => {
    const input = { params: { noteId: absent } };
    const reply = await client.payNatively(input, { idempotencyKey: 'k 1' });
    assert('body' in reply && reply.body.key === 'k 1');
  });

  test(`${where}: an event stream is a loop`, async () => {
    server.notes.events = async function* (lastEventId) {
      yield { id: '8', event: 'after', data: { lastEventId } };
      yield { event: 'next', data: null };
    };
    const reply = await client.watch({ params: { noteId: absent } }, { lastEventId: '7' });
    assert(reply.status === 200 && 'body' in reply);
    const events = [];
    for await (const event of reply.body) events.push(event);
    assert.deepEqual(
      events.map(({ event, data }) => ({ event, data })),
      [
        { event: 'after', data: { lastEventId: '7' } },
        { event: 'next', data: null },
      ],
    );
  });
}

test('what one service passes on, the next one has: request id, trace, deadline', async () => {
  const seen: Pick<Call, 'requestId' | 'traceparent' | 'deadlineAtMs'>[] = [];
  const note = async (call: Call) => {
    seen.push({ requestId: call.requestId, traceparent: call.traceparent, deadlineAtMs: call.deadlineAtMs });
  };
  server.notes.failures.note = note;
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const deadlineAtMs = Date.now() + 3000;
  for (const [, client] of clients) {
    await client.fail({ body: { how: 'note' } }, { requestId: 'passed-on', traceparent, deadlineAtMs });
  }
  assert.equal(seen.length, 2);
  for (const call of seen) {
    assert.equal(call.requestId, 'passed-on');
    assert.equal(call.traceparent.slice(0, 35), traceparent.slice(0, 35));
    assert(Math.abs(call.deadlineAtMs - deadlineAtMs) < 500);
  }
});

test('over HTTP: silence, a broken answer and a passed deadline are faults, told in one sentence', async () => {
  const broken = createServer((request, response) => {
    if (request.url === '/v1/notes?limit=1') return;
    if (request.url === '/v1/notes?limit=2')
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"items":');
    else response.writeHead(302, { location: '/' }).end();
  });
  after(() => {
    broken.closeAllConnections();
    broken.close();
  });
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  const { port } = broken.address() as { port: number };
  const client = connectHttp(notesApi, { baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 100 });
  await assert.rejects(client.listNotes({ query: { limit: 1 } }), (error) => {
    assert(error instanceof PeerFault);
    assert.equal(error.message, 'GET /v1/notes did not answer within 100 ms.');
    return true;
  });
  await assert.rejects(client.listNotes({ query: { limit: 2 } }), /answered 200 without JSON/);
  await assert.rejects(client.listNotes({ query: { limit: 3 } }), /could not be asked/);
  await assert.rejects(client.listNotes({ query: {} }, { deadlineAtMs: Date.now() - 1 }), /its deadline has passed/);
  const nobody = connectHttp(notesApi, { baseUrl: 'http://127.0.0.1:1' });
  await assert.rejects(
    nobody.listNotes({ query: {} }),
    (error) => error instanceof PeerFault && error.cause !== undefined,
  );
});

test('in process: values are copied both ways, as JSON copies them', async () => {
  const notes = createNotes();
  const client = connectInProcess(notes);
  const body = { text: 'a', tags: ['x'] };
  const made = await client.addNote({ body });
  assert('body' in made);
  body.tags.push('y');
  made.body.tags.push('z');
  assert.deepEqual(notes.notes.get(made.body.noteId)?.tags, ['x']);
  const at = new Date(0);
  const reply = await client.inspect({ body: { names: ['a'], extra: undefined, at } as never });
  assert.deepEqual(reply, { status: 200, body: { names: ['a'], at: '1970-01-01T00:00:00.000Z' } });
});

test('in process: an answer that is already JSON arrives as its values', async () => {
  const notes = createNotes();
  const note: Note = { noteId: absent, text: 'a', importance: 'low', tags: [], version: 1 };
  notes.notes.set(absent, note);
  const reply = await connectInProcess(notes).getNote({ params: { noteId: absent } });
  assert.deepEqual(reply, { status: 200, body: note, headers: { etag: '1' } });
});

test('in process, for tests: what does not fit the contract fails an assertion, both ways', async () => {
  const notes = createNotes();
  const client = connectInProcess(notes, { validation: createValidation() });
  await assert.rejects(client.addNote({ body: { text: '' } }), { name: 'AssertionError', message: /addNote: body/ });
  const wrong = { params: { noteId: absent }, extra: 1 };
  assert.equal((await client.getNote(wrong)).status, 404);
  await assert.rejects(client.getNote({ params: { noteId: 5 as unknown as string } }), /getNote: params/);
  notes.notes.set(absent, {
    noteId: absent,
    text: 'a',
    importance: 'low',
    tags: [],
    version: 'x' as unknown as number,
  });
  await assert.rejects(client.getNote({ params: { noteId: absent } }), /getNote: reply does not fit/);
});

test('the types of a client are those of its contract', async () => {
  const never = async () => {
    // @ts-expect-error: text is required
    await overHttp.addNote({ body: {} });
    // @ts-expect-error: there is no such route
    await overHttp.addNotes({ body: { text: 'a' } });
    // @ts-expect-error: a route without a body takes none
    await overHttp.getNote({ params: { noteId: absent }, body: {} });
    const reply = await overHttp.getNote({ params: { noteId: absent } });
    // @ts-expect-error: a problem has no body
    reply.body;
  };
  assert.equal(typeof never, 'function');
});
