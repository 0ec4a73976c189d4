import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Connections } from './connections.ts';
import type { Step } from './journey.ts';
import { runLoad } from './load-run.ts';
import { byImportance } from './meter.ts';
import type { Arrivals } from './setup.ts';

const look: Step = {
  name: 'product',
  importance: 'core',
  isOptional: false,
  request: () => ({ method: 'GET', path: '/v1/products/lamp' }),
};

// Of any two numbers the same: whoever is refused comes again when he was told to, and sessions come at even distances.
const alwaysReturning = {
  next: () => 0.15,
  integer: () => 0,
  chance: () => false,
  pick: <T>([first]: readonly [T, ...T[]]) => first,
  shuffle: <T>(values: T[]) => values,
};

/** A second in which all are refused for a second, and one in which all are answered: how many of that one came again, and how many are new. */
async function fall(t: TestContext, arrivals: Arrivals): Promise<{ returned: number; fresh: number }> {
  let nowMs = 0;
  t.mock.method(process.hrtime, 'bigint', () => BigInt(Math.round(nowMs * 1e6)));
  t.mock.timers.enable({ apis: ['setInterval'] });
  const refused = new Set<string | undefined>();
  const answered: (string | undefined)[] = [];
  const connections: Connections = {
    send(request, exchange) {
      const session = /drill-\d+/.exec(request)?.[0];
      const isFull = nowMs < 1_000;
      if (isFull) refused.add(session);
      else answered.push(session);
      exchange.answered({
        status: isFull ? 503 : 200,
        retryAfterS: isFull ? 1 : undefined,
        isCached: false,
        body: undefined,
      });
      return () => {};
    },
    openCount: 0,
    close() {},
  };
  const lasting = { durationMs: 1_000, settleMs: 0 };
  const running = runLoad({
    stages: [
      { ...lasting, name: 'full', arrivals: { kind: 'open', sessionsPerS: 10 } },
      { ...lasting, name: 'fallen', arrivals },
    ],
    bounds: byImportance(() => 100),
    host: 'shop',
    patienceMs: 1_000,
    connections,
    journeys: { stepsOf: () => [look], drawKind: () => 'looker' },
    random: alwaysReturning,
    firstSession: 0,
    onStage() {},
    onSecond() {},
  });
  for (; nowMs <= 2_001; nowMs += 1) t.mock.timers.tick(1);
  await running;
  t.mock.timers.reset();
  t.mock.restoreAll();
  const returned = answered.filter((session) => refused.has(session)).length;
  return { returned, fresh: answered.length - returned };
}

test('whoever was told to come again comes besides the others, or in place of as many', async (t) => {
  const besides = await fall(t, { kind: 'open', sessionsPerS: 10 });
  assert.deepEqual(besides, { returned: 61, fresh: 61 });
  const inPlace = await fall(t, { kind: 'open', sessionsPerS: 10, returning: 'inPlace' });
  // The first comes before anybody has come again.
  assert.deepEqual(inPlace, { returned: 61, fresh: 1 });
});
