import assert from 'node:assert/strict';
import test from 'node:test';
import { testDatabase } from '../platform/testing/database.ts';
import { acceptAdminToken, createAdminCheck, issueAdminToken, issueFirstAdminToken } from './admin-token.ts';
import { gatewayMigrations } from './migrations.ts';

const database = await testDatabase([gatewayMigrations]);

test('the first token is given once; further ones and chosen ones are good too; anything else is not', async () => {
  const first = await issueFirstAdminToken(database);
  assert(first !== undefined);
  assert.equal(await issueFirstAdminToken(database), undefined);
  const second = await issueAdminToken(database);
  await acceptAdminToken(database, 'chosen by the operator');
  const isAdmin = createAdminCheck(database);
  for (const token of [first, second, 'chosen by the operator', first]) assert(await isAdmin(token));
  for (const token of ['', first.slice(1), `${first} `, "' or 1=1 --"]) assert(!(await isAdmin(token)));
});
