import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { PriceRule, Sale } from './api.ts';
import { couponIdOf, couponKey, redemptionsToAllot } from './coupon.ts';
import { createOfferBook, offersAt, salesAt } from './offers.ts';
import { priceRuleErrors, saleErrors } from './validity.ts';

const idOf = (n: number) => `00000000-0000-8000-8000-${String(n).padStart(12, '0')}`;
const sale = (n: number, startsAtMs: number, endsAtMs: number, amountMinor: number, over: object = {}): Sale => ({
  saleId: idOf(n),
  name: `Sale ${n}`,
  startsAtMs,
  endsAtMs,
  items: [{ saleItemId: idOf(n + 100), variantId: idOf(1), currency: 'EUR', amountMinor, ...over }],
});
const rule = (n: number, over: Partial<PriceRule> = {}): PriceRule => ({
  ruleId: idOf(n),
  name: `Rule ${n}`,
  reduction: { kind: 'percentage', basisPoints: 1000 },
  scope: { kind: 'everything' },
  ...over,
});
const ask = (over: object = {}) => ({ variantIds: [idOf(1)], currency: 'EUR', ...over });

test('a sale holds from the very millisecond of its start until before that of its end', () => {
  const book = createOfferBook([sale(1, 1000, 2000, 50)], []);
  const priceAt = (nowMs: number) => offersAt(book, ask(), nowMs).saleItems[0]?.item.amountMinor;
  assert.deepEqual([999, 1000, 1001, 1999, 2000].map(priceAt), [undefined, 50, 50, 50, undefined]);
});

test('a clock that steps back finds what held then', () => {
  const book = createOfferBook([sale(1, 1000, 2000, 50), sale(2, 2000, 3000, 40)], []);
  const priceAt = (nowMs: number) => offersAt(book, ask(), nowMs).saleItems[0]?.item.amountMinor;
  assert.deepEqual([2500, 1999, 999, 2000].map(priceAt), [40, 50, undefined, 40]);
});

test('rules and coupons have the same edges, and none where they name none', () => {
  const window = { startsAtMs: 1000, endsAtMs: 2000 };
  const book = createOfferBook(
    [],
    [
      rule(1, window),
      rule(2, { ...window, couponCode: 'A' }),
      rule(3, { ...window, scope: { kind: 'variants', variantIds: [idOf(1)] } }),
      rule(4),
      rule(5, { couponCode: 'B' }),
    ],
  );
  for (const [nowMs, isOpen] of [
    [999, false],
    [1000, true],
    [1999, true],
    [2000, false],
  ] as const) {
    const { rules, coupon } = offersAt(book, ask({ couponCode: 'A' }), nowMs);
    assert.deepEqual(rules.map((each) => each.ruleId).sort(), isOpen ? [idOf(1), idOf(3), idOf(4)] : [idOf(4)]);
    assert.equal(coupon?.ruleId, isOpen ? idOf(2) : undefined);
    assert.equal(offersAt(book, ask({ couponCode: 'B' }), nowMs).coupon?.ruleId, idOf(5));
  }
});

test('of sales that overlap the lowest price holds, whatever order they are read in', () => {
  const sales = [sale(1, 0, 9000, 70), sale(2, 1000, 5000, 60), sale(3, 2000, 3000, 80)];
  const anyOrder = fc.shuffledSubarray(sales, { minLength: 3 });
  fc.assert(
    fc.property(anyOrder, fc.integer({ min: 0, max: 9999 }), (shuffled, nowMs) => {
      const running = sales.filter((each) => each.startsAtMs <= nowMs && nowMs < each.endsAtMs);
      const lowest = Math.min(...running.map((each) => each.items[0]?.amountMinor ?? Infinity));
      const { saleItems } = offersAt(createOfferBook(shuffled, []), ask(), nowMs);
      assert.equal(saleItems[0]?.item.amountMinor ?? Infinity, lowest);
      assert(saleItems.length <= 1);
    }),
  );
});

test('a variant in no running sale hears of the next one; in a running one, of nothing else', () => {
  const book = createOfferBook([sale(1, 3000, 4000, 70), sale(2, 2000, 2500, 90), sale(3, 2100, 9000, 10)], []);
  assert.deepEqual(offersAt(book, ask(), 1000).announced, [
    { saleId: idOf(2), variantId: idOf(1), startsAtMs: 2000, endsAtMs: 2500 },
  ]);
  assert.deepEqual(offersAt(book, ask(), 2200).announced, []);
  assert.deepEqual(offersAt(book, ask({ currency: 'USD' }), 1000).announced, []);
  const nothing = { saleItems: [], foreignSaleItems: [], runningSales: [], announced: [], rules: [] };
  assert.deepEqual(offersAt(book, ask(), 9000), nothing);
});

