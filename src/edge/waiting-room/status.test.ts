import assert from 'node:assert/strict';
import test from 'node:test';
import { newId } from '../../platform/database/id.ts';
import type { RoomState } from './api.ts';
import { defaultRoomSettings } from './settings.ts';
import { standingOf } from './status.ts';
import type { RoomView } from './view.ts';

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
    departed: new Set(),
  };
}

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
        const ticket = {
          roomId,
          number,
          buyerId: roomId,
          issuedAtMs: nowMs,
          seenAtMs: nowMs,
          place: undefined,
          lotId: undefined,
        };
        const standing = standingOf(view, ticket, nowMs, settings);
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
