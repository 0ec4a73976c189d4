import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigFault } from './config-fault.ts';
import { durationMs } from './duration.ts';
import { parseTopology } from './topology.ts';

const services = ['catalog', 'checkout'];

const good = `version: 1
shop:
  name: Corner shop
  currency: EUR
  taxIncludedBasisPoints: 2000
  quoteTtl: 15m
  payWithin: 90s
engines:
  database: embedded
processes:
  - name: shop
    services: [catalog, checkout]
    heapMb: 192
`;

test('a good file is read whole', () => {
  const topology = parseTopology(good, 'shop.yaml', services);
  assert.equal(topology.shop.name, 'Corner shop');
  assert.deepEqual(topology.processes, [{ name: 'shop', services: ['catalog', 'checkout'], heapMb: 192 }]);
  assert.equal(durationMs(topology.shop.payWithin), 90_000);
  assert.equal(durationMs('2h'), 7_200_000);
});

test('the edge trusts whom the file names, by address, range or the name of a usual place', () => {
  const proxied = `${good}edge:\n  trustedProxies: [loopback, 10.0.0.0/8, "2001:db8::1"]\n  forwardedBy: forwarded\n`;
  const { edge } = parseTopology(proxied, 'shop.yaml', services);
  assert.deepEqual(edge, { trustedProxies: ['loopback', '10.0.0.0/8', '2001:db8::1'], forwardedBy: 'forwarded' });
  assert.throws(
    () => parseTopology(proxied.replace('10.0.0.0/8', '10.0.0.0/80'), 'shop.yaml', services),
    (error) =>
      error instanceof ConfigFault && /edge\.trustedProxies\[1\] must be an address, a CIDR/.test(error.message),
  );
});

test('limits are set by name, each with its rate and its burst', () => {
  const limited = `${good}edge:\n  limits:\n    exempt: []\n    policies:\n      client: { unitsPerS: 20, burstUnits: 100 }\n`;
  assert.deepEqual(parseTopology(limited, 'shop.yaml', services).edge?.limits, {
    exempt: [],
    policies: { client: { unitsPerS: 20, burstUnits: 100 } },
  });
  const cases: [text: string, message: RegExp][] = [
    [
      limited.replace('client:', 'clients:'),
      /^shop\.yaml:18:7: edge\.limits\.policies\.clients is not known; known here: client, network/,
    ],
    [
      limited.replace('20,', '0,'),
      /edge\.limits\.policies\.client\.unitsPerS must be a number from 0\.01 to 1000000, not 0\./,
    ],
    [limited.replace(', burstUnits: 100', ''), /edge\.limits\.policies\.client\.burstUnits is missing/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseTopology(text, 'shop.yaml', services),
      (error) => error instanceof ConfigFault && message.test(error.message),
      text,
    );
  }
});

test('an error names file, line, column, key and what belongs there', async (t) => {
  const cases: [what: string, text: string, message: RegExp][] = [
    ['unknown key', good.replace('  currency:', '  curency:'), /^shop\.yaml:3:3: shop\.currency is missing\.$/],
    ['missing key', good.replace('  currency: EUR\n', ''), /^shop\.yaml:3:3: shop\.currency is missing\.$/],
    [
      'wrong type',
      good.replace('2000', 'much'),
      /^shop\.yaml:5:27: shop\.taxIncludedBasisPoints must be a whole number from 0 to 10000 \(2000 is 20 %\), not "much"\.$/,
    ],
    ['out of range', good.replace('2000', '-1'), /^shop\.yaml:5:27: .* not -1\.$/],
    [
      'bad duration',
      good.replace('15m', '15 minutes'),
      /^shop\.yaml:6:13: shop\.quoteTtl must be a duration such as 30s, 15m or 2h, not "15 minutes"\.$/,
    ],
    [
      'no currency',
      good.replace('EUR', 'XQQ'),
      /^shop\.yaml:4:13: shop\.currency must be a currency of ISO 4217, not "XQQ"\.$/,
    ],
    [
      'unknown engine',
      good.replace('embedded', 'mysql'),
      /^shop\.yaml:9:13: engines\.database must be embedded or url, not "mysql"\.$/,
    ],
    [
      'unknown service',
      good.replace('catalog,', 'katalog,'),
      /^shop\.yaml:12:16: processes\[0\]\.services\[0\] must be one of catalog, checkout, not "katalog"\.$/,
    ],
    ['service twice', good.replace('[catalog,', '[catalog, catalog,'), /^shop\.yaml:12:25: catalog is hosted twice\.$/],
    [
      'service missing',
      good.replace('[catalog,', '['),
      /^shop\.yaml:11:3: no process hosts catalog; a shop needs every service\.$/,
    ],
    [
      'two processes',
      `${good}  - name: second\n    services: [catalog]\n    heapMb: 192\n`,
      /^shop\.yaml:11:3: processes must be a list of one process \(this version runs no more\), not /,
    ],
    ['another version', good.replace('version: 1', 'version: 2'), /^shop\.yaml:1:10: version must be 1, not 2\.$/],
    ['broken YAML', good.replace('[catalog, checkout]', '[catalog, checkout'), /^shop\.yaml:13:5: .*\.$/],
    ['key twice', good.replace('version: 1', 'version: 1\nversion: 1'), /^shop\.yaml:2:1: Map keys must be unique\.$/],
    ['empty file', '', /^shop\.yaml:1:1: the file must be a map, not null\.$/],
    ['a list', '- 1', /^shop\.yaml:1:1: the file must be a map, not \[1\]\.$/],
  ];
  for (const [what, text, message] of cases) {
    await t.test(what, () => {
      assert.throws(
        () => parseTopology(text, 'shop.yaml', services),
        (error) => {
          assert(error instanceof ConfigFault);
          assert.match(error.problems[0] ?? '', message);
          return true;
        },
      );
    });
  }
});

test('the unknown key itself is pointed at', () => {
  assert.throws(
    () => parseTopology(good.replace('  payWithin:', '  colour: red\n  payWithin:'), 'shop.yaml', services),
    {
      message:
        'shop.yaml:7:3: shop.colour is not known; known here: name, currency, taxIncludedBasisPoints, url, securityContact, quoteTtl, payWithin, wall, demo.',
    },
  );
});

test('all problems are kept, and the message counts those it leaves out', () => {
  assert.throws(
    () => parseTopology(good.replace('EUR', 'euro').replace('15m', 'soon'), 'shop.yaml', services),
    (error) => {
      assert(error instanceof ConfigFault);
      assert.equal(error.problems.length, 2);
      assert.match(error.message, /\(and 1 more\)$/);
      return true;
    },
  );
});
