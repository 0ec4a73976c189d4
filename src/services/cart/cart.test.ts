import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type CartChange, type CartOutcome, type CartRequest, makeChanges, type StoredCart } from './cart.ts';

const idOf = (n: number) => `00000000-0000-8000-8000-${String(n).padStart(12, '0')}`;
const cartOf = (over: Partial<StoredCart> = {}): StoredCart => ({
  cartId: idOf(1),
  buyerId: idOf(2),
  currency: 'EUR',
  lines: [],
  contact: undefined,
  deliveryAddress: undefined,
  deliveryMethod: undefined,
  couponCode: undefined,
  version: 1,
  updatedAtMs: 1000,
  ...over,
});
const newLine = (n: number, quantity = 1) => ({ lineId: idOf(n), variantId: idOf(50), quantity });
const line = (n: number, quantity = 1, position = n) => ({ ...newLine(n, quantity), position });
const add = (n: number, quantity = 1): CartChange => ({
  kind: 'add-line',
  line: newLine(n, quantity),
  soldIn: ['EUR'],
});
const request = (change: CartChange, over: object = {}): CartRequest => ({
  kind: 'change',
  cartId: idOf(1),
  ifMatch: undefined,
  change,
  ...over,
});

function makeOne(cart: StoredCart, change: CartChange, ifMatch?: string): CartOutcome {
  const outcome = makeChanges(new Map([[cart.cartId, cart]]), [request(change, { ifMatch })], 2000).outcomes[0];
  assert(outcome !== undefined);
  return outcome;
}

const address = {
  kind: 'set-address' as const,
  contact: { email: 'a@example.org' },
  deliveryAddress: { name: 'A', line1: 'B', city: 'C', countryCode: 'DE' },
};

test('two lines may share a variant, and each keeps its quantity', () => {
  const { outcomes } = makeChanges(new Map([[idOf(1), cartOf()]]), [request(add(11, 3)), request(add(10, 4))], 2000);
  assert(outcomes[1]?.kind === 'saved');
  assert.deepEqual(outcomes[1].cart.lines, [line(11, 3, 1), line(10, 4, 2)]);
  assert.equal(outcomes[1].cart.version, 3);
  assert.equal(outcomes[1].cart.updatedAtMs, 2000);
});

test('a line that joins another raises it, to what a line may hold, and brings the price last seen', () => {
  const joining = (n: number, quantity: number, seenUnitPriceMinor?: number): CartChange => ({
    kind: 'add-line',
    line: { ...newLine(n, quantity), ...(seenUnitPriceMinor !== undefined && { seenUnitPriceMinor }) },
    soldIn: ['EUR'],
    joinsLine: true,
  });
  const cases: [before: StoredCart['lines'], change: CartChange, after: StoredCart['lines']][] = [
    [[], joining(10, 2, 500), [{ ...line(10, 2, 1), seenUnitPriceMinor: 500 }]],
    [[line(10, 2)], joining(11, 3), [line(10, 5)]],
    [[{ ...line(10, 2), seenUnitPriceMinor: 500 }], joining(11, 1), [{ ...line(10, 3), seenUnitPriceMinor: 500 }]],
    [[{ ...line(10, 2), seenUnitPriceMinor: 500 }], joining(11, 1, 600), [{ ...line(10, 3), seenUnitPriceMinor: 600 }]],
    [[line(10, 9_999)], joining(11, 5), [line(10, 10_000)]],
    [[{ ...line(10), variantId: idOf(51) }], joining(11, 1), [{ ...line(10), variantId: idOf(51) }, line(11)]],
  ];
  for (const [lines, change, after] of cases) {
    const outcome = makeOne(cartOf({ lines }), change);
    assert(outcome.kind === 'saved');
    assert.deepEqual(outcome.cart.lines, after);
  }
  const hundred = Array.from({ length: 100 }, (_, n) => ({ ...line(100 + n), variantId: idOf(500 + n) }));
  assert.deepEqual(makeOne(cartOf({ lines: hundred }), joining(10, 1)), { kind: 'full' });
  const [first] = hundred;
  assert(first !== undefined);
  const known = { ...joining(10, 1), line: { ...newLine(10), variantId: first.variantId } } as CartChange;
  assert.equal(makeOne(cartOf({ lines: hundred }), known).kind, 'saved');
});

