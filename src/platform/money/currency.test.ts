import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatAmount, minorUnitDigits, parseAmountMinor } from './currency.ts';

const cases: [string, string, number | undefined][] = [
  ['12.5', 'USD', 1250],
  ['1,234.50', 'USD', 123_450],
  ['0.1', 'USD', 10],
  ['1.10', 'JPY', undefined],
  ['1.00', 'JPY', 1],
  ['1.234', 'KWD', 1234],
  ['1.234', 'USD', undefined],
  ['-1', 'USD', undefined],
  ['1e3', 'USD', undefined],
  ['', 'USD', undefined],
  ['12,34', 'USD', undefined],
  ['NaN', 'USD', undefined],
  ['99999999999999999999', 'USD', undefined],
  ['1', 'XYZ', undefined],
];
for (const [text, currency, amountMinor] of cases) {
  test(`${JSON.stringify(text)} in ${currency} is ${amountMinor ?? 'no amount'}`, () => {
    assert.equal(parseAmountMinor(text, currency), amountMinor);
  });
}

test('every amount written out and read back is the same amount', () => {
  fc.assert(
    fc.property(fc.constantFrom('USD', 'JPY', 'KWD', 'EUR'), fc.nat(1_000_000_000_000), (currency, amountMinor) => {
      const digits = minorUnitDigits(currency) ?? 0;
      const whole = `${Math.floor(amountMinor / 10 ** digits)}`;
      const text = digits === 0 ? whole : `${whole}.${String(amountMinor % 10 ** digits).padStart(digits, '0')}`;
      assert.equal(parseAmountMinor(text, currency), amountMinor);
    }),
  );
});

test('amounts are written for people in their currency', () => {
  assert.equal(formatAmount(1250, 'USD'), '$12.50');
  assert.equal(formatAmount(1250, 'JPY'), '¥1,250');
});
