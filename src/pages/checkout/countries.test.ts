import assert from 'node:assert/strict';
import test from 'node:test';
import { countriesIn } from './countries.ts';

test('every country is there once, by the name that the language gives it; what is none is not', () => {
  const [english, chinese] = [countriesIn('en'), countriesIn('zh')];
  const codes = english.map(({ code }) => code);
  assert.deepEqual(codes.toSorted(), chinese.map(({ code }) => code).toSorted());
  assert.equal(new Set(codes).size, codes.length);
  // ISO 3166-1 has 249; CLDR adds Kosovo, which parcels go to as well.
  assert(codes.length >= 249 && codes.length <= 251, String(codes.length));
  for (const code of ['DE', 'CN', 'US', 'GB', 'AX', 'XK']) assert(codes.includes(code), code);
  for (const code of ['EU', 'UN', 'ZZ', 'SU', 'DD', 'UK', 'QO', 'AC']) assert(!codes.includes(code), code);
  assert.equal(english.find(({ code }) => code === 'DE')?.name, 'Germany');
  assert.equal(chinese.find(({ code }) => code === 'DE')?.name, '德国');
});
