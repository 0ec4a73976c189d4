import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { roomText } from './messages.ts';
import { buoyAt, shareOf, viewOf } from './room-view.ts';
import { keptWords, waitWords } from './wait-words.ts';

const status = { roomId: 'r', room: 'open', standing: 'waiting', pollAfterS: 5, keptS: 180 } as const;

test('before the opening there is no place to tell, whatever the room says of itself', () => {
  const before = { kind: 'before', keptS: 180 };
  assert.deepEqual(viewOf(status, { opensAtMs: 7 }, undefined), { ...before, opensAtMs: 7 });
  assert.deepEqual(viewOf({ ...status, opensAtMs: 9 }, { opensAtMs: 7 }, undefined), { ...before, opensAtMs: 9 });
});

test('a place is counted from one, as people count', () => {
  const estimate = { fromS: 1, toS: 2 };
  const view = viewOf({ ...status, place: 0, aheadCount: 0, estimate }, {}, 10);
  assert.deepEqual(view, { kind: 'waiting', place: 1, aheadCount: 0, estimate, share: 100, keptS: 180 });
});

test('what is promised to others is told with the place; the rest says what it is', () => {
  const promised = viewOf({ ...status, standing: 'promised', place: 9, aheadCount: 5 }, {}, 5);
  const line = { place: 10, aheadCount: 5, estimate: undefined, share: 0, keptS: 180 };
  assert.deepEqual(promised, { kind: 'promised', ...line });
  for (const standing of ['called', 'over', 'off'] as const) {
    assert.deepEqual(viewOf({ ...status, standing, place: 3, aheadCount: 0 }, {}, 5), { kind: standing });
  }
});

test('as those ahead grow fewer the share of the way only grows, from none to all of it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 30 }), (aheads) => {
      const inOrder = aheads.toSorted((a, b) => b - a);
      const start = inOrder[0] ?? 0;
      const shares = inOrder.map((ahead) => shareOf(ahead, start));
      for (const [index, share] of shares.entries()) {
        assert(share >= 0 && share <= 100);
        assert(share >= (shares[index - 1] ?? 0));
      }
      assert.equal(shareOf(0, start), 100);
    }),
  );
});

test('the buoy stays in the picture', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (share) => {
      const { x, y } = buoyAt(share);
      assert(x >= 9 && x <= 591 && y >= 3.9 && y <= 20.1, `${x} ${y}`);
    }),
  );
});

test('a wait is told as a range that promises no less than was reckoned', () => {
  const words = (fromS: number, toS: number) => waitWords({ fromS, toS }, roomText('en'));
  assert.equal(waitWords(undefined, roomText('en')), 'not known yet');
  assert.equal(words(0, 59), 'less than a minute');
  assert.equal(words(10, 60), 'up to a minute');
  assert.equal(words(10, 130), 'up to 3 minutes');
  assert.equal(words(240, 400), 'about 4 to 7 minutes');
  assert.equal(words(300, 300), 'about 5 minutes');
  assert.equal(words(3500, 7000), 'about 58 to 117 minutes');
  assert.equal(words(7200, 10_000), 'about 2 to 3 hours');
  assert.equal(words(1800, 7200), 'about 30 to 120 minutes');
  assert.equal(waitWords({ fromS: 240, toS: 400 }, roomText('zh')), '约 4 到 7 分钟');
});

test('of a range too wide to be of use its end is told, roughly, and never less of it', () => {
  const words = (fromS: number, toS: number) => waitWords({ fromS, toS }, roomText('en'));
  assert.equal(words(60, 1980), 'up to 35 minutes');
  assert.equal(words(10, 1980), 'up to 35 minutes');
  assert.equal(words(100, 400), 'about 1 to 7 minutes', 'four times is not too wide');
  assert.equal(words(100, 401), 'up to 7 minutes');
  assert.equal(words(60, 600), 'up to 10 minutes');
  assert.equal(words(600, 7199), 'up to 120 minutes');
  assert.equal(words(600, 7201), 'up to 3 hours');
  assert.equal(waitWords({ fromS: 60, toS: 1980 }, roomText('zh')), '最多 35 分钟');
  assert.equal(waitWords({ fromS: 60, toS: 36_000 }, roomText('zh')), '最多 10 小时');
});

test('how long a place is kept is told in what the settings say, never more', () => {
  const words = (seconds: number) => keptWords(seconds, roomText('en'));
  assert.deepEqual([20, 60, 119, 180].map(words), ['20 seconds', 'a minute', 'a minute', '3 minutes']);
  assert.equal(keptWords(180, roomText('zh')), '3 分钟');
});