test('a variant is held from when its sale is planned until the first of its sales starts, whatever the currency', () => {
  const held = { ...sale(1, 3000, 4000, 70), isHeldUntilStart: true };
  const dollars = sale(2, 2000, 2500, 90, { currency: 'USD' });
  const at = (sales: readonly Sale[], currency: string, nowMs: number) =>
    offersAt(createOfferBook(sales, []), ask({ currency }), nowMs).announced.map(({ saleId, isHeld = false }) => [
      saleId,
      isHeld,
    ]);
  for (const currency of ['EUR', 'USD', 'JPY']) {
    assert.deepEqual(at([held], currency, 2999), [[idOf(1), true]], currency);
    assert.deepEqual(at([held, dollars], currency, 1999), [[idOf(2), true]], 'another sale of it is one, too');
    assert.deepEqual(at([held, dollars], currency, 2500), [[idOf(1), true]], 'between two');
    assert.deepEqual(at([held], currency, 3000), []);
    assert.deepEqual(at([held], currency, 4000), []);
  }
  assert.deepEqual(at([held, dollars], 'USD', 2000), []);
  assert.deepEqual(at([held, dollars], 'EUR', 2000), [[idOf(1), false]], 'while another runs it is sold');
  assert.deepEqual(at([held, dollars], 'JPY', 2000), []);
  assert.deepEqual(at([sale(1, 3000, 4000, 70)], 'EUR', 1), [[idOf(1), false]]);
});

test('when a sale starts next is told whatever its currency, and whatever runs', () => {
  const book = createOfferBook([sale(1, 3000, 4000, 70), sale(2, 2000, 2500, 90)], []);
  const nextAt = (query: Parameters<typeof ask>[0], nowMs: number) =>
    offersAt(book, ask(query), nowMs).nextSaleStartsAtMs;
  assert.deepEqual([nextAt({}, 1999), nextAt({ currency: 'USD' }, 1999), nextAt({}, 2000)], [2000, 2000, 3000]);
  assert.deepEqual([nextAt({}, 3000), nextAt({ variantIds: [idOf(2)] }, 0)], [undefined, undefined]);
});

test('another currency or another variant is another price', () => {
  const book = createOfferBook([sale(1, 0, 9000, 70)], []);
  assert.deepEqual(offersAt(book, ask({ currency: 'USD' }), 1).saleItems, []);
  assert.deepEqual(offersAt(book, ask({ variantIds: [idOf(2)] }), 1).saleItems, []);
});

test('a variant in a sale of other currencies only hears of one that runs, and of the next of its own', () => {
  const items = (currency: string) => [
    { saleItemId: idOf(101), variantId: idOf(1), currency, amountMinor: 50, limitPerBuyer: 2 },
  ];
  const euros = sale(1, 0, 9000, 70, { limitPerBuyer: 2 });
  const yen = { ...sale(2, 0, 9000, 0), items: items('JPY') };
  const dollars = { ...sale(3, 5000, 6000, 0), items: items('USD') };
  const at = (currency: string, nowMs: number) => {
    const offers = offersAt(createOfferBook([euros, yen, dollars], []), ask({ currency }), nowMs);
    const { saleItems, foreignSaleItems, announced } = offers;
    return [saleItems, foreignSaleItems, announced].map((some) => some.map(({ saleId }) => saleId));
  };
  assert.deepEqual(at('EUR', 1), [[idOf(1)], [], []]);
  assert.deepEqual(at('JPY', 1), [[idOf(2)], [], []]);
  assert.deepEqual(at('USD', 1), [[], [idOf(2)], [idOf(3)]]);
  assert.deepEqual(at('USD', 5000), [[idOf(3)], [], []]);
  assert.deepEqual(at('USD', 9000), [[], [], []]);
});

test('all running sales of a variant are told, whatever their currency and price, first the one that holds', () => {
  const dollars = sale(3, 0, 6000, 1, { currency: 'USD' });
  const book = createOfferBook([sale(1, 0, 9000, 70), sale(2, 0, 5000, 90), dollars, sale(4, 8000, 9000, 5)], []);
  const toldIn = (currency: string, nowMs: number) =>
    offersAt(book, ask({ currency, variantIds: [idOf(1), idOf(2)] }), nowMs).runningSales;
  const told = (...saleIds: string[]) => [{ variantId: idOf(1), saleIds }];
  assert.deepEqual(toldIn('EUR', 1), told(idOf(1), idOf(3), idOf(2)));
  assert.deepEqual(toldIn('USD', 1), told(idOf(3), idOf(1), idOf(2)));
  assert.deepEqual(toldIn('JPY', 1), told(idOf(3), idOf(1), idOf(2)));
  assert.deepEqual(toldIn('USD', 6500), told(idOf(1)));
  assert.deepEqual(toldIn('EUR', 9000), []);
});

