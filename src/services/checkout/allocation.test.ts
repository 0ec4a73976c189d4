import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type AllocationRequest, allocate, takingKey } from './allocation.ts';

const subjectIds = ['red', 'green', 'blue'];
const buyerIds = ['ann', 'ben'];

const anyTake = (subjectId: string) =>
  fc.record(
    {
      subjectId: fc.constant(subjectId),
      quantity: fc.integer({ min: 1, max: 5 }),
      limit: fc.record({ limitId: fc.constant(`limit of ${subjectId} `), max: fc.integer({ min: 1, max: 6 }) }),
    },
    { requiredKeys: ['subjectId', 'quantity'] },
  );
const anyRequest: fc.Arbitrary<AllocationRequest> = fc.record({
  buyerId: fc.constantFrom(...buyerIds),
  takes: fc.subarray(subjectIds, { minLength: 1 }).chain((ids) => fc.tuple(...ids.map(anyTake))),
});
const anyRequests = fc.array(anyRequest, { maxLength: 20 });
const anyStock = fc
  .array(fc.integer({ min: 0, max: 12 }), { minLength: subjectIds.length, maxLength: subjectIds.length })
  .map((counts) => new Map(subjectIds.map((id, index) => [id, counts[index] ?? 0])));

function unitsBy(requests: readonly AllocationRequest[], isAllocated: readonly boolean[]) {
  const units = new Map<string, number>();
  requests.forEach(({ takes }, index) => {
    if (!isAllocated[index]) return;
    for (const { subjectId, quantity } of takes) units.set(subjectId, (units.get(subjectId) ?? 0) + quantity);
  });
  return units;
}

test('no subject is promised beyond what is available', () => {
  fc.assert(
    fc.property(anyRequests, anyStock, (requests, available) => {
      const isAllocated = allocate(requests, available, new Map()).map((allocation) => allocation.kind === 'allocated');
      for (const [subjectId, promised] of unitsBy(requests, isAllocated)) {
        assert(promised <= (available.get(subjectId) ?? 0));
      }
    }),
  );
});

test('no buyer gets beyond a limit, what was taken before included', () => {
  fc.assert(
    fc.property(anyRequests, anyStock, fc.integer({ min: 0, max: 4 }), (requests, available, before) => {
      const taken = new Map(buyerIds.map((buyerId) => [takingKey('limit of red ', buyerId), before]));
      const allocations = allocate(requests, available, taken);
      for (const buyerId of buyerIds) {
        let held = before;
        requests.forEach((request, index) => {
          if (request.buyerId !== buyerId || allocations[index]?.kind !== 'allocated') return;
          for (const { subjectId, quantity, limit } of request.takes) {
            if (subjectId !== 'red' || limit === undefined) continue;
            held += quantity;
            assert(held <= limit.max);
          }
        });
      }
    }),
  );
});

test('an order that fits what the ones before it left is never refused, and one that does not fit takes nothing', () => {
  fc.assert(
    fc.property(anyRequests, anyStock, (given, available) => {
      const requests = given.map(({ buyerId, takes }) => ({
        buyerId,
        takes: takes.map(({ subjectId, quantity }) => ({ subjectId, quantity })),
      }));
      const left = new Map(available);
      allocate(requests, available, new Map()).forEach((allocation, index) => {
        const takes = requests[index]?.takes ?? [];
        const fits = takes.every(({ subjectId, quantity }) => quantity <= (left.get(subjectId) ?? 0));
        assert.equal(allocation.kind === 'allocated', fits);
        if (fits) for (const take of takes) left.set(take.subjectId, (left.get(take.subjectId) ?? 0) - take.quantity);
      });
    }),
  );
});

test('splitting a run of requests into two batches gives the same answers', () => {
  fc.assert(
    fc.property(anyRequests, anyStock, fc.nat(20), (requests, available, at) => {
      const whole = allocate(requests, available, new Map());
      const first = allocate(requests.slice(0, at), available, new Map());
      const left = new Map(available);
      const taken = new Map<string, number>();
      requests.slice(0, at).forEach(({ buyerId, takes }, index) => {
        if (first[index]?.kind !== 'allocated') return;
        for (const { subjectId, quantity, limit } of takes) {
          left.set(subjectId, (left.get(subjectId) ?? 0) - quantity);
          if (limit) {
            const key = takingKey(limit.limitId, buyerId);
            taken.set(key, (taken.get(key) ?? 0) + quantity);
          }
        }
      });
      assert.deepEqual([...first, ...allocate(requests.slice(at), left, taken)], whole);
    }),
  );
});