test('each change is one version more; what changes nothing is none', () => {
  const full = cartOf({ lines: [line(10, 2)], couponCode: 'A', deliveryMethod: 'express', ...address, version: 7 });
  const nothing: CartChange[] = [
    { kind: 'set-quantity', lineId: idOf(10), quantity: 2 },
    { kind: 'remove-line', lineId: idOf(99) },
    structuredClone(address),
    { kind: 'set-delivery', deliveryMethod: 'express', offeredIn: ['EUR'] },
    { kind: 'set-coupon', couponCode: 'A' },
  ];
  for (const change of nothing) assert.deepEqual(makeOne(full, change), { kind: 'saved', cart: full });
  const something: CartChange[] = [
    add(11),
    { kind: 'set-quantity', lineId: idOf(10), quantity: 3 },
    { kind: 'remove-line', lineId: idOf(10) },
    { kind: 'remove-lines' },
    { ...address, contact: { email: 'b@example.org' } },
    { kind: 'set-delivery', deliveryMethod: 'standard', offeredIn: ['EUR'] },
    { kind: 'set-coupon', couponCode: undefined },
  ];
  for (const change of something) {
    const outcome = makeOne(full, change);
    assert(outcome.kind === 'saved');
    assert.equal(outcome.cart.version, 8, change.kind);
  }
});

test('a condition on the version is checked against what the changes before it have made', () => {
  const carts = new Map([[idOf(1), cartOf({ version: 4 })]]);
  const at = (ifMatch: string | undefined) => request(add(10), { ifMatch });
  const { outcomes } = makeChanges(carts, [at('"4"'), at('"4"'), at('"5"'), at(undefined), at('*'), at('4')], 2000);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind),
    ['saved', 'version-differs', 'saved', 'saved', 'saved', 'version-differs'],
  );
  assert.deepEqual(outcomes[1], { kind: 'version-differs', version: 5 });
});

const refusals: readonly (readonly [string, Partial<StoredCart>, CartChange, CartOutcome])[] = [
  ['a price in no currency of the cart', { currency: 'USD' }, add(10), { kind: 'not-priced', currency: 'USD' }],
  ['the hundred-and-first line', { lines: Array.from({ length: 100 }, (_, n) => line(n)) }, add(200), { kind: 'full' }],
  ['a line that is not there', {}, { kind: 'set-quantity', lineId: idOf(9), quantity: 1 }, { kind: 'no-line' }],
  [
    'a delivery that is not offered in its currency',
    { currency: 'JPY' },
    { kind: 'set-delivery', deliveryMethod: 'express', offeredIn: ['EUR', 'USD'] },
    { kind: 'delivery-unknown', currency: 'JPY' },
  ],
];
for (const [name, over, change, outcome] of refusals) {
  test(`refused, and nothing is changed: ${name}`, () => {
    const before = new Map([[idOf(1), cartOf(over)]]);
    const { outcomes, carts } = makeChanges(before, [request(change)], 2000);
    assert.deepEqual(outcomes, [outcome]);
    assert.equal(carts.get(idOf(1)), before.get(idOf(1)));
  });
}

test('a cart that is not there is told so, and its neighbours in the batch are not disturbed', () => {
  const { outcomes } = makeChanges(
    new Map([[idOf(1), cartOf()]]),
    [request(add(10), { cartId: idOf(404) }), request(add(10))],
    2000,
  );
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind),
    ['no-cart', 'saved'],
  );
});

test('a cart begun in a batch can be changed in the same one', () => {
  const { outcomes, carts } = makeChanges(new Map(), [{ kind: 'begin', cart: cartOf() }, request(add(10))], 2000);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind),
    ['saved', 'saved'],
  );
  assert.equal(carts.get(idOf(1))?.lines.length, 1);
});

const anyChange: fc.Arbitrary<CartChange> = fc.oneof(
  fc.integer({ min: 10, max: 200 }).map((n) => add(n)),
  fc
    .record({ n: fc.integer({ min: 10, max: 40 }), quantity: fc.integer({ min: 1, max: 10_000 }) })
    .map(({ n, quantity }): CartChange => ({ kind: 'set-quantity', lineId: idOf(n), quantity })),
  fc.integer({ min: 10, max: 40 }).map((n): CartChange => ({ kind: 'remove-line', lineId: idOf(n) })),
  fc.constant(address),
  fc
    .option(fc.constantFrom('A', 'B'), { nil: undefined })
    .map((couponCode): CartChange => ({ kind: 'set-coupon', couponCode })),
);

test('changes made together end as changes made one by one, and never touch the carts they were given', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 40 }), (changes) => {
      const start = Object.freeze(cartOf());
      const together = makeChanges(
        new Map([[idOf(1), start]]),
        changes.map((change) => request(change)),
        2000,
      );
      let carts: ReadonlyMap<string, StoredCart> = new Map([[idOf(1), start]]);
      const outcomes = changes.map((change) => {
        const step = makeChanges(carts, [request(change)], 2000);
        carts = step.carts;
        return step.outcomes[0];
      });
      assert.deepEqual(together.outcomes, outcomes);
      assert.deepEqual(together.carts, carts);
      assert.deepEqual(start, cartOf());
    }),
  );
});
