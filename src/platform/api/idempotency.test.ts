import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import { Type } from 'typebox';
import { openDatabase } from '../database/database.ts';
import { testDatabase } from '../testing/database.ts';
import { defineContract } from './contract.ts';
import { createIdempotencyStore, idempotencyCleanup } from './idempotency.ts';
import { apiMigrations } from './migrations.ts';
import { strict } from './schema.ts';
import { notesApi, testServer } from './testing.ts';

const database = await testDatabase([apiMigrations], { poolMax: 12 });
let aheadMs = 0;
const clock = { nowMs: () => Date.now() + aheadMs };
const store = createIdempotencyStore({ database, clock });
const server = await testServer({ idempotency: store, clock });
const { ask, notes } = server;
const noteId = '8e03978e-40d5-43dd-bc93-6894a57f9324';
const newKey = () => crypto.randomUUID() as string;

function pay(key: string, body: unknown = { amountMinor: 500 }, headers: Record<string, string> = {}) {
  return ask('POST', `/v1/notes/${noteId}/payments`, body, { 'idempotency-key': key, ...headers });
}

async function countKeys(): Promise<number> {
  const client = await database.connect();
  try {
    return Number((await client.query('select count(*) as count from platform.idempotency_key')).rows[0].count);
  } finally {
    await client.end();
  }
}

test('without the key that a route requires the answer is 400, whoever keeps the answers', async () => {
  const before = notes.runs;
  for (const path of ['payments', 'native-payments']) {
    const body = path === 'payments' ? { amountMinor: 1 } : undefined;
    const missing = await ask('POST', `/v1/notes/${noteId}/${path}`, body);
    assert.equal(missing.status, 400);
    assert.equal(missing.body.type, '/problems/idempotency-key-missing');
  }
  for (const bad of ['', 'é', 'x'.repeat(256), '"'.repeat(300)]) {
    const refused = await pay(Buffer.from(bad).toString('latin1'));
    assert.equal(refused.status, 400, bad);
  }
  assert.equal(notes.runs, before);
});

test('a retry is given the first answer, and the handler does not run', async () => {
  const key = newKey();
  const first = await pay(key);
  assert.equal(first.status, 201);
  assert.equal(first.headers.get('idempotency-replayed'), null);
  const runs = notes.runs;
  for (const same of [key, `"${key}"`]) {
    const again = await pay(same);
    assert.equal(again.status, 201);
    assert.deepEqual(again.body, first.body);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.equal(again.headers.get('content-type'), first.headers.get('content-type'));
  }
  assert.equal(notes.runs, runs);
});

