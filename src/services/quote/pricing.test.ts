import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { SellableVariant } from '../catalog/api.ts';
import type { PriceRule } from '../promotion/api.ts';
import { portionOf, spread } from './portion.ts';
import { type Offers, type PriceRequest, type Pricing, priceOrder } from './pricing.ts';

const idOf = (n: number) => `00000000-0000-8000-8000-${String(n).padStart(12, '0')}`;
const variantIds = Array.from({ length: 8 }, (_, n) => idOf(n));

const variant = (variantId: string, over: Partial<SellableVariant> = {}): SellableVariant => ({
  variantId,
  productId: idOf(900),
  productSlug: 'mug',
  sku: `SKU-${variantId.slice(-4)}`,
  title: 'Mug',
  productTitle: 'Mug',
  options: {},
  collections: ['kitchen/mugs'],
  prices: [{ currency: 'EUR', amountMinor: 1000 }],
  isPublished: true,
  ...over,
});
const rule = (over: Partial<PriceRule>): PriceRule => ({
  ruleId: idOf(700),
  name: 'Ten per cent',
  reduction: { kind: 'percentage', basisPoints: 1000 },
  scope: { kind: 'everything' },
  ...over,
});
const couponOf = (over: Partial<PriceRule>) => ({ ...rule({ couponCode: 'CODE', ...over }), couponId: idOf(800) });
const noOffers: Offers = { saleItems: [], foreignSaleItems: [], announced: [], rules: [] };
const request = (over: Partial<PriceRequest>): PriceRequest => ({
  currency: 'EUR',
  lines: [{ variantId: idOf(0), quantity: 1 }],
  variants: variantIds.map((id) => variant(id)),
  offers: noOffers,
  couponCode: undefined,
  deliveryMinor: 0,
  taxIncludedBasisPoints: 2000,
  ...over,
});
const saleOf = (variantId: string, amountMinor: number, endsAtMs = 5000, limitPerBuyer?: number) => ({
  saleId: idOf(500),
  endsAtMs,
  item: {
    saleItemId: idOf(501),
    variantId,
    currency: 'EUR',
    amountMinor,
    ...(limitPerBuyer !== undefined && { limitPerBuyer }),
  },
});

function priced(pricing: Pricing): Pricing & { kind: 'priced' } {
  assert(pricing.kind === 'priced', `expected a price, got ${JSON.stringify(pricing)}`);
  return pricing;
}

// --- Any order whatever ---------------------------------------------------------------------------------------------

const anyAmount = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(0, 1, 2, 3, 333, 99_999_989));
const anyReduction = fc.oneof(
  fc.record({ kind: fc.constant('percentage' as const), basisPoints: fc.integer({ min: 1, max: 10_000 }) }),
  fc.record({
    kind: fc.constant('fixed' as const),
    amountMinor: anyAmount,
    currency: fc.constantFrom('EUR', 'EUR', 'USD'),
  }),
);
const anyScope = fc.oneof(
  fc.constant({ kind: 'everything' as const }),
  fc.constantFrom('kitchen', 'kitchen/mugs', 'kitch', 'garden').map((path) => ({ kind: 'collection' as const, path })),
  fc.subarray(variantIds, { minLength: 1 }).map((ids) => ({ kind: 'variants' as const, variantIds: ids })),
);
const anyRule = fc
  .record({ reduction: anyReduction, scope: anyScope, n: fc.integer({ min: 600, max: 699 }) })
  .map(({ n, ...given }) => rule({ ...given, ruleId: idOf(n) }));
