import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crowdOf, defaultLimitSettings, type LimitWindow, nextLimit, nextNoLoadMs } from './concurrency-limit.ts';

const settings = defaultLimitSettings;
const anyLimit = fc.double({ min: settings.limitMin, max: settings.limitMax, noNaN: true });
const anyMs = fc.double({ min: 0, max: 60_000, noNaN: true });
const anyWindow: fc.Arbitrary<LimitWindow> = fc.record({
  count: fc.nat(100_000),
  meanMs: anyMs,
  noLoadMs: anyMs,
  inFlightMax: fc.nat(20_000),
});

test('the limit stays within its bounds, whatever is measured', () => {
  fc.assert(
    fc.property(anyLimit, fc.array(anyWindow), (first, windows) => {
      let limit = first;
      for (const window of windows) {
        limit = nextLimit(limit, window, settings);
        assert(limit >= settings.limitMin && limit <= settings.limitMax);
      }
    }),
  );
});

test('it grows while answers take what they take without load, and shrinks when they take much longer', () => {
  fc.assert(
    fc.property(anyLimit, fc.double({ min: 0.01, max: 1000, noNaN: true }), (limit, noLoadMs) => {
      const full = { count: 50, noLoadMs, inFlightMax: Math.ceil(limit) };
      const flat = nextLimit(limit, { ...full, meanMs: noLoadMs }, settings);
      assert(flat > limit || limit === settings.limitMax);
      const slow = nextLimit(limit, { ...full, meanMs: 3 * noLoadMs + 2 * settings.slackMs }, settings);
      assert(slow < limit || limit === settings.limitMin);
    }),
  );
});

test('the slower the answers, the lower the next limit', () => {
  fc.assert(
    fc.property(anyLimit, anyWindow, fc.double({ min: 1, max: 20, noNaN: true }), (limit, window, factor) => {
      const slower = { ...window, meanMs: window.meanMs * factor };
      assert(nextLimit(limit, slower, settings) <= nextLimit(limit, window, settings));
    }),
  );
});

test('what the limit did not hold back does not change it', () => {
  fc.assert(
    fc.property(anyLimit, anyWindow, (limit, window) => {
      assert.equal(nextLimit(limit, { ...window, inFlightMax: Math.floor(limit / 2) - 1 }, settings), limit);
    }),
  );
});

/** A machine that serves `parallel` requests at once, each in `serviceMs`, with as many sent as it lets in; by Little's law. */
function settle(
  machine: { parallel: number; serviceMs: number },
  from: { limit: number; noLoadMs?: number | undefined },
  windows: number,
) {
  let { limit, noLoadMs } = from as { limit: number; noLoadMs: number | undefined };
  for (let index = 0; index < windows; index++) {
    const inFlight = Math.floor(limit);
    const meanMs = machine.serviceMs * Math.max(1, inFlight / machine.parallel);
    noLoadMs = nextNoLoadMs(noLoadMs, { meanMs, durationMs: 100, crowd: crowdOf(inFlight, limit, settings.limitMin) });
    const count = Math.max(1, Math.round((Math.min(inFlight, machine.parallel) * 100) / machine.serviceMs));
    limit = nextLimit(limit, { count, meanMs, noLoadMs, inFlightMax: inFlight }, settings);
  }
  return { limit, noLoadMs };
}

test('under more than a machine can do, it settles where the machine is busy and nobody waits long', () => {
  for (const machine of [
    { parallel: 80, serviceMs: 20 },
    { parallel: 100, serviceMs: 50 },
    { parallel: 400, serviceMs: 5 },
  ]) {
    for (const limit of [settings.limitMin, 128, settings.limitMax]) {
      const settled = settle(machine, { limit, noLoadMs: machine.serviceMs }, 300);
      assert(settled.limit >= machine.parallel * 0.9, `${JSON.stringify(machine)} would idle at ${settled.limit}`);
      const latencyMs = machine.serviceMs * Math.max(1, settled.limit / machine.parallel);
      const allowedMs = settings.tolerance * machine.serviceMs + settings.slackMs;
      assert(latencyMs <= 1.3 * allowedMs, `${JSON.stringify(machine)} answers after ${latencyMs} ms`);
    }
  }
});

test('when the work itself has become dearer, the limit shrinks, and recovers within half an hour', () => {
  const before = settle({ parallel: 150, serviceMs: 20 }, { limit: 128 }, 300);
  const dearer = { parallel: 150, serviceMs: 200 };
  const minutes = (count: number) => (count * 60_000) / 100;
  const shaken = settle(dearer, before, 100);
  assert(shaken.limit < before.limit);
  const recovered = settle(dearer, shaken, minutes(30));
  assert(recovered.limit >= 140, `after half an hour the limit is ${recovered.limit}`);
});

test('an overload of ten minutes does not pass for normal', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 100, noNaN: true }), (serviceMs) => {
      let noLoadMs: number | undefined = serviceMs;
      for (let second = 0; second < 600; second++) {
        noLoadMs = nextNoLoadMs(noLoadMs, { meanMs: 2.5 * serviceMs, durationMs: 1000, crowd: 'full' });
      }
      assert(noLoadMs <= 1.3 * serviceMs);
    }),
  );
});
