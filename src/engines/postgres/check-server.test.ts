import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkServer, complaintAbout, describeUrl } from './check-server.ts';

const good = {
  version: '18.4',
  versionNumber: 180_004,
  encoding: 'UTF8',
  isReplica: false,
  mayCreate: true,
  hasTrigrams: true,
};

test('a server that will not do is told why, and what to do', () => {
  assert.equal(complaintAbout(good), undefined);
  assert.equal(complaintAbout({ ...good, versionNumber: 190_001 }), undefined);
  const cases: [Partial<typeof good>, RegExp][] = [
    [{ version: '17.6', versionNumber: 170_006 }, /^PostgreSQL 17\.6 is too old\. Use version 18 or newer\.$/],
    [{ isReplica: true }, /replica.*Name the primary\.$/],
    [{ encoding: 'SQL_ASCII' }, /encoded in SQL_ASCII\. Create one with encoding UTF8\.$/],
    [{ mayCreate: false }, /may not create schemas.*Grant it CREATE/],
    [{ hasTrigrams: false }, /pg_trgm.*postgresql-contrib/],
  ];
  for (const [fact, sentence] of cases) assert.match(complaintAbout({ ...good, ...fact }) ?? '', sentence);
});

test('a real server is accepted; a wrong password, database or port is told in one sentence without the password', async () => {
  const url = process.env.TEST_DATABASE_URL;
  assert(url !== undefined, 'TEST_DATABASE_URL is not set. Run tests with `npm test -- <files>`.');
  assert.match(await checkServer(url), /^18\./);

  const changed = (change: (url: URL) => void) => {
    const copy = new URL(url);
    change(copy);
    return copy.toString();
  };
  const cases: [url: string, sentence: RegExp][] = [
    [
      changed((u) => (u.password = 'sesame')),
      /the server refuses this user or password\. Correct them in DATABASE_URL\.$/,
    ],
    [changed((u) => (u.pathname = '/nowhere')), /there is no such database\. Create it, or name another one\.$/],
    ['postgres://u:sesame@127.0.0.1:1/d', /^DATABASE_URL \(127\.0\.0\.1:1\/d\): nothing listens there\./],
    ['postgres://u:sesame@localhost:1/d?host=/nowhere', /^DATABASE_URL \(\/nowhere:1\/d\): there is no such socket\./],
  ];
  for (const [bad, sentence] of cases) {
    await assert.rejects(checkServer(bad), (error) => {
      assert(error instanceof Error);
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /sesame/);
      return true;
    });
  }
});

test('a URL is described without its secrets', () => {
  assert.equal(describeUrl('postgres://u:secret@db.example/shop'), 'db.example:5432/shop');
  assert.equal(describeUrl('postgresql://u:secret@localhost:5433/shop?host=%2Frun%2Fpg'), '/run/pg:5433/shop');
  assert.equal(describeUrl('nonsense secret'), 'not a URL');
});