test('a location and a refusal are answers too', async () => {
  const key = newKey();
  const body = { text: 'once' };
  const first = await ask('POST', '/v1/notes', body, { 'idempotency-key': key });
  const again = await ask('POST', '/v1/notes', body, { 'idempotency-key': key });
  assert.equal(again.headers.get('location'), first.headers.get('location'));
  assert.equal([...notes.notes.values()].filter(({ text }) => text === 'once').length, 1);
  const declined = newKey();
  assert.equal((await pay(declined, { amountMinor: 402 })).status, 402);
  const runs = notes.runs;
  const replayed = await pay(declined, { amountMinor: 402 });
  assert.equal(replayed.body.type, '/problems/payment-declined');
  assert.equal(replayed.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.equal(notes.runs, runs);
});

test('the same key for another request is 422; for another caller, route or path it is another key', async () => {
  const key = newKey();
  await pay(key);
  assert.equal((await pay(key, { amountMinor: 501 })).body.type, '/problems/idempotency-key-reused');
  const otherPath = `/v1/notes/${noteId.replace('8e', '8f')}/payments`;
  const elsewhere = await ask('POST', otherPath, { amountMinor: 500 }, { 'idempotency-key': key });
  assert.deepEqual([elsewhere.status, elsewhere.headers.get('idempotency-replayed')], [201, null]);
  const runs = notes.runs;
  const asOther = await pay(key, { amountMinor: 501 }, { authorization: 'Bearer somebody-else' });
  assert.equal(asOther.status, 201);
  assert.equal(asOther.body.credential, 'somebody-else');
  const otherRoute = await ask('POST', '/v1/notes', { text: 'a' }, { 'idempotency-key': key });
  assert.equal(otherRoute.status, 201);
  assert.equal(notes.runs, runs + 1);
});

test('where no credential is checked a key that can be guessed is refused, and nothing runs', async () => {
  const add = (key: string, headers: Record<string, string> = {}) =>
    ask('POST', '/v1/notes', { text: 'guess' }, { 'idempotency-key': key, ...headers });
  const before = [notes.notes.size, notes.runs];
  const refused = [await pay('1'), await add('1', { authorization: 'Bearer undefined' })];
  for (const key of ['1', '"1"', 'x'.repeat(21), 'one two three four five six', `${'x'.repeat(22)}!`]) {
    refused.push(await add(key));
  }
  for (const { status, body } of refused) {
    assert.deepEqual([status, body.type], [400, '/problems/bad-request']);
    assert.match(body.detail, /UUID, or at least 22/);
    assert.equal(body.errors[0].pointer, '#header/Idempotency-Key');
  }
  assert.deepEqual([notes.notes.size, notes.runs], before);
  for (const key of [crypto.randomUUID(), randomBytes(16).toString('base64url'), 'x'.repeat(255)]) {
    assert.equal((await add(key)).status, 201);
    assert.equal((await add(key)).headers.get('idempotency-replayed'), 'true');
  }
  assert.equal((await pay('1', { amountMinor: 3 }, { authorization: 'Bearer holder' })).status, 201);
});

test('an answer that is too large to be kept is not given again, and its request does not run again', async () => {
  const schema = strict({ text: Type.String() });
  const route = { ...notesApi.routes.addNote, responses: { 201: schema } };
  const contract = defineContract({ name: 'large', routes: { addNote: route } });
  let runs = 0;
  const addNote = async ({ body }: { body: { text: string } }) => {
    runs += 1;
    // With the 11 bytes around it.
    return {
      status: 201 as const,
      body: { text: 'é'.repeat(Number(body.text)) },
      headers: { location: '/v1/notes/7' },
    };
  };
  const service = { contract, handlers: { addNote } };
  const here = await testServer({ idempotency: store, clock, services: [service] });
  const send = (text: string, key: string) => here.ask('POST', '/v1/notes', { text }, { 'idempotency-key': key });
  for (const [length, isKept] of [
    [32_762, true],
    [32_763, false],
  ] as const) {
    const key = newKey();
    const first = await send(String(length), key);
    assert.deepEqual([first.status, first.body.text.length], [201, length]);
    const runsBefore = runs;
    for (let time = 0; time < 2; time++) {
      const again = await send(String(length), key);
      if (isKept) assert.deepEqual([again.status, again.body], [201, first.body]);
      else {
        const { type, answeredStatus, location } = again.body;
        assert.deepEqual([again.status, type], [409, '/problems/idempotency-answer-not-kept']);
        assert.deepEqual([answeredStatus, location], [201, '/v1/notes/7']);
      }
    }
    assert.equal((await send('1', key)).status, 422);
    assert.equal(runs, runsBefore);
  }
  assert(
    here.lines.every(({ level }) => level !== 'warn' && level !== 'error'),
    JSON.stringify(here.lines),
  );
});

test('a capability in the link is the credential that a key belongs to', async () => {
  const key = newKey();
  const path = (capability: string) => `/v1/notes/${noteId}/payments?key=${capability}`;
  const as = (capability: string) => ask('POST', path(capability), { amountMinor: 5 }, { 'idempotency-key': key });
  const [one, two] = [await as('one'), await as('two')];
  assert.equal(one.body.credential, 'one');
  assert.equal(two.body.credential, 'two');
  assert.equal((await as('one')).headers.get('idempotency-replayed'), 'true');
});

test('fifty at once with one key: the handler runs once, all others are told to wait or given its answer', async () => {
  for (let round = 0; round < 5; round++) {
    const key = newKey();
    const runs = notes.runs;
    const answers = await Promise.all(Array.from({ length: 50 }, () => pay(key)));
    assert.equal(notes.runs, runs + 1);
    const done = answers.filter(({ status }) => status === 201);
    const waiting = answers.filter(({ status }) => status === 409);
    assert.equal(done.length + waiting.length, 50);
    assert(done.length >= 1);
    for (const { body } of done) assert.deepEqual(body, done[0]?.body);
    for (const { body, headers } of waiting) {
      assert.equal(body.type, '/problems/idempotency-key-in-flight');
      assert.equal(headers.get('retry-after'), '1');
    }
  }
});

test('fifty at once with fifty keys all run', async () => {
  const runs = notes.runs;
  await Promise.all(Array.from({ length: 50 }, () => pay(newKey())));
  assert.equal(notes.runs, runs + 50);
});

test('5xx is no answer: the next request with the key runs', async () => {
  const key = newKey();
  const fail = (how: string) => ask('POST', '/v1/failures', { how }, { 'idempotency-key': key });
  let isDown = true;
  notes.failures.once = async () => {
    if (isDown) throw new Error('down');
  };
  assert.equal((await fail('once')).status, 500);
  isDown = false;
  const second = await fail('once');
  assert.equal(second.status, 200);
  assert.equal(second.headers.get('idempotency-replayed'), null);
  assert.equal((await fail('once')).headers.get('idempotency-replayed'), 'true');
});

test('a request whose process died is run again when its lease is over, by one of many, and not before', async () => {
  const key = newKey();
  const request = {
    routeId: 'POST /x',
    params: undefined,
    credential: undefined,
    key,
    fingerprint: Buffer.alloc(32, 1),
  };
  const died = await store.begin(request);
  assert.equal(died.kind, 'begun');
  assert.equal((await store.begin(request)).kind, 'in-flight');
  aheadMs += 59_000;
  assert.equal((await store.begin(request)).kind, 'in-flight');
  aheadMs += 2_000;
  assert.equal((await store.begin({ ...request, fingerprint: Buffer.alloc(32, 2) })).kind, 'reused');
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.begin(request)));
  const begun = outcomes.flatMap((outcome) => (outcome.kind === 'begun' ? [outcome.key] : []));
  assert.equal(begun.length, 1);
  // The first was not dead, only slow: what it writes now must not become the answer.
  assert(died.kind === 'begun' && begun[0] !== undefined);
  const answer = (body: string) => ({ status: 200, contentType: 'text/plain', location: undefined, body });
  await store.finish(died.key, answer('late'));
  assert.equal((await store.begin(request)).kind, 'in-flight');
  await store.finish(begun[0], answer('in time'));
  await store.abandon(died.key);
  const replay = await store.begin(request);
  assert(replay.kind === 'replay');
  assert.equal(replay.answer.body, 'in time');
});

