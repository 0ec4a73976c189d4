import assert from 'node:assert/strict';
import { IncomingMessage, request } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { Type } from 'typebox';
import { defineContract, type Handlers, type Importance } from '../api/contract.ts';
import { adminToken, rawRequest, testServer } from '../api/testing.ts';
import { parseHead } from '../api/wire-request.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { testClock } from '../testing/context.ts';
import { until } from '../testing/until.ts';
import { groupCount } from './admission-level.ts';
import type { LoopSample } from './loop-monitor.ts';
import { createOverload, type OverloadOptions } from './overload.ts';
import { policiesOf } from './routes.ts';

const answer = Type.Object({ ok: Type.Boolean() });
const route = <I extends Importance>(path: string, importance: I) =>
  ({
    method: 'POST',
    path,
    summary: path,
    scope: 'public',
    importance,
    idempotency: 'safe',
    body: Type.Object({ text: Type.String() }),
    responses: { 200: answer },
  }) as const;
const workApi = defineContract({
  name: 'work',
  routes: {
    deferrable: route('/v1/deferrable', 'deferrable'),
    standard: route('/v1/standard', 'standard'),
    core: route('/v1/core', 'core'),
    begun: { ...route('/v1/begun', 'core'), isContinuation: true },
    staff: { ...route('/v1/admin/staff', 'deferrable'), scope: 'admin' },
  },
});
type Name = 'deferrable' | 'standard' | 'core' | 'begun';
const names: readonly Name[] = ['deferrable', 'standard', 'core', 'begun'];

/** A service whose work lasts until the test says so, behind the overload control; the loop is as the test says it is. */
async function workServer(options: Partial<OverloadOptions> = {}) {
  const clock = testClock(1_800_000_000_000);
  const metrics = createMetrics({ withProcess: false });
  const begun: string[] = [];
  let gates: (() => void)[] = [];
  let isBlocking = false;
  const handle = (name: string) => async () => {
    begun.push(name);
    if (isBlocking) await new Promise<void>((resolve) => gates.push(resolve));
    return { status: 200 as const, body: { ok: true } };
  };
  const handlers = Object.fromEntries([...names, 'staff'].map((name) => [name, handle(name)])) as unknown as Handlers<
    typeof workApi
  >;
  let tell: (sample: LoopSample) => void = () => {};
  const overload = createOverload({
    clock,
    metrics,
    routes: policiesOf([workApi]),
    sessionCookie: 'onrush_buyer',
    monitor: (onWindow) => {
      tell = onWindow;
      return { wake() {}, stop() {} };
    },
    // How fast the machine is that runs the tests decides nothing here.
    turns: {
      sliceMs: Number.POSITIVE_INFINITY,
      sliceMsMax: Number.POSITIVE_INFINITY,
      waitMsMax: new Array(groupCount).fill(Number.POSITIVE_INFINITY),
    },
    // A handful of requests is a crowd here.
    level: { slightArrivals: 3 },
    slight: { burst: 0, underWay: 0 },
    ...options,
  });
  const server = await testServer({
    clock,
    services: [{ contract: workApi, handlers } as never],
    innerGates: [overload.gate],
    meterOf: overload.meterOf,
  });
  const ask = (name: Name | 'admin/staff', session = 'one', headers: Record<string, string> = {}) =>
    server.ask('POST', `/v1/${name}`, { text: 'x' }, { cookie: `onrush_buyer=${session}`, ...headers });
  return {
    ...server,
    ask,
    overload,
    metrics,
    clock,
    begun,
    window: (sample: Partial<LoopSample>) => tell({ durationMs: 100, queueMs: 0, busyShare: 0.1, ...sample }),
    block: () => {
      isBlocking = true;
    },
    finish: () => {
      isBlocking = false;
      for (const open of gates) open();
      gates = [];
    },
  };
}

const limitOf = (limit: number) => ({ limitMin: limit, limitMax: limit, limitAtFirst: limit });

test('when as much is under way as may be, deferrable work is refused first, then standard, then core; what was begun goes on', async () => {
  const server = await workServer({ limit: limitOf(10) });
  server.block();
  const answers: Promise<{ status: number }>[] = [];
  const send = async (name: Name) => {
    const before = server.begun.length;
    const asked = server.ask(name, `session-${answers.length}`);
    answers.push(asked);
    await Promise.race([asked, until(() => server.begun.length > before)]);
    return server.begun.length > before;
  };
  const fill = async (name: Name) => {
    let count = 0;
    while (await send(name)) count += 1;
    return count;
  };
  assert.deepEqual([await fill('deferrable'), await fill('standard'), await fill('core')], [5, 4, 4]);
  assert.equal(await send('begun'), true);
  server.finish();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  assert.deepEqual([statuses.filter((status) => status === 200).length, statuses.length], [14, 17]);
  assert.equal(await send('deferrable'), true, 'there is room again');
});