const anyRequest: fc.Arbitrary<PriceRequest> = fc
  .record({
    lines: fc.array(
      fc.record({ variantId: fc.constantFrom(...variantIds), quantity: fc.integer({ min: 1, max: 900 }) }),
      { minLength: 1, maxLength: 10 },
    ),
    amounts: fc.array(anyAmount, { minLength: 8, maxLength: 8 }),
    saleAmounts: fc.array(fc.option(anyAmount), { minLength: 8, maxLength: 8 }),
    rules: fc.array(anyRule, { maxLength: 4 }),
    coupon: fc.option(anyRule),
    deliveryMinor: fc.constantFrom(0, 490, 1490),
    taxIncludedBasisPoints: fc.constantFrom(0, 700, 1900, 2000, 10_000),
  })
  .map(({ amounts, saleAmounts, rules, coupon, ...rest }) =>
    request({
      ...rest,
      variants: variantIds.map((id, n) =>
        variant(id, {
          prices: [{ currency: 'EUR', amountMinor: amounts[n] ?? 0 }],
          collections: [['kitchen/mugs', 'kitchen', 'garden/pots'][n % 3] ?? ''],
        }),
      ),
      offers: {
        announced: [],
        foreignSaleItems: [],
        saleItems: variantIds.flatMap((id, n) => {
          const amountMinor = saleAmounts[n];
          return amountMinor === null || amountMinor === undefined ? [] : [saleOf(id, amountMinor)];
        }),
        rules,
        ...(coupon && { coupon: couponOf({ ...coupon, couponCode: 'SAVE' }) }),
      },
      couponCode: coupon ? 'SAVE' : undefined,
    }),
  );

/** A coupon that fits nothing is refused as a whole; the properties are about what is priced. */
const pricedOrUnfit = (given: PriceRequest) => {
  const pricing = priceOrder(given);
  return pricing.kind === 'coupon-unfit' ? priced(priceOrder({ ...given, couponCode: undefined })) : priced(pricing);
};

test('the total is the sum of the lines less their discounts, plus delivery; tax is within it', () => {
  fc.assert(
    fc.property(anyRequest, (given) => {
      const { lines, totalMinor, deliveryMinor, taxMinor } = pricedOrUnfit(given);
      let sumMinor = deliveryMinor;
      for (const line of lines) {
        assert.equal(line.totalMinor, line.unitPriceMinor * line.quantity - line.discountMinor);
        assert(line.discountMinor >= 0);
        assert(line.totalMinor >= 0);
        for (const amount of [line.unitPriceMinor, line.discountMinor, line.totalMinor]) {
          assert(Number.isSafeInteger(amount));
        }
        sumMinor += line.totalMinor;
      }
      assert.equal(totalMinor, sumMinor);
      assert(totalMinor <= 1_000_000_000_000);
      assert(taxMinor >= 0 && taxMinor <= totalMinor);
    }),
  );
});

test('no line is sent twice: each variant stands on one, with all that was asked of it', () => {
  fc.assert(
    fc.property(anyRequest, (given) => {
      const { lines } = pricedOrUnfit(given);
      assert.equal(new Set(lines.map((line) => line.variantId)).size, lines.length);
      for (const line of lines) {
        const asked = given.lines.filter(({ variantId }) => variantId === line.variantId);
        assert.equal(
          line.quantity,
          asked.reduce((sum, { quantity }) => sum + quantity, 0),
        );
      }
    }),
  );
});

test('the order of the lines changes nothing: neither the total nor what any variant costs', () => {
  fc.assert(
    fc.property(
      anyRequest.chain((given) =>
        fc.tuple(
          fc.constant(given),
          fc.shuffledSubarray([...given.lines], { minLength: given.lines.length, maxLength: given.lines.length }),
        ),
      ),
      ([given, lines]) => {
        const byVariant = (pricing: Pricing & { kind: 'priced' }) =>
          new Map([...pricing.lines].sort((a, b) => (a.variantId < b.variantId ? -1 : 1)).map((l) => [l.variantId, l]));
        const [one, other] = [pricedOrUnfit(given), pricedOrUnfit({ ...given, lines })];
        assert.equal(one.totalMinor, other.totalMinor);
        assert.deepEqual([...byVariant(one)], [...byVariant(other)]);
        assert.deepEqual(one.coupon, other.coupon);
      },
    ),
  );
});

test('merging lines of one variant beforehand never changes the total', () => {
  fc.assert(
    fc.property(anyRequest, (given) => {
      const merged = new Map<string, number>();
      for (const { variantId, quantity } of given.lines) {
        merged.set(variantId, (merged.get(variantId) ?? 0) + quantity);
      }
      const lines = [...merged].map(([variantId, quantity]) => ({ variantId, quantity }));
      assert.deepEqual(pricedOrUnfit({ ...given, lines }), pricedOrUnfit(given));
    }),
  );
});

