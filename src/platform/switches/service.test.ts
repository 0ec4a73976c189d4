import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Type } from 'typebox';
import { defineContract } from '../api/contract.ts';
import { connectInProcess } from '../api/in-process.ts';
import { isProblem } from '../api/problem.ts';
import { testServer } from '../api/testing.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { contextOn, type TestContext, testContext } from '../testing/context.ts';
import { until } from '../testing/until.ts';
import { switchesMigrations } from './migrations.ts';
import { createSwitches, type Switches } from './service.ts';
import type { Feature } from './switches.ts';

const rule = { whenShed: 'deferrable', forMs: 3_000, backAfterMs: 30_000 } as const;
const features: readonly Feature[] = [
  { name: 'hints', summary: 'hints', rule },
  { name: 'pictures', summary: 'pictures' },
];
const none = { core: 0, standard: 0, deferrable: 0 };

const first = await testContext([switchesMigrations]);
// Another process of the same shop: the same database, memory of its own.
const second = contextOn(first.database, { signer: first.signer });
after(() => second.events.stop());

async function running(ctx: TestContext): Promise<Switches> {
  const switches = createSwitches(ctx, features);
  await switches.start?.();
  after(() => switches.stop?.());
  return switches;
}
const here = await running(first);
const there = await running(second);
// As in a shop: who listens is there before anything is read.
await first.events.start();
await second.events.start();
const client = connectInProcess(here);
const clocks = [first.clock, second.clock];

/** A second passes: each process is told whether it refused, and its rules look. */
async function aSecond(isShedding: { here?: boolean; there?: boolean }): Promise<void> {
  for (const clock of clocks) clock.advance(1000);
  if (isShedding.here) here.hear({ ...none, deferrable: 3 });
  if (isShedding.there) there.hear({ ...none, deferrable: 3 });
  await here.look();
  await there.look();
}

async function changes() {
  const reply = await client.listSwitchChanges({});
  assert(!isProblem(reply));
  return reply.body.items.map(({ name, isOn, who, reason }) => ({ name, isOn, who, reason }));
}

test('a switch set by hand holds in every process, and says who, when and why', async () => {
  const reply = await client.putSwitch({
    params: { name: 'hints' },
    body: { position: 'off', reason: 'too dear tonight' },
  });
  assert(!isProblem(reply) && reply.body.isOn === false && reply.body.position === 'off');
  assert.equal(here.isOn('hints'), false);
  await until(() => !there.isOn('hints'));
  assert.equal(here.isOn('pictures'), true);
  assert.deepEqual((await changes())[0], { name: 'hints', isOn: false, who: 'admin', reason: 'too dear tonight' });

  // Another start finds it as it was left.
  const restarted = createSwitches({ ...second, metrics: createMetrics({ withProcess: false }) }, features);
  await restarted.start?.();
  assert.equal(restarted.isOn('hints'), false);
  await restarted.stop?.();

  for (let index = 0; index < 40; index++) await aSecond({});
  assert.equal(here.isOn('hints'), false, 'no rule touches what is set by hand');
  await client.putSwitch({ params: { name: 'hints' }, body: { position: 'rule', reason: 'over' } });
  await until(() => there.isOn('hints'));
});

test('for a while means for a while', async () => {
  const untilMs = first.clock.nowMs() + 60_000;
  await client.putSwitch({ params: { name: 'pictures' }, body: { position: 'off', reason: 'a minute', untilMs } });
  assert.equal(here.isOn('pictures'), false);
  assert.equal(here.retryAfterS('pictures'), 60);
  first.clock.advance(60_000);
  second.clock.advance(60_000);
  assert.equal(here.isOn('pictures'), true);
});

test('a rule switches off what one process cannot bear, everywhere, and on again when all are calm', async () => {
  const before = (await changes()).length;
  for (let index = 0; index < 3; index++) await aSecond({ there: true });
  assert.equal(there.isOn('hints'), true, 'three seconds are not more than three seconds');
  await aSecond({ there: true });
  assert.equal(there.isOn('hints'), false);
  await until(() => !here.isOn('hints'));
  for (let index = 0; index < 40; index++) await aSecond({ there: true });
  assert.equal(here.isOn('hints'), false, 'one that is calm does not overrule one that is not');
  for (let index = 0; index < 40; index++) await aSecond({});
  await until(() => here.isOn('hints') && there.isOn('hints'));
  assert.deepEqual(
    (await changes()).slice(0, -before),
    [
      { name: 'hints', isOn: true, who: 'rule', reason: 'no deferrable request has been refused for 30 s' },
      { name: 'hints', isOn: false, who: 'rule', reason: 'deferrable requests have been refused for 3 s' },
    ],
    'each change once, whoever made it',
  );
});

test('both processes at once make one change', async () => {
  const before = (await changes()).length;
  for (let index = 0; index < 5; index++) {
    for (const clock of clocks) clock.advance(1000);
    for (const switches of [here, there]) switches.hear({ ...none, deferrable: 1 });
    await Promise.all([here.look(), there.look()]);
  }
  assert.equal((await changes()).length, before + 1);
});

test('what does not exist is told, with what does', async () => {
  const reply = await client.putSwitch({ params: { name: 'nothing' }, body: { position: 'off', reason: 'x' } });
  assert(isProblem(reply) && reply.status === 404);
  assert.match(reply.problem.detail ?? '', /hints, pictures/);
});

test('a route of a feature that is off answers 503 before it works, and the switch shows in the metrics', async () => {
  let workCount = 0;
  const contract = defineContract({
    name: 'hinting',
    routes: {
      hint: {
        method: 'GET',
        path: '/v1/hints',
        summary: 'A hint',
        scope: 'public',
        importance: 'deferrable',
        idempotency: 'safe',
        feature: 'hints',
        responses: { 200: Type.Object({ hint: Type.String() }) },
      },
    },
  });
  const handlers = {
    hint: async () => {
      workCount += 1;
      return { status: 200 as const, body: { hint: 'x' } };
    },
  };
  let isHinting = false;
  const server = await testServer({
    services: [{ contract, handlers }],
    features: { isOn: (name) => name !== 'hints' || isHinting, retryAfterS: () => 77 },
  });
  const refused = await server.ask('GET', '/v1/hints');
  assert.equal(refused.status, 503);
  assert.equal(refused.body.type, '/problems/switched-off');
  assert.equal(refused.headers.get('retry-after'), '77');
  assert.equal(workCount, 0);
  isHinting = true;
  assert.equal((await server.ask('GET', '/v1/hints')).status, 200);
  assert.match((await first.metrics.expose()).text, /onrush_switch_on\{feature="pictures"\} 1/);
});