test('as the pressure lasts, deferrable work goes first, then standard by sessions, then core by sessions', async () => {
  const server = await workServer();
  const sessions = Array.from({ length: 20 }, (_, index) => `buyer-${index}`);
  const pressed: Record<Name, number>[] = [];
  for (let step = 0; step < 12; step++) {
    const letIn = { deferrable: 0, standard: 0, core: 0, begun: 0 };
    for (const name of names) {
      const statuses = await Promise.all(sessions.map(async (session) => (await server.ask(name, session)).status));
      letIn[name] = statuses.filter((status) => status === 200).length;
    }
    pressed.push(letIn);
    // The level falls by a step, then waits for what it did.
    for (let window = 0; window < 8; window++) server.window({ queueMs: 9, busyShare: 1 });
  }
  assert.deepEqual(pressed[0], { deferrable: 20, standard: 20, core: 20, begun: 20 });
  for (const { deferrable, standard, core, begun } of pressed) {
    assert.equal(begun, 20);
    if (core < 20) assert.equal(standard, 0);
    if (standard < 20) assert.equal(deferrable, 0);
  }
  assert(
    pressed.some(({ standard }) => standard > 0 && standard < 20),
    'some sessions and not others',
  );
  assert.equal(pressed.at(-1)?.core, 20, 'those who were let in before buy on');
  for (let window = 0; window < 10; window++) {
    for (const session of sessions) await server.ask('core', session);
    server.window({ queueMs: 100, busyShare: 1 });
  }
  const core = await Promise.all(sessions.map(async (session) => (await server.ask('core', session)).status));
  assert(core.includes(503), 'unless it gets desperate');
  assert.equal((await server.ask('begun')).status, 200);
  for (let window = 0; window < 15; window++) server.window({ queueMs: 0, busyShare: 0.1 });
  assert.equal((await server.ask('deferrable')).status, 200, 'a second of calm later all are let in');
});

test('a pause that is over when it is felt turns nobody away; a queue that stands does', async () => {
  const server = await workServer();
  const crowd = async () => {
    const statuses = await Promise.all(Array.from({ length: 40 }, (_, index) => server.ask('deferrable', `${index}`)));
    return statuses.filter(({ status }) => status === 200).length;
  };
  for (let pause = 0; pause < 10; pause++) {
    assert.equal(await crowd(), 40);
    server.window({ queueMs: 80, busyShare: 1 });
    server.window({ queueMs: 30, busyShare: 1 });
    server.window({ queueMs: 1, busyShare: 0.9 });
  }
  for (let window = 0; window < 12; window++) {
    await crowd();
    server.window({ queueMs: 12, busyShare: 1 });
  }
  assert((await crowd()) < 40);
});

test('who stands before the gate is told of exactly those whom the gate would refuse', async () => {
  const server = await workServer();
  const sessions = Array.from({ length: 30 }, (_, index) => `buyer-${index}`);
  const asked = (name: Name, session: string) => {
    const request = new IncomingMessage(new Socket());
    return Object.assign(request, {
      method: 'POST',
      url: `/v1/${name}`,
      headers: { cookie: `onrush_buyer=${session}` },
    });
  };
  assert.equal(server.overload.screen(asked('deferrable', 'anybody')), undefined, 'nothing while all are let in');
  let partly = 0;
  for (let step = 0; step < 12; step++) {
    for (const name of names) {
      const foretold = sessions.map((session) => server.overload.screen(asked(name, session)) !== undefined);
      const statuses = await Promise.all(sessions.map((session) => askAlone(server.port, name, session)));
      assert.deepEqual(
        statuses.map((status) => status === 503),
        foretold,
      );
      if (foretold.includes(true) && foretold.includes(false)) partly += 1;
    }
    for (let window = 0; window < 8; window++) server.window({ queueMs: 9, busyShare: 1 });
  }
  assert(partly > 0, 'some sessions and not others');
  assert.equal(server.overload.screen(asked('begun', 'anybody')), undefined);
});