test('what the coupon took is exactly what it says, and never more than was left', () => {
  fc.assert(
    fc.property(anyRequest, (given) => {
      const pricing = priceOrder(given);
      if (pricing.kind !== 'priced' || pricing.coupon === undefined) return;
      const without = priced(priceOrder({ ...given, couponCode: undefined }));
      assert.equal(without.totalMinor - pricing.totalMinor, pricing.coupon.discountMinor);
      assert(pricing.coupon.discountMinor > 0);
      const before = new Map(without.lines.map((line) => [line.variantId, line.totalMinor]));
      for (const line of pricing.lines) assert(line.totalMinor <= (before.get(line.variantId) ?? 0));
    }),
  );
});

test('a rule more never makes an order dearer', () => {
  fc.assert(
    fc.property(anyRequest, anyRule, (given, more) => {
      const plain = { ...given, couponCode: undefined };
      const before = priced(priceOrder(plain));
      const after = priced(priceOrder({ ...plain, offers: { ...plain.offers, rules: [...plain.offers.rules, more] } }));
      assert(after.totalMinor <= before.totalMinor);
    }),
  );
});

// --- Arithmetic -----------------------------------------------------------------------------------------------------

test('spread sums exactly, gives no share above its weight, and is within one unit of proportional', () => {
  const anyWeights = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 10 ** 12 })), {
    minLength: 1,
    maxLength: 100,
  });
  fc.assert(
    fc.property(anyWeights, fc.double({ min: 0, max: 1, noNaN: true }), (weights, fraction) => {
      const sum = weights.reduce((total, weight) => total + weight, 0);
      const amount = Math.floor(sum * fraction);
      const shares = spread(amount, weights);
      assert.equal(
        shares.reduce((total, share) => total + share, 0),
        amount,
      );
      shares.forEach((share, index) => {
        const weight = weights[index] ?? 0;
        assert(Number.isSafeInteger(share) && share >= 0 && share <= weight);
        if (sum === 0) return;
        const floor = Number((BigInt(amount) * BigInt(weight)) / BigInt(sum));
        assert(share === floor || share === floor + 1);
      });
    }),
  );
});

test('portionOf is the exact fraction rounded half to even', () => {
  const exactly = (amount: number, numerator: number, denominator: number) => {
    const [n, d] = [BigInt(amount) * BigInt(numerator), BigInt(denominator)];
    const [floor, twice] = [n / d, (n % d) * 2n];
    return Number(twice < d || (twice === d && floor % 2n === 0n) ? floor : floor + 1n);
  };
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 10 ** 14 })),
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 0, max: 10_000 }),
      (amount, numerator, more) => {
        assert.equal(portionOf(amount, numerator, 10_000), exactly(amount, numerator, 10_000));
        assert.equal(portionOf(amount, numerator, 10_000 + more), exactly(amount, numerator, 10_000 + more));
      },
    ),
  );
  // Halves go to the even neighbour, both ways.
  assert.equal(portionOf(1, 5000, 10_000), 0);
  assert.equal(portionOf(3, 5000, 10_000), 2);
  assert.equal(portionOf(5, 5000, 10_000), 2);
});

// --- Cases ----------------------------------------------------------------------------------------------------------

test('included tax: 20 % is a sixth of the total, delivery with it', () => {
  assert.equal(priced(priceOrder(request({ deliveryMinor: 200 }))).taxMinor, 200);
  assert.equal(priced(priceOrder(request({ taxIncludedBasisPoints: 0 }))).taxMinor, 0);
});

test("a sale's price is what the sale says, lower or higher than the list price or without one", () => {
  for (const amountMinor of [1, 999, 1001, 5000]) {
    const pricing = priced(priceOrder(request({ offers: { ...noOffers, saleItems: [saleOf(idOf(0), amountMinor)] } })));
    assert.equal(pricing.totalMinor, amountMinor);
    assert.equal(pricing.holdsUntilMs, 5000);
  }
  const unlisted = [variant(idOf(0), { prices: [] })];
  assert.equal(
    priced(priceOrder(request({ variants: unlisted, offers: { ...noOffers, saleItems: [saleOf(idOf(0), 700)] } })))
      .totalMinor,
    700,
  );
});