test('an answer that comes after its deadline is kept for the retry', async () => {
  const key = newKey();
  const go = Promise.withResolvers<void>();
  notes.beforePaying = () => go.promise;
  assert.equal((await pay(key, undefined, { 'x-deadline-ms': '50' })).status, 504);
  assert.equal((await pay(key)).status, 409);
  const runs = notes.runs;
  go.resolve();
  notes.beforePaying = async () => {};
  let again = await pay(key);
  while (again.status === 409) again = await pay(key);
  assert.equal(again.status, 201);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(notes.runs, runs);
});

test('keys end: the job deletes what has expired and no more, and an expired key is new', async () => {
  const key = newKey();
  await pay(key);
  const before = await countKeys();
  await idempotencyCleanup({ database, clock }).run(undefined);
  assert.equal(await countKeys(), before);
  aheadMs += 24 * 60 * 60 * 1000 + 1;
  const runs = notes.runs;
  assert.equal((await pay(key, { amountMinor: 7 })).status, 201);
  assert.equal(notes.runs, runs + 1);
  await idempotencyCleanup({ database, clock }).run(undefined);
  assert.equal(await countKeys(), 1);
});

test('routes that need no key take no notice of one, except that native ones are handed it', async () => {
  const change = await ask('PATCH', `/v1/notes/${noteId}`, { text: 'a' }, { 'idempotency-key': 'x'.repeat(300) });
  assert.equal(change.status, 404);
  const native = await ask('POST', `/v1/notes/${noteId}/native-payments`, undefined, {
    'idempotency-key': '"a \\"b\\""',
  });
  assert.equal(native.body.key, 'a "b"');
});

test('while the database is away a request with a key is 503 and does not run', async () => {
  const unreachable = openDatabase({
    url: 'postgres://127.0.0.1:1/nothing',
    poolMax: 1,
    connectTimeoutMs: 1000,
    statementTimeoutMs: 1000,
    applicationName: 'away',
    onIdleError: () => {},
  });
  const away = await testServer({ idempotency: createIdempotencyStore({ database: unreachable, clock }) });
  const answer = await away.ask('POST', '/v1/notes', { text: 'a' }, { 'idempotency-key': newKey() });
  assert.equal(answer.status, 503);
  assert.equal(answer.body.type, '/problems/unavailable');
  assert.equal(away.notes.notes.size, 0);
  assert.equal((await away.ask('POST', '/v1/notes', { text: 'a' })).status, 201);
});