test('a session that was let in is let in again, before those who come new', async () => {
  const server = await workServer();
  const old = Array.from({ length: 50 }, (_, index) => `old-${index}`);
  const fresh = Array.from({ length: 100 }, (_, index) => `new-${index}`);
  const count = async (who: readonly string[], name: Name) => {
    // Each on a connection of its own, for one that has been let in is known by it.
    const statuses = await Promise.all(who.map((session) => askAlone(server.port, name, session)));
    return statuses.filter((status) => status === 200).length;
  };
  assert.equal(await count(old, 'standard'), 50);
  for (let window = 0; window < 20; window++) {
    const others = fresh.map((session) => `${session}-${window}`);
    if ((await count(others, 'standard')) < 80) break;
    server.window({ queueMs: 12, busyShare: 1 });
  }
  const freshLetIn = await count(fresh, 'standard');
  assert(freshLetIn > 0 && freshLetIn < 100, `${freshLetIn} of 100 new ones are let in`);
  assert.equal(await count(old, 'standard'), 50);
  assert.equal(await count(fresh, 'standard'), freshLetIn, 'the same ones');
});

test('a refusal says when to come again, and not to all the same', async () => {
  const server = await workServer({ errorPage: () => ({ headers: ['x-page', 'yes'], html: '<p>busy</p>' }) });
  for (let round = 0; round < 30; round++) {
    for (let index = 0; index < 10; index++) await server.ask('deferrable', `s-${index}`);
    // The handful that is let in come what may.
    for (let index = 0; index < 6; index++) await server.ask('core', `s-${index}`);
    server.window({ queueMs: 50, busyShare: 1 });
  }
  const refused = await Promise.all(Array.from({ length: 8 }, () => server.ask('deferrable')));
  assert(refused.every(({ status }) => status === 503));
  const delays = new Set(refused.map(({ headers }) => Number(headers.get('retry-after'))));
  assert(delays.size > 3 && Math.min(...delays) >= 1, [...delays].join());
  assert.equal(refused[0]?.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.equal(refused[0]?.headers.get('cache-control'), 'no-store');
  assert.equal(refused[0]?.body.type, '/problems/overloaded');

  const page = await server.ask('deferrable', 'one', { accept: 'text/html' });
  assert.equal(page.body.type, '/problems/overloaded', 'who asks the API gets a problem');
  const html = await fetch(`${server.url}/browse`, { headers: { accept: 'text/html' } });
  assert.equal(html.status, 503);
  assert.equal(html.headers.get('x-page'), 'yes');
  assert.equal(await html.text(), '<p>busy</p>');
  assert.equal((await server.ask('admin/staff', 'one')).status, 401, 'staff are let in, and asked who they are');

  const body = JSON.stringify({ text: 'x'.repeat(10_000) });
  const one = `POST /v1/deferrable HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const both = await rawRequest(server.port, one + one);
  assert.equal(both.match(/HTTP\/1\.1 503/g)?.length, 2, 'the connection is of use after a refusal');
});

test('a refusal on the wire is the one that the gate gives, and is counted as one', async () => {
  const server = await workServer();
  for (let round = 0; round < 30; round++) {
    for (let index = 0; index < 10; index++) await server.ask('core', `s-${index}`);
    server.window({ queueMs: 50, busyShare: 1 });
  }
  const shedCount = async () => {
    const { text } = await server.metrics.expose();
    return Number(/onrush_overload_shed_total\{importance="deferrable",why="level"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  const request = parseHead(
    `POST /v1/deferrable HTTP/1.1\r\nHost: a\r\nCookie: onrush_buyer=one\r\nContent-Length: 0\r\n\r\n`,
    new Socket(),
  );
  const before = await shedCount();
  const refusal = request && server.overload.screen(request);
  assert.equal(await shedCount(), before, 'not before it is given');
  const [head = '', body] = refusal?.onWire('x-more: 1\r\n').split('\r\n\r\n') ?? [];
  assert.equal(await shedCount(), before + 1);
  const byGate = await server.ask('deferrable', 'one');
  assert.equal(byGate.status, 503);
  assert.deepEqual(JSON.parse(body ?? ''), byGate.body);
  const [status, ...lines] = head.split('\r\n');
  assert.equal(status, 'HTTP/1.1 503 Service Unavailable');
  const told = Object.fromEntries(lines.map((line) => line.split(': ')));
  assert.equal(told['x-more'], '1');
  assert.match(told['retry-after'] ?? '', /^\d+$/);
  for (const name of ['content-type', 'content-length', 'cache-control'])
    assert.equal(told[name], byGate.headers.get(name));
});

test('strangers who ask for what is staff’s and read no answer keep no staff out', async () => {
  const server = await workServer({ isAdmin: (token) => token === adminToken });
  server.block();
  // What follows a request that is still worked on waits for its answer, and would keep its place all the while.
  const body = '{"text":"x"}';
  const post = (path: string) =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const floods = Array.from({ length: 5 }, () =>
    rawRequest(server.port, post('/v1/begun') + post('/v1/admin/staff').repeat(15), 1_000),
  );
  await until(() => server.begun.length === 5);
  const headers = { authorization: `Bearer ${adminToken}` };
  const staff = server.ask('admin/staff', 'one', headers);
  await Promise.race([staff, until(() => server.begun.includes('staff'))]);
  server.finish();
  assert.equal((await staff).status, 200);
  await Promise.all(floods);
});

test('who has gone before his work begins is not worked for', async () => {
  const server = await workServer();
  const asked = request(`${server.url}/v1/core`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': '12' },
  });
  asked.on('error', () => {});
  asked.write('{"text":');
  await until(() => asked.socket?.bytesWritten !== undefined && asked.socket.bytesWritten > 0);
  asked.destroy();
  assert.equal((await server.ask('core', 'two')).status, 200);
  assert.deepEqual(server.begun, ['core']);
});

test('what cannot be answered before its deadline is not begun', async () => {
  const server = await workServer();
  await server.ask('core');
  server.window({ queueMs: 40 });
  const late = await server.ask('core', 'one', { 'x-deadline-ms': '0' });
  assert.equal(late.status, 503);
  assert.equal(late.body.type, '/problems/overloaded');
  assert.equal(server.begun.length, 1);
  assert.equal((await server.ask('core', 'one', { 'x-deadline-ms': '5000' })).status, 200);
});

test('the reading rises with core work under way, and above one where core is turned away', async () => {
  const server = await workServer({ limit: limitOf(4) });
  assert.equal(server.overload.reading().utilisation, 0);
  server.block();
  const waiting = [1, 2].map(() => server.ask('core'));
  await until(() => server.begun.length === 2);
  assert.equal(server.overload.reading().utilisation, 0.5);
  server.finish();
  await Promise.all(waiting);
  for (let round = 0; round < 30; round++) {
    for (let index = 0; index < 10; index++) await server.ask('core', `s-${index}`);
    server.window({ queueMs: 50, busyShare: 1 });
  }
  const { utilisation, coreShedPerS } = server.overload.reading();
  assert(utilisation > 1 && coreShedPerS > 0, JSON.stringify({ utilisation, coreShedPerS }));
  assert.match(
    (await server.metrics.expose()).text,
    /onrush_overload_shed_total\{importance="core",why="level"\} [1-9]/,
  );
  // The pace of a waiting room is cut for as long as this is above zero.
  for (let window = 0; window < 40; window++) server.window({ queueMs: 0, busyShare: 0.1 });
  assert.deepEqual(server.overload.reading(), { utilisation: 0.1, coreShedPerS: 0 });
});

test('what the last window saw is forgotten where no other has followed: nobody has come since', async (t) => {
  const server = await workServer();
  server.window({ queueMs: 100, busyShare: 0.5 });
  assert.equal(server.overload.reading().utilisation, 0.5, 'nobody came: it is others who make it late');
  for (let index = 0; index < 40; index++) await server.ask('core', `s-${index}`);
  server.window({ queueMs: 100, busyShare: 0.5 });
  assert(server.overload.reading().utilisation > 1);
  const nowMs = performance.now() + 3_001;
  t.mock.method(performance, 'now', () => nowMs);
  assert.deepEqual(server.overload.reading(), { utilisation: 0, coreShedPerS: 0 });
});

/** The status of a request on a connection of its own. */
async function askAlone(port: number, name: Name, session: string): Promise<number> {
  const body = '{"text":"x"}';
  const head = `POST /v1/${name} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: onrush_buyer=${session}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Number((await rawRequest(port, head + body, 5000)).slice(9, 12));
}

test('a few requests are answered however slow the process is: it is not for them that it is', async () => {
  const slow = { queueMs: 300, busyShare: 1 };
  const crowded = await workServer();
  const alone = await workServer({ level: {}, slight: { burst: 48, underWay: 32 } });
  const letIn = async ({ ask, window }: typeof alone, each: number) => {
    let count = 0;
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < each; index++) if ((await ask('deferrable', `${index}`)).status === 200) count += 1;
      window(slow);
    }
    return count;
  };
  assert.equal(await letIn(alone, 5), 200);
  assert((await letIn(crowded, 9)) < 360, 'nearly as few are too much where so few are a crowd');
});

test('some buyers are let in however slow the process is: it must not sell nothing for as long as others starve it', async () => {
  const { ask, window } = await workServer({ level: {}, slight: { burst: 0, underWay: 32 } });
  for (let round = 0; round < 30; round++) {
    const statuses = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => (await ask('core', `${round}-${index}`)).status),
    );
    const letInCount = statuses.filter((status) => status === 200).length;
    assert(letInCount >= 5, `${letInCount} in window ${round}`);
    if (round > 20) assert(letInCount < 30, 'the others are turned away');
    window({ queueMs: 300, busyShare: 1 });
  }
});