test('a list of variants is shortened to those asked for, and one that has none of them stays away', () => {
  const variantIds = Array.from({ length: 1000 }, (_, n) => idOf(n));
  const book = createOfferBook(
    [],
    [
      rule(1, { scope: { kind: 'variants', variantIds } }),
      rule(2, { scope: { kind: 'variants', variantIds: [idOf(5000)] } }),
    ],
  );
  const { rules } = offersAt(book, ask({ variantIds: [idOf(3), idOf(7), idOf(3), idOf(2000)] }), 1);
  assert.deepEqual(rules, [rule(1, { scope: { kind: 'variants', variantIds: [idOf(3), idOf(7)] } })]);
});

test('a code is the same in any case, with blanks around it, and however it was composed', () => {
  const book = createOfferBook([], [rule(1, { couponCode: 'Été 10' })]);
  for (const code of ['été 10', ' ÉTÉ 10\t', 'E\u0301te\u0301 10']) {
    assert.equal(offersAt(book, ask({ couponCode: code }), 1).coupon?.couponId, couponIdOf(idOf(1)), code);
  }
  for (const code of ['ete 10', 'été10', '', '%', 'constructor', '__proto__']) {
    assert.equal(offersAt(book, ask({ couponCode: code }), 1).coupon, undefined, code);
  }
  assert.equal(couponKey(couponKey(' ÉTÉ ')), couponKey('été'));
});

test('a coupon is not applied by itself, nor a rule as a coupon', () => {
  const book = createOfferBook([], [rule(1, { couponCode: 'A' }), rule(2)]);
  const { rules, coupon } = offersAt(book, ask(), 1);
  assert.deepEqual([rules.map((each) => each.ruleId), coupon], [[idOf(2)], undefined]);
});

test('what is listed is running or announced', () => {
  const book = createOfferBook([sale(1, 0, 1000, 1), sale(2, 500, 2000, 1), sale(3, 5000, 6000, 1)], []);
  const listed = (nowMs: number) => salesAt(book, nowMs).map((each) => each.name);
  assert.deepEqual(listed(999), ['Sale 1', 'Sale 2', 'Sale 3']);
  assert.deepEqual(listed(1000), ['Sale 2', 'Sale 3']);
  assert.deepEqual(listed(6000), []);
});

test('redemptions are counted when there is a maximum in all, or per buyer', () => {
  assert.equal(redemptionsToAllot(rule(1, { couponCode: 'A' })), undefined);
  assert.equal(redemptionsToAllot(rule(1, { couponCode: 'A', redemptionsMax: 5, limitPerBuyer: 1 })), 5);
  assert.equal(redemptionsToAllot(rule(1, { couponCode: 'A', limitPerBuyer: 1 })), 2_000_000_000);
});

test('a sale that cannot be is refused with the place of each mistake', () => {
  const item = { variantId: idOf(1), currency: 'EUR', amountMinor: 1 };
  const pointers = (over: object) =>
    saleErrors({ name: 'S', startsAtMs: 1, endsAtMs: 2, items: [item], ...over }).map((error) => error.pointer);
  assert.deepEqual(pointers({}), []);
  assert.deepEqual(pointers({ endsAtMs: 1 }), ['/endsAtMs']);
  assert.deepEqual(pointers({ endsAtMs: 0 }), ['/endsAtMs']);
  assert.deepEqual(pointers({ items: [item, { ...item, currency: 'USD' }] }), []);
  assert.deepEqual(pointers({ items: [item, { ...item, amountMinor: 2 }] }), ['/items/1']);
  assert.deepEqual(pointers({ items: [{ ...item, currency: 'ZZZ' }] }), ['/items/0/currency']);
});

test('a rule that cannot be is refused with the place of each mistake', () => {
  const pointers = (over: Partial<PriceRule>) => priceRuleErrors(rule(1, over)).map((error) => error.pointer);
  assert.deepEqual(pointers({ startsAtMs: 5 }), []);
  assert.deepEqual(pointers({ startsAtMs: 5, endsAtMs: 5 }), ['/endsAtMs']);
  assert.deepEqual(pointers({ redemptionsMax: 5, limitPerBuyer: 1 }), ['/redemptionsMax', '/limitPerBuyer']);
  assert.deepEqual(pointers({ couponCode: ' \t ', redemptionsMax: 5 }), ['/couponCode']);
  assert.deepEqual(pointers({ reduction: { kind: 'fixed', amountMinor: 1, currency: 'QQQ' } }), [
    '/reduction/currency',
  ]);
});
