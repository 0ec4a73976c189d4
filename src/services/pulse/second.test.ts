import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { PublishedEvent } from '../../platform/events/event.ts';
import { BuyerWindow, buyerWindowMs } from './buyers.ts';
import { quantileMs } from './readings.ts';
import { addSeconds, buyerMark, foldEvents, foldedTopics, type Second } from './second.ts';

const anyId = fc.uuid({ version: 4 });
const variantIds = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'];

const anyEvent = fc
  .record({
    topic: fc.constantFrom(...foldedTopics),
    occurredAtMs: fc.integer({ min: 1_800_000_000_000, max: 1_800_000_004_999 }),
    currency: fc.constantFrom('USD', 'JPY'),
    amountMinor: fc.integer({ min: 1, max: 1_000_000 }),
    buyerId: anyId,
    countryCode: fc.option(fc.constantFrom('CN', 'DE'), { nil: undefined }),
    paymentId: fc.option(anyId, { nil: undefined }),
    lines: fc.uniqueArray(
      fc.record({ variantId: fc.constantFrom(...variantIds), quantity: fc.integer({ min: 1, max: 9 }) }),
      { selector: ({ variantId }) => variantId },
    ),
  })
  .map(
    ({ topic, occurredAtMs, ...payload }): PublishedEvent => ({
      topic,
      key: 'order',
      eventId: 1,
      occurredAtMs,
      traceparent: undefined,
      payload: { version: 1, ...payload },
    }),
  );

/** As the store adds what is folded to what is kept. */
function fold(batches: readonly (readonly PublishedEvent[])[]): Second[] {
  const kept = new Map<number, Second>();
  for (const second of batches.flatMap(foldEvents)) {
    const before = kept.get(second.atMs);
    kept.set(second.atMs, before === undefined ? second : addSeconds(before, second));
  }
  return [...kept.values()].sort((a, b) => a.atMs - b.atMs);
}

test('the seconds are the same in whatever order and batches the events come', () => {
  const anyDeal = fc.array(anyEvent, { maxLength: 60 }).chain((events) =>
    fc.record({
      events: fc.constant(events),
      shuffled: fc.shuffledSubarray(events, { minLength: events.length }),
      cuts: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 60, maxLength: 60 }),
    }),
  );
  fc.assert(
    fc.property(anyDeal, ({ events, shuffled, cuts }) => {
      const batches: PublishedEvent[][] = [];
      for (let at = 0, cut = 0; at < shuffled.length; at += cuts[cut++] ?? 1) {
        batches.push(shuffled.slice(at, at + (cuts[cut] ?? 1)));
      }
      assert.deepEqual(fold(batches), foldEvents(events));
    }),
  );
});

test('nothing is counted twice or left out: the sum of the seconds is the sum of the events', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      const seconds = foldEvents(events);
      const of = (topic: string) => events.filter((event) => event.topic === topic);
      const amountOf = (topic: string, currency: string) =>
        of(topic)
          .filter(({ payload }) => payload.currency === currency)
          .reduce((sum, { payload }) => sum + Number(payload.amountMinor), 0);
      const total = (read: (second: Second) => number) => seconds.reduce((sum, second) => sum + read(second), 0);

      assert.equal(
        total((second) => second.placedCount),
        of('order.placed').length,
      );
      assert.equal(
        total((second) => second.paidCount),
        of('order.paid').length,
      );
      assert.equal(
        total((second) => second.cancelledCount),
        of('order.cancelled').length,
      );
      assert.equal(
        total((second) => second.expiredCount),
        of('order.expired').length,
      );
      const inRegions = total(({ regions }) => Object.values(regions).reduce((sum, count) => sum + count, 0));
      assert.equal(inRegions, of('order.placed').length);
      for (const currency of ['USD', 'JPY']) {
        const taken = amountOf('payment.captured', currency) - amountOf('payment.refunded', currency);
        assert.equal(
          total(({ money }) => money[currency] ?? 0),
          taken,
        );
      }
    }),
  );
});

test('units that are ordered, paid and given back are held, sold and free again', () => {
  const [variantId = ''] = variantIds;
  const event = (topic: string, paymentId?: string): PublishedEvent => ({
    topic,
    key: 'order',
    eventId: 1,
    occurredAtMs: 1_800_000_000_000,
    traceparent: undefined,
    payload: { version: 1, paymentId, lines: [{ variantId, quantity: 3 }] },
  });
  const unitsOf = (...events: PublishedEvent[]) => foldEvents(events)[0]?.units[variantId];
  assert.deepEqual(unitsOf(event('order.placed')), [3, 3, 0]);
  assert.deepEqual(unitsOf(event('order.placed'), event('order.paid', 'p')), [3, 0, 3]);
  assert.deepEqual(unitsOf(event('order.placed'), event('order.expired')), [3, 0, 0]);
  assert.deepEqual(unitsOf(event('order.placed'), event('order.cancelled')), [3, 0, 0]);
  assert.deepEqual(unitsOf(event('order.placed'), event('order.paid', 'p'), event('order.cancelled', 'p')), [3, 0, 0]);
});

test('buyers are counted once, for as long as five minutes', () => {
  const anyVisits = fc.array(
    fc.record({ second: fc.integer({ min: 0, max: 700 }), buyerId: fc.integer({ min: 1, max: 20 }) }),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(anyVisits, fc.integer({ min: 0, max: 700 }), (visits, until) => {
      const window = new BuyerWindow();
      for (let second = 0; second <= until; second++) {
        const marks = new Set(visits.filter((visit) => visit.second === second).map(({ buyerId }) => buyerId));
        window.add({ atMs: second * 1000, buyers: [...marks] });
        const recent = visits.filter((visit) => visit.second <= second && visit.second > second - buyerWindowMs / 1000);
        assert.equal(window.countAt(second * 1000), new Set(recent.map(({ buyerId }) => buyerId)).size);
      }
    }),
    { numRuns: 30 },
  );
});

test('the mark of a buyer is four bytes of the id', () => {
  assert.equal(buyerMark('01a2b3c4-0000-8000-8000-0000ffffffff'), -1);
  assert.equal(buyerMark('01a2b3c4-0000-8000-8000-000000000001'), 1);
});

test('a quantile is drawn through the bucket in which it falls', () => {
  const bounds = [0.01, 0.02, 0.05];
  for (const [counts, q, wanted] of [
    [[0, 0, 0, 0], 0.5, null],
    [[10, 0, 0, 0], 0.5, 5],
    [[0, 10, 0, 0], 0.5, 15],
    [[50, 40, 10, 0], 0.99, 47],
    [[0, 0, 0, 5], 0.99, 50],
  ] as const) {
    const found = quantileMs({ bounds, counts: [...counts] }, q);
    assert.equal(found === null ? null : Math.round(found * 10) / 10, wanted);
  }
});
