import assert from 'node:assert/strict';
import test from 'node:test';
import { readCdnSettings } from './cdn-settings.ts';
import { parseTopology } from './topology.ts';

const token = { ONRUSH_CDN_TOKEN: 'secret' };

test('ids come from the topology, secrets from the environment, the rest has defaults', () => {
  assert.deepEqual(readCdnSettings({ kind: 'cloudflare', zoneId: 'zone1' }, token), {
    settings: {
      kind: 'cloudflare',
      zoneId: 'zone1',
      token: 'secret',
      apiUrl: 'https://api.cloudflare.com/client/v4',
      maxAgeS: 3600,
    },
  });
  assert.deepEqual(
    readCdnSettings(
      { kind: 'fastly', serviceId: 's', isSoft: true, maxAge: '2m', apiUrl: 'http://127.0.0.1:1/' },
      token,
    ),
    {
      settings: {
        kind: 'fastly',
        serviceId: 's',
        isSoft: true,
        token: 'secret',
        apiUrl: 'http://127.0.0.1:1',
        maxAgeS: 120,
      },
    },
  );
  const akamai = readCdnSettings(
    { kind: 'akamai', apiUrl: 'https://akab-1.luna.akamaiapis.net', cpCode: 7 },
    { ONRUSH_CDN_CLIENT_TOKEN: 'a', ONRUSH_CDN_CLIENT_SECRET: 'b', ONRUSH_CDN_ACCESS_TOKEN: 'c' },
  );
  assert.deepEqual(akamai, {
    settings: {
      kind: 'akamai',
      network: 'production',
      cpCode: 7,
      isSoft: false,
      clientToken: 'a',
      clientSecret: 'b',
      accessToken: 'c',
      apiUrl: 'https://akab-1.luna.akamaiapis.net',
      maxAgeS: 3600,
    },
  });
});

test('whatever is missing is named, and no secret is repeated', () => {
  assert.deepEqual(readCdnSettings({ kind: 'cloudflare' }, {}), {
    problems: [
      'edge.cdn.zoneId is missing: cloudflare cannot be told without it.',
      'ONRUSH_CDN_TOKEN is missing: edge.cdn names cloudflare, which asks who we are.',
    ],
  });
  const bad = readCdnSettings({ kind: 'fastly', serviceId: 's' }, { ONRUSH_CDN_TOKEN: 'two words\r\nx: y' });
  assert.deepEqual(bad, { problems: ['ONRUSH_CDN_TOKEN must be visible ASCII without blanks.'] });
  const akamai = readCdnSettings({ kind: 'akamai' }, {});
  assert('problems' in akamai);
  assert.equal(akamai.problems.length, 4);
});

const withEdge = (edge: string) => `version: 1
shop: {name: Corner shop, currency: EUR, taxIncludedBasisPoints: 0, quoteTtl: 15m, payWithin: 90s}
engines: {database: embedded}
edge: ${edge}
processes: [{name: shop, services: [catalog], heapMb: 192}]
`;

test('a topology names the cache and the CDN, and a mistake in it is told', () => {
  const parse = (edge: string) => parseTopology(withEdge(edge), 'shop.yaml', ['catalog']).edge;
  assert.deepEqual(parse('{cache: {name: Shop-2, maxMb: 0}, cdn: {kind: fastly, serviceId: abc}}'), {
    cache: { name: 'Shop-2', maxMb: 0 },
    cdn: { kind: 'fastly', serviceId: 'abc' },
  });
  assert.throws(
    () => parse('{cdn: {kind: cdn77}}'),
    /edge\.cdn\.kind must be cloudflare, fastly or akamai, not "cdn77"/,
  );
  assert.throws(() => parse('{cdn: {kind: fastly, token: abc}}'), /edge\.cdn\.token is not known/);
  for (const name of ['two words', '2nd', '"quoted; hit"', 'a'.repeat(65)]) {
    assert.throws(
      () => parse(`{cache: {name: ${JSON.stringify(name)}}}`),
      /edge\.cache\.name must be up to 64 letters/,
    );
  }
  assert.throws(() => parse('{cache: {maxMb: -1}}'), /edge\.cache\.maxMb must be a whole number of megabytes/);
});
