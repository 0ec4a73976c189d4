import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Filter, filterQuery, pageNumbers, pageSize, parseFilter, sorts } from './filter.ts';

const anyFilter: fc.Arbitrary<Filter> = fc.record(
  {
    vendor: fc.string({ minLength: 1, maxLength: 50 }).filter((text) => text.trim() === text && !text.includes('\0')),
    priceMinMinor: fc.integer({ min: 0, max: 10_000_000 }),
    priceMaxMinor: fc.integer({ min: 0, max: 10_000_000 }),
    sort: fc.constantFrom(...sorts),
    page: fc.integer({ min: 1, max: Math.floor(10_000 / pageSize) }),
  },
  { requiredKeys: ['sort', 'page'] },
);

test('a link to a list says all of its filter, whatever the currency', () => {
  fc.assert(
    fc.property(anyFilter, fc.constantFrom(['USD', 2] as const, ['JPY', 0] as const), (filter, [currency, digits]) => {
      assert.deepEqual(parseFilter(new URLSearchParams(filterQuery(filter, digits)), currency), { ...filter });
    }),
  );
});

test('a list without conditions has no query', () => {
  assert.equal(filterQuery({ sort: 'newest', page: 1 }, 2), '');
});

test('whatever a link holds, a list can be made of it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('maker', 'from', 'to', 'sort', 'page'), fc.string())), (pairs) => {
      const filter = parseFilter(new URLSearchParams(pairs), 'USD');
      assert(sorts.includes(filter.sort));
      assert(filter.page >= 1 && (filter.page - 1) * pageSize <= 10_000);
      assert((filter.priceMinMinor ?? 0) >= 0 && (filter.priceMaxMinor ?? 0) >= 0);
      assert(!filter.vendor?.includes('\0') && (filter.vendor?.length ?? 0) <= 200);
    }),
  );
});

test('page numbers have the first, the last and those around, in order, and gaps only where some are left out', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }), (a, b) => {
      const [page, pageCount] = [Math.min(a, b), Math.max(a, b)];
      const numbers = pageNumbers(page, pageCount);
      const shown = numbers.filter((number) => number !== undefined);
      assert.equal(shown[0], 1);
      assert.equal(shown.at(-1), pageCount);
      assert(shown.includes(page));
      for (const [index, number] of numbers.entries()) {
        const [before, after] = [numbers[index - 1], numbers[index + 1]];
        if (number === undefined) assert((after ?? 0) - (before ?? 0) > 1);
        else if (before !== undefined) assert.equal(number - before, 1);
      }
    }),
  );
});