test("a sale's limit per buyer travels on the line; without one there is none", () => {
  const limited = priced(priceOrder(request({ offers: { ...noOffers, saleItems: [saleOf(idOf(0), 1, 5000, 2)] } })));
  assert.deepEqual(limited.lines[0]?.limit, { limitId: idOf(501), max: 2 });
  const free = priced(priceOrder(request({ offers: { ...noOffers, saleItems: [saleOf(idOf(0), 1)] } })));
  assert.equal('limit' in (free.lines[0] ?? {}), false);
});

test("in a currency that the sale has no price in, it is the list price, with the sale's limit and time to pay", () => {
  const foreign = { ...saleOf(idOf(0), 1, 5000, 2), payWithinMs: 60_000 };
  const offers = { ...noOffers, foreignSaleItems: [foreign] };
  const { lines, payWithinMs, totalMinor, holdsUntilMs } = priced(priceOrder(request({ offers })));
  assert.deepEqual([lines[0]?.limit, lines[0]?.isInSale, payWithinMs], [{ limitId: idOf(501), max: 2 }, true, 60_000]);
  assert.deepEqual([totalMinor, holdsUntilMs], [1000, Infinity]);
  const unlisted = [variant(idOf(0), { prices: [] })];
  assert.equal(priceOrder(request({ variants: unlisted, offers })).kind, 'not-priced');
});

test('of the rules on a line the best one counts, and only that one; the coupon comes on top', () => {
  const rules = [
    rule({ ruleId: idOf(1) }),
    rule({ ruleId: idOf(2), reduction: { kind: 'fixed', amountMinor: 150, currency: 'EUR' } }),
    rule({ ruleId: idOf(3), reduction: { kind: 'fixed', amountMinor: 999, currency: 'USD' } }),
    rule({
      ruleId: idOf(4),
      scope: { kind: 'variants', variantIds: [idOf(7)] },
      reduction: { kind: 'percentage', basisPoints: 10_000 },
    }),
  ];
  const lines = [{ variantId: idOf(0), quantity: 2 }];
  assert.equal(priced(priceOrder(request({ lines, offers: { ...noOffers, rules } }))).totalMinor, 1700);
  const coupon = couponOf({
    ruleId: idOf(9),
    couponCode: 'Half',
    reduction: { kind: 'percentage', basisPoints: 5000 },
  });
  const withCoupon = priced(
    priceOrder(request({ lines, offers: { ...noOffers, rules, coupon }, couponCode: ' hALF ' })),
  );
  assert.equal(withCoupon.totalMinor, 850);
  assert.deepEqual(withCoupon.coupon, { couponId: idOf(800), code: 'Half', discountMinor: 850, isLimited: false });
});

test('a fixed coupon is taken once off the order and spread to the minor unit', () => {
  const lines = [0, 1, 2].map((n) => ({ variantId: idOf(n), quantity: 1 }));
  const coupon = couponOf({ couponCode: 'TEN', reduction: { kind: 'fixed', amountMinor: 1000, currency: 'EUR' } });
  const pricing = priced(priceOrder(request({ lines, offers: { ...noOffers, coupon }, couponCode: 'TEN' })));
  assert.deepEqual(
    pricing.lines.map((line) => line.discountMinor),
    [334, 333, 333],
  );
  assert.equal(pricing.totalMinor, 2000);
});

test('a coupon says whether its redemptions are counted, in all or per buyer', () => {
  const isLimited = (over: Partial<PriceRule>) =>
    priced(
      priceOrder(request({ offers: { ...noOffers, coupon: couponOf({ couponCode: 'C', ...over }) }, couponCode: 'C' })),
    ).coupon;
  assert.equal(isLimited({})?.isLimited, false);
  assert.equal(isLimited({ redemptionsMax: 5 })?.isLimited, true);
  assert.deepEqual(isLimited({ limitPerBuyer: 1 })?.limit, { limitId: idOf(800), max: 1 });
  assert.equal(isLimited({ limitPerBuyer: 1 })?.isLimited, true);
});

