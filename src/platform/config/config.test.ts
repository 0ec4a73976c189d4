import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig } from './config.ts';
import { ConfigFault } from './config-fault.ts';

const serviceNames = ['catalog', 'stock', 'cart', 'promotion', 'quote', 'checkout', 'payment', 'media', 'pulse'];
const read = (env: Record<string, string>, overrides = {}) => readConfig({ env, cwd: '/srv', serviceNames, overrides });

test('with nothing said, a shop listens on 7070 of this machine alone and lives in .onrush', () => {
  const config = read({});
  assert.equal(config.home, '/srv/.onrush');
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 7070);
  assert.equal(config.databaseUrl, undefined);
  assert.equal(config.shop.currency, 'USD');
  assert.equal(config.shop.quoteTtlMs, 15 * 60_000);
  assert.equal(config.shop.payWithinMs, 15 * 60_000);
  assert.equal(config.shop.wall, 'staff');
});

test('the command line wins over the environment, and an empty variable counts as unset', () => {
  const config = read({ PORT: '8080', ONRUSH_HOME: 'there', DATABASE_URL: '' }, { PORT: '9090' });
  assert.equal(config.port, 9090);
  assert.equal(config.home, '/srv/there');
  assert.equal(config.databaseUrl, undefined);
});

test('a configuration survives JSON, as it travels to other processes', () => {
  const config = read({ DATABASE_URL: 'postgres://u:p@db/shop' });
  assert.deepEqual(JSON.parse(JSON.stringify(config)), config);
});

test('a bad variable is named, with what belongs there', async (t) => {
  const cases: [env: Record<string, string>, message: RegExp][] = [
    [{ PORT: 'seven' }, /^PORT must be a port from 1 to 65535 .*, not "seven"\.$/],
    [{ PORT: '65536' }, /^PORT must be a port/],
    [{ PORT: '-1' }, /^PORT must be a port/],
    [{ PORT: '1e3' }, /^PORT must be a port/],
    [{ ONRUSH_LOG_LEVEL: 'loud' }, /^ONRUSH_LOG_LEVEL must be one of debug, /],
    [
      { DATABASE_URL: 'mysql://u:secret@h/d' },
      /^DATABASE_URL must look like postgresql:\/\/user:password@host:5432\/database\.$/,
    ],
    [{ ONRUSH_ADMIN_TOKEN: 'short' }, /^ONRUSH_ADMIN_TOKEN must be 16 to 256 visible ASCII characters/],
    [{ ONRUSH_HOEM: '/x' }, /^ONRUSH_HOEM is not a variable of Onrush; it knows ONRUSH_HOME, /],
    [
      { ONRUSH_TOPOLOGY: 'none.yaml' },
      /^\/srv\/none\.yaml: there is no such file\. Name a topology with ONRUSH_TOPOLOGY/,
    ],
    [{ ONRUSH_TOPOLOGY: '/tmp' }, /^\/tmp: it cannot be read \(EISDIR\)/],
  ];
  for (const [env, message] of cases) {
    await t.test(JSON.stringify(env), () => {
      assert.throws(
        () => read(env),
        (error) => {
          assert(error instanceof ConfigFault);
          assert.match(error.message, message);
          // A value may be a secret.
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }
});

test('a topology that wants a server by URL says so when there is none', () => {
  const directory = mkdtempSync(join(tmpdir(), 'onrush-config-'));
  after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'url.yaml');
  writeFileSync(
    file,
    `version: 1
shop: { name: Shop, currency: USD, taxIncludedBasisPoints: 0, quoteTtl: 15m, payWithin: 15m }
engines: { database: url }
processes: [{ name: shop, services: [${serviceNames.join(', ')}], heapMb: 192 }]
`,
  );
  assert.throws(() => read({ ONRUSH_TOPOLOGY: file }), /^ConfigFault: DATABASE_URL is missing/);
  assert.equal(read({ ONRUSH_TOPOLOGY: file, DATABASE_URL: 'postgres://h/d' }).databaseUrl, 'postgres://h/d');
});
