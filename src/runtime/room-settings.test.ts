import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultRoomSettings } from '../edge/waiting-room/settings.ts';
import { roomSettingsOf } from './room-settings.ts';

test('what the topology says of waiting rooms goes before what they do by themselves', () => {
  assert.deepEqual(roomSettingsOf(undefined), defaultRoomSettings);
  assert.deepEqual(roomSettingsOf({}), defaultRoomSettings);
  assert.deepEqual(
    roomSettingsOf({ waitingRoom: { passTtl: '5m', claimWithin: '45s', forgetAfter: '7d', paceMaxPerS: 80 } }),
    {
      ...defaultRoomSettings,
      passTtlMs: 300_000,
      claimWithinMs: 45_000,
      forgetAfterMs: 7 * 86_400_000,
      pace: { ...defaultRoomSettings.pace, maxPerS: 80 },
    },
  );
});
