import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { succeeded } from '../platform/api/peer.ts';
import { readConfig } from '../platform/config/config.ts';
import { testDatabase } from '../platform/testing/database.ts';
import { serviceNames } from '../runtime/service-names.ts';
import { runCommandLine } from './testing.ts';
import { withServices } from './with-services.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-room-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const database = await testDatabase([]);
const env = { ONRUSH_HOME: join(folder, 'home'), DATABASE_URL: database.url };

async function onrush(...line: string[]) {
  return runCommandLine(line, { env, cwd: folder });
}

/** A sale of tomorrow. */
async function newSale(name: string): Promise<string> {
  return withServices(
    readConfig({ env, cwd: folder, serviceNames }),
    { command: 'test', tell: () => {} },
    async ({ peers }) => {
      const prices = [{ currency: 'USD', amountMinor: 9000 }];
      const product = {
        slug: 'lantern',
        title: 'Lantern',
        state: 'published' as const,
        variants: [{ sku: 'LANTERN', prices }],
      };
      const { results } = succeeded('catalog', await peers.catalog.putProducts({ body: { products: [product] } })).body;
      const variantId = results[0]?.variants[0]?.variantId ?? assert.fail('a variant');
      const startsAtMs = Date.now() + 86_400_000;
      const items = [{ variantId, currency: 'USD', amountMinor: 5000 }];
      const body = { name, startsAtMs, endsAtMs: startsAtMs + 3_600_000, items };
      return succeeded('promotion', await peers.promotion.createSale({ body })).body.saleId;
    },
  );
}

/** Below the heads. */
const rowOf = (text: string) => text.trimEnd().split('\n')[1] ?? '';

test('a room is set up, opened, changed, listed and deleted', async () => {
  const put = await onrush('room', 'put', '--by', 'load', '--name', 'Singles Day', '--pace', '200', '--json');
  assert.equal(put.code, 0, put.err);
  const { room, setup } = JSON.parse(put.out);
  assert.deepEqual(setup, { name: 'Singles Day', switchedBy: 'load', pacePerSMax: 200 });
  const opened = await onrush('room', 'open', room.roomId);
  assert.equal(opened.code, 0, opened.err);
  assert.match(rowOf(opened.out), /^[0-9a-f-]{36} {2}open {3}hand .* every purchase .*Singles Day$/);
  const refused = await onrush('room', 'delete', room.roomId);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /People queue in this room\. Close it first/);
  await onrush('room', 'put', room.roomId, '--name', 'The day');
  const listed = (await onrush('room', 'list')).out.trimEnd().split('\n');
  assert.equal(listed.length, 2);
  assert.match(listed[1] ?? '', / since \d{4}-\d\d-\d\dT[\d:.]+Z {2}The day$/, 'when it was opened');
  const headAt = (head: string) => listed[0]?.indexOf(head) ?? -1;
  assert.deepEqual(
    ['state', 'switched by', 'tickets', 'called', 'before', 'name'].map(
      (head) => listed[1]?.slice(headAt(head)).trimStart().split('  ')[0],
    ),
    ['open', 'hand', '0', '0', 'every purchase', 'The day'],
    'each below its head',
  );
  assert.match(rowOf((await onrush('room', 'close', room.roomId)).out), /^[0-9a-f-]{36} {2}off {4}hand/);
  assert.doesNotMatch((await onrush('room', 'list')).out, /\dT\d/, 'what is past opens no more');
  await onrush('room', 'put', room.roomId, '--by', 'schedule', '--opens', '2999-01-01T00:00:00Z');
  assert.match((await onrush('room', 'list')).out, / 2999-01-01T00:00:00.000Z {2}The day\n$/);
  assert.match((await onrush('room', 'delete', room.roomId)).out, /is deleted\.\n$/);
  assert.deepEqual(await onrush('room', 'list'), { code: 0, out: '', err: 'There are no waiting rooms.\n' });
});

test('a room before every purchase has no name of its own unless it is given one', async () => {
  const put = await onrush('room', 'put', '--by', 'load', '--json');
  assert.equal(put.code, 0, put.err);
  const { room, setup } = JSON.parse(put.out);
  assert.deepEqual(setup, { switchedBy: 'load' });
  assert.match(rowOf((await onrush('room', 'list')).out), /every purchase$/);
  await onrush('room', 'delete', room.roomId);
});

test('a room before a sale is called as the sale is, unless it is given a name', async () => {
  const saleId = await newSale('The Night Tern');
  const put = await onrush('room', 'put', '--sale', saleId, '--by', 'schedule', '--json');
  assert.equal(put.code, 0, put.err);
  const { room, setup } = JSON.parse(put.out);
  assert.deepEqual(setup, { name: 'The Night Tern', switchedBy: 'schedule', saleId });
  await onrush('room', 'put', room.roomId, '--name', 'Lanterns');
  const changed = await onrush('room', 'put', room.roomId, '--sale', saleId, '--pace', '20', '--json');
  assert.equal(JSON.parse(changed.out).setup.name, 'Lanterns', 'what has a name keeps it');
  const second = await onrush('room', 'put', '--sale', saleId, '--by', 'schedule');
  assert.equal(second.code, 1);
  assert.match(second.err, new RegExp(`before this sale: ${room.roomId}\\. Change that one, or delete it\\.`));
});

test('a command line that makes no sense ends before anything is started', async () => {
  const cases: [string[], RegExp][] = [
    [['room'], /room list\|put\|open\|close\|delete/],
    [['room', 'open'], /needs the id/],
    [['room', 'delete'], /needs the id/],
    [['room', 'open', 'x'], /is no id/],
    [['room', 'put', '--by', 'magic'], /one of schedule, load, hand/],
    [['room', 'put', '--opens', 'tomorrow'], /2026-11-11T20:00:00Z/],
    [['room', 'put', '--pace', '0'], /a number a second/],
    [['room', 'put', '--sale', '7'], /id of a sale/],
    [['room', 'put', '--by', 'schedule'], /give --sale or --opens, or switch it --by load or --by hand\./],
    [['room', 'put'], /give --sale or --opens/],
  ];
  for (const [line, words] of cases) {
    const answer = await onrush(...line);
    assert.equal(answer.code, 2, line.join(' '));
    assert.match(answer.err, words);
  }
});
