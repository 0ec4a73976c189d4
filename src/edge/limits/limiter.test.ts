import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Fingerprint, fingerprint } from './keyed-hash.ts';
import { createLimiter } from './limiter.ts';
import { defaultPolicies, isAbout, policiesWith } from './policies.ts';

const name = (text: string): Fingerprint => fingerprint(text, [1, 2]);
const requestPolicies = (path: string) =>
  defaultPolicies.flatMap((policy, index) => (policy.counts === 'requests' && isAbout(policy, path) ? [index] : []));
const everywhere = requestPolicies('/v1/orders');
const lookups = requestPolicies('/search');

test('an office that buys at the opening is not refused by the limits as they are', () => {
  let nowMs = 0;
  const limiter = createLimiter(defaultPolicies, () => nowMs);
  const office = { client: name('203.0.113.9'), network: name('203.0.113.0/24') };
  for (let buyer = 0; buyer < 400; buyer++) {
    const names = { ...office, session: name(`buyer ${buyer}`) };
    // Page and pictures, live stock, quote, order, payment; a search before.
    for (const units of [0.1, 0.1, 2, 1, 1, 1, 5, 5]) assert.equal(limiter.take(everywhere, names, units).waitMs, 0);
    if (buyer % 4 === 0) assert.equal(limiter.take(lookups, names, 6).waitMs, 0);
    nowMs += 30;
  }
});

test('what is refused by one policy takes from none', () => {
  const limiter = createLimiter(policiesWith({ session: { unitsPerS: 1, burstUnits: 1 } }), () => 0);
  const names = { client: name('a'), network: name('b'), session: name('c') };
  assert.equal(limiter.take(everywhere, names, 1).waitMs, 0);
  for (let index = 0; index < 10_000; index++) {
    const refused = limiter.take(everywhere, names, 1);
    assert.deepEqual([defaultPolicies[refused.policy]?.name, refused.waitMs], ['session', 1_000]);
  }
  const another = limiter.take(everywhere, { ...names, session: undefined }, 1);
  assert.deepEqual([another.waitMs, another.policy, another.unitsLeft], [0, 0, 4_998]);
});

test('however many addresses of a network ask for however much, no limit is passed', () => {
  const anyAsk = fc.record({
    address: fc.nat(20),
    session: fc.option(fc.nat(5), { nil: undefined }),
    isLookup: fc.boolean(),
    units: fc.double({ min: 0.1, max: 10, noNaN: true }),
    afterMs: fc.nat(400),
  });
  const policies = policiesWith({
    client: { unitsPerS: 10, burstUnits: 20 },
    network: { unitsPerS: 20, burstUnits: 60 },
    session: { unitsPerS: 5, burstUnits: 15 },
    lookups: { unitsPerS: 2, burstUnits: 10 },
    'network-lookups': { unitsPerS: 4, burstUnits: 25 },
  });
  fc.assert(
    fc.property(fc.array(anyAsk, { maxLength: 200 }), (asks) => {
      let nowMs = 0;
      const limiter = createLimiter(policies, () => nowMs);
      const taken = new Map<string, number>();
      for (const { address, session, isLookup, units, afterMs } of asks) {
        nowMs += afterMs;
        const names = {
          client: name(`client ${address}`),
          network: name('network'),
          session: session === undefined ? undefined : name(`session ${session}`),
        };
        if (limiter.take(isLookup ? lookups : everywhere, names, units).waitMs > 0) continue;
        const ofLookups = { lookups: address, 'network-lookups': 0 };
        const keys = { client: address, network: 0, session, ...(isLookup && ofLookups) };
        for (const [policy, key] of Object.entries(keys)) {
          if (key !== undefined) taken.set(`${policy} ${key}`, (taken.get(`${policy} ${key}`) ?? 0) + units);
        }
      }
      for (const [key, units] of taken) {
        const policy = policies.find((each) => each.name === key.split(' ')[0]);
        assert(policy !== undefined);
        assert(units <= policy.burstUnits + (nowMs / 1000) * policy.unitsPerS + 1e-6, `${key}: ${units}`);
      }
    }),
  );
});

test('of a rented /48 all clients together search no more than sixteen', () => {
  const limiter = createLimiter(defaultPolicies, () => 0);
  const searchUnits = 5;
  const searches = (client: string) => {
    let count = 0;
    const names = { client: name(client), network: name('2001:db8:1::/48'), session: undefined };
    while (limiter.take(lookups, names, searchUnits).waitMs === 0) count += 1;
    return count;
  };
  const each = Array.from({ length: 1_000 }, (_, index) => searches(`2001:db8:1:${index.toString(16)}::/64`));
  assert.equal(each[0], 1_500 / searchUnits);
  assert.equal(
    each.reduce((sum, count) => sum + count, 0),
    (16 * 1_500) / searchUnits,
  );
});

test('who is refused because of his neighbours is not suspected for it, however often he asks', () => {
  const limiter = createLimiter(policiesWith({ network: { unitsPerS: 1, burstUnits: 100 } }), () => 0);
  const network = name('network');
  const neighbour = { client: name('neighbour'), network, session: undefined };
  while (limiter.take(everywhere, neighbour, 1).waitMs === 0);
  const buyer = { client: name('buyer'), network, session: undefined };
  for (let index = 0; index < 200; index++) assert(limiter.take(everywhere, buyer, 1).waitMs > 0);
  assert(limiter.suspicionOf(buyer) <= 0.5, `${limiter.suspicionOf(buyer)}`);
});
