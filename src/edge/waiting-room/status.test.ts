import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { newId } from '../../platform/database/id.ts';
import type { RoomState } from './api.ts';
import { createDeparted } from './departed.ts';
import { createLot } from './lot.ts';
import { defaultRoomSettings } from './settings.ts';
import { standingOf } from './status.ts';
import type { Ticket } from './ticket.ts';
import { placeOfNumber, type RoomView } from './view.ts';

const nowMs = 1_800_000_000_000;
const roomId = newId(1, nowMs);

function roomView(state: RoomState, opensAtMs: number): RoomView {
  const isDrawn = state !== 'before';
  return {
    record: {
      config: {
        roomId,
        name: 'r',
        saleId: undefined,
        switchedBy: 'schedule',
        isOn: false,
        queueFromMs: undefined,
        opensAtMs,
        pacePerSMax: undefined,
      },
      line: {
        firstNumber: 0,
        issued: 100_000,
        lot: isDrawn ? { seed: Buffer.alloc(32), count: 0, drawnAtMs: opensAtMs } : undefined,
      },
      progress: {
        state,
        admitted: 0,
        pacePerS: 1,
        credit: 0,
        tickedAtMs: nowMs,
        absence: undefined,
        opensAtMs,
        endsAtMs: undefined,
        busySinceMs: undefined,
        calmSinceMs: undefined,
        offSinceMs: undefined,
      },
    },
    calls: [],
    lotPlace: isDrawn ? () => 0 : undefined,
    rate: isDrawn ? { perS: 1, latelyPerS: 1, spread: 1, overS: 60 } : undefined,
    departed: createDeparted(0),
  };
}

const ticketOf = (number: number): Ticket => ({
  roomId,
  number,
  buyerId: roomId,
  issuedAtMs: nowMs,
  seenAtMs: nowMs,
  place: undefined,
  lotId: undefined,
});

test('who asks as often as he is told never loses his place by it, however short the times are set', () => {
  for (const [leaveAfterMs, claimWithinMs] of [
    [180_000, 60_000],
    [40_000, 14_000],
    [12_000, 6_000],
    [2_000, 2_000],
  ] as const) {
    const settings = { ...defaultRoomSettings, leaveAfterMs, claimWithinMs };
    for (const view of [
      roomView('open', nowMs - 60_000),
      ...[1, 15, 39, 41, 600].map((inS) => roomView('before', nowMs + inS * 1000)),
    ]) {
      for (const number of [7, 19, 50_008]) {
        const standing = standingOf(view, ticketOf(number), nowMs, settings);
        assert(standing.kind === 'stands');
        const pollAfterMs = standing.status.pollAfterS * 1000;
        assert(pollAfterMs >= 1000);
        const { state, opensAtMs = 0 } = view.record.progress;
        assert(pollAfterMs <= leaveAfterMs / 2, `${pollAfterMs} of ${leaveAfterMs}`);
        // Called at the opening, he must still find his place.
        if (state === 'before') assert(nowMs + pollAfterMs <= opensAtMs + claimWithinMs / 2 + 1000);
      }
    }
  }
});

/** What happens to a line: somebody leaves, with a place that is known or not; some places are reckoned; some are called. */
const stepOf = (issued: number) =>
  fc.oneof(
    fc.record({ kind: fc.constant('leave' as const), number: fc.nat(issued - 1), isPlaced: fc.boolean() }),
    fc.record({ kind: fc.constant('reckon' as const) }),
    fc.record({ kind: fc.constant('call' as const), count: fc.nat(9) }),
  );
const lines = fc.integer({ min: 1, max: 50 }).chain((issued) =>
  fc.record({
    numbers: fc.constant(Array.from({ length: issued }, (_, number) => number)),
    lotCount: fc.nat(issued),
    seed: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
    steps: fc.array(stepOf(issued), { maxLength: 40 }),
  }),
);

test('whoever leaves, nobody who waits goes back, and in the end each has as many ahead as wait there', () => {
  fc.assert(
    fc.property(lines, ({ numbers, lotCount, seed, steps }) => {
      const departed = createDeparted(0);
      const gone = new Set<number>();
      const open = roomView('open', nowMs - 60_000);
      let admitted = 0;
      const view = (): RoomView => ({
        ...open,
        record: {
          ...open.record,
          line: { firstNumber: 0, issued: numbers.length, lot: { seed, count: lotCount, drawnAtMs: nowMs - 60_000 } },
          progress: { ...open.record.progress, admitted },
        },
        lotPlace: createLot(seed, lotCount),
        departed,
      });
      const placeOf = (number: number) => placeOfNumber(view(), number) ?? assert.fail('the lot is drawn');
      const waiting = () => numbers.filter((number) => !gone.has(number) && placeOf(number) >= admitted);
      const look = (number: number) => {
        const standing = standingOf(view(), ticketOf(number), nowMs, defaultRoomSettings);
        assert(standing.kind === 'stands');
        const { aheadCount = -1, estimate } = standing.status;
        assert(estimate !== undefined);
        return [aheadCount, estimate.fromS, estimate.toS];
      };
      let before = new Map(waiting().map((number) => [number, look(number)]));
      for (const step of steps) {
        if (step.kind === 'leave') {
          const { number, isPlaced } = step;
          departed.add([{ number, place: isPlaced ? placeOf(number) : undefined }]);
          gone.add(number);
        }
        if (step.kind === 'reckon') departed.reckon(placeOf);
        if (step.kind === 'call') admitted = Math.min(numbers.length, admitted + step.count);
        const now = new Map(waiting().map((number) => [number, look(number)]));
        for (const [number, seen] of now) {
          const was = before.get(number) ?? [];
          assert(
            seen.every((value, index) => value >= 0 && value <= (was[index] ?? 0)),
            `${number}: ${was} and then ${seen}`,
          );
        }
        before = now;
      }
      departed.reckon(placeOf);
      for (const number of waiting()) {
        const ahead = waiting().filter((other) => placeOf(other) < placeOf(number));
        assert.equal(look(number)[0], ahead.length);
      }
    }),
  );
});