test('a pass is good for one order, the first that gets what it asks for, and for none if it was used before', () => {
  const anyPassKey = fc.constantFrom(undefined, 'room/1', 'room/2', 'used');
  const withPasses = fc.array(fc.tuple(anyRequest, anyPassKey), { maxLength: 20 });
  fc.assert(
    fc.property(withPasses, anyStock, (given, available) => {
      const requests = given.map(([request, passKey]) => ({ ...request, passKey }));
      const allocations = allocate(requests, available, new Map(), new Set(['used']));
      const used = new Set(['used']);
      allocations.forEach(({ kind }, index) => {
        const key = requests[index]?.passKey;
        assert.equal(kind === 'pass-used', key !== undefined && used.has(key));
        if (kind === 'allocated' && key !== undefined) used.add(key);
      });
    }),
  );
});

test('one subject in two takes of an order is a bug, not an order', () => {
  const takes = [
    { subjectId: 'red', quantity: 3 },
    { subjectId: 'red', quantity: 3 },
  ];
  assert.throws(() => allocate([{ buyerId: 'ann', takes }], new Map([['red', 5]]), new Map()), /stands in one take/);
});

test('nobody holds more unpaid than may be, what was held before included, and who is refused takes nothing', () => {
  const anyHold = fc.record({ key: fc.constantFrom('a', 'b'), quantity: fc.integer({ min: 1, max: 3 }) });
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(anyHold, { selector: ({ key }) => key, maxLength: 2 }), { maxLength: 20 }),
      fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(6), { noNullPrototype: true }),
      fc.nat(6),
      (wanted, before, max) => {
        const requests = wanted.map((holds) => ({
          buyerId: 'buyer',
          takes: [{ subjectId: 'variant', quantity: 1 }],
          holds: holds.map((hold) => ({ ...hold, of: 'network' as const, holderId: hold.key, max })),
        }));
        const held = new Map(Object.entries(before));
        const outcomes = allocate(requests, new Map([['variant', 100]]), new Map(), new Set(), held);
        for (const [index, { holds }] of requests.entries()) {
          const fits = holds.every(({ key, quantity }) => (held.get(key) ?? 0) + quantity <= max);
          assert.equal(outcomes[index]?.kind, fits ? 'allocated' : 'too-many-unpaid');
          if (!fits) continue;
          for (const { key, quantity } of holds) held.set(key, (held.get(key) ?? 0) + quantity);
        }
      },
    ),
  );
});

test('whatever some holders order, they leave what their shares leave, and who holds nothing is not refused the least', () => {
  const anyOrder = fc.record({
    holderId: fc.constantFrom('a', 'b', 'c', 'd'),
    quantity: fc.integer({ min: 1, max: 40 }),
  });
  const anyShare = fc.record({ percent: fc.integer({ min: 1, max: 100 }), unitsMin: fc.integer({ min: 1, max: 5 }) });
  fc.assert(
    fc.property(fc.array(anyOrder, { maxLength: 60 }), anyShare, fc.nat(200), (orders, share, units) => {
      const hold = { of: 'network' as const, subjectId: 'red', max: Number.POSITIVE_INFINITY, share };
      const requests = orders.map(({ holderId, quantity }) => ({
        buyerId: 'buyer',
        takes: [{ subjectId: 'red', quantity }],
        holds: [{ ...hold, holderId, key: holderId, quantity }],
      }));
      const outcomes = allocate(requests, new Map([['red', units]]), new Map());
      const held = new Map<string, number>();
      orders.forEach(({ holderId, quantity }, index) => {
        const heldBefore = held.get(holderId) ?? 0;
        const kind = outcomes[index]?.kind;
        assert(kind !== 'too-many-unpaid' || heldBefore + quantity > share.unitsMin);
        if (kind === 'allocated') held.set(holderId, heldBefore + quantity);
      });
      let leftAtLeast = units;
      for (const _ of held) {
        leftAtLeast -= Math.max(share.unitsMin, Math.floor((leftAtLeast * share.percent) / 100));
      }
      const left = [...held.values()].reduce((sum, quantity) => sum - quantity, units);
      assert(left >= leftAtLeast, `${left} of ${units} are left, not ${leftAtLeast}`);
    }),
  );
});
