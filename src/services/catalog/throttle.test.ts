import assert from 'node:assert/strict';
import test from 'node:test';
import { createThrottle } from './throttle.ts';

test('it acts at once, then once per interval however often it is asked, and once after the last time', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let count = 0;
  const throttle = createThrottle(100, () => {
    count += 1;
  });
  throttle.run();
  assert.equal(count, 1);
  for (let ms = 0; ms < 250; ms += 10) {
    throttle.run();
    t.mock.timers.tick(10);
  }
  assert.equal(count, 3);
  t.mock.timers.tick(1000);
  assert.equal(count, 4);
  t.mock.timers.tick(1000);
  assert.equal(count, 4);
  throttle.run();
  assert.equal(count, 5);
});

test('once stopped it does nothing more', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let count = 0;
  const throttle = createThrottle(100, () => {
    count += 1;
  });
  throttle.run();
  throttle.run();
  throttle.stop();
  t.mock.timers.tick(1000);
  assert.equal(count, 1);
});