test('a price holds until the first of the things it rests on ends, and of those only', () => {
  const ends = (over: Partial<Offers>, couponCode?: string) =>
    priced(priceOrder(request({ offers: { ...noOffers, ...over }, couponCode }))).holdsUntilMs;
  assert.equal(ends({}), Infinity);
  assert.equal(ends({ rules: [rule({ endsAtMs: 4000 })], saleItems: [saleOf(idOf(0), 900)] }), 4000);
  assert.equal(ends({ rules: [rule({ endsAtMs: 9000 })], saleItems: [saleOf(idOf(0), 900)] }), 5000);
  assert.equal(ends({ rules: [rule({ endsAtMs: 10, scope: { kind: 'collection', path: 'garden' } })] }), Infinity);
  assert.equal(ends({ coupon: couponOf({ endsAtMs: 30, couponCode: 'C' }) }, 'C'), 30);
});

const refusals: readonly (readonly [string, Partial<PriceRequest>, Pricing])[] = [
  ['an unknown variant', { variants: [] }, { kind: 'not-for-sale', variantId: idOf(0) }],
  [
    'an unpublished variant, even in a sale',
    { variants: [variant(idOf(0), { isPublished: false })], offers: { ...noOffers, saleItems: [saleOf(idOf(0), 1)] } },
    { kind: 'not-for-sale', variantId: idOf(0) },
  ],
  [
    'no price in this currency',
    { currency: 'USD' },
    { kind: 'not-priced', variantId: idOf(0), sku: variant(idOf(0)).sku, currency: 'USD' },
  ],
  [
    'no list price, and a sale that has not begun',
    {
      variants: [variant(idOf(0), { prices: [] })],
      offers: { ...noOffers, announced: [{ variantId: idOf(0), startsAtMs: 7, endsAtMs: 9 }] },
    },
    { kind: 'sale-not-open', variantId: idOf(0), startsAtMs: 7, endsAtMs: 9 },
  ],
  [
    'a list price, and a sale that it is held for',
    { offers: { ...noOffers, announced: [{ variantId: idOf(0), startsAtMs: 7, endsAtMs: 9, isHeld: true }] } },
    { kind: 'sale-not-open', variantId: idOf(0), startsAtMs: 7, endsAtMs: 9 },
  ],
  ['an unknown code', { couponCode: 'X' }, { kind: 'coupon-unknown' }],
  [
    'a coupon for what is not in the order',
    {
      couponCode: 'X',
      offers: { ...noOffers, coupon: couponOf({ couponCode: 'X', scope: { kind: 'collection', path: 'garden' } }) },
    },
    { kind: 'coupon-unfit' },
  ],
  [
    'a fixed coupon in another currency',
    {
      couponCode: 'X',
      offers: {
        ...noOffers,
        coupon: couponOf({ couponCode: 'X', reduction: { kind: 'fixed', amountMinor: 5, currency: 'USD' } }),
      },
    },
    { kind: 'coupon-unfit' },
  ],
  [
    'more of a variant than a line may hold, on several lines',
    { lines: [10_000, 1].map((quantity) => ({ variantId: idOf(0), quantity })) },
    { kind: 'too-many', variantId: idOf(0), quantity: 10_001 },
  ],
  [
    'a total beyond what amounts can be',
    {
      variants: [variant(idOf(0), { prices: [{ currency: 'EUR', amountMinor: 1_000_000_000_000 }] })],
      lines: [{ variantId: idOf(0), quantity: 10_000 }],
    },
    { kind: 'too-expensive' },
  ],
  [
    'a total that delivery alone carries beyond it',
    {
      variants: [variant(idOf(0), { prices: [{ currency: 'EUR', amountMinor: 1_000_000_000_000 }] })],
      deliveryMinor: 1,
    },
    { kind: 'too-expensive' },
  ],
];
for (const [name, over, outcome] of refusals) {
  test(`refused: ${name}`, () => assert.deepEqual(priceOrder(request(over)), outcome));
}
