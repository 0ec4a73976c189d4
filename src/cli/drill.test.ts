import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommandLine } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-cli-drill-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function drill(...line: string[]) {
  return runCommandLine(['drill', ...line], { env: { ONRUSH_HOME: join(folder, 'home') }, cwd: folder });
}

test('what cannot be meant is told in one sentence, and ends with 2', async () => {
  const cases: [line: string[], sentence: RegExp][] = [
    [
      [],
      /`onrush drill` needs the name of a drill, such as `onrush drill sale`\. There are `sale`, `queue`, and `overload`\.\n$/,
    ],
    [['sail'], /no drill "sail"; there are `sale`, `queue`, and `overload`/],
    [['queue', '--buyers', '5'], /--buyers is an option of `drill sale`, not of `drill queue`/],
    [['queue', '--waiters', '5'], /--waiters must be at least 40/],
    [['queue', '--waiters', '50', '--early', '60'], /--early says how many of the --waiters come early/],
    [['queue', '--kill', 'database'], /kills the shop's process only: --kill app, not "database"/],
    [['sale', '--seconds', '5'], /--seconds is an option of `drill overload`, not of `drill sale`/],
    [['overload', '--here'], /--here is an option of `drill sale`, not of `drill overload`/],
    [['overload', '--home', 'x'], /--home names a shop, but `drill overload` runs on one of its own/],
    [['overload', '--seconds', '0'], /--seconds must be a whole number from 1 to 600, not "0"/],
    [['overload', '--factors', '5,2'], /--factors must be up to 8 rising numbers up to 20, such as 1,2,5, not "5,2"/],
    [['overload', '--factors', '1,,2'], /--factors must be/],
    [['overload', '--factors', '0'], /--factors must be/],
    [['sale', '--buyers', 'many'], /--buyers must be a whole number from 1 to 10,000,000, not "many"/],
    [['sale', '--stock', '0'], /--stock must be a whole number/],
    [['sale', '--concurrency', '-1'], /--concurrency must be a whole number from 1 to 20,000, not "-1"/],
    [['sale', '--buyers', '-5'], /--buyers must be a whole number from 1 to 10,000,000, not "-5"/],
    [['sale', '--seed', '-1'], /--seed must be a whole number from 1 /],
    [['sale', '--buyers', '--json'], /--buyers needs a value/],
    [['sale', '--here', '--url', 'http://127.0.0.1:9'], /--here and --url name two shops/],
    [['sale', '--home', 'x'], /add --here/],
    [['sale', '--kill', 'app', '--url', 'http://127.0.0.1:9'], /--kill kills nothing in a shop named by --url/],
    [['sale', '--kill', 'cat'], /--kill takes database or app, not "cat"/],
    [['sale', '--url', 'ftp://shop'], /--url must begin with http:\/\/ or https:\/\//],
    [['sale', '--database-url', 'postgres://secret@db'], /--database-url is the database of a shop named by --url/],
    [
      ['sale', '--url', 'http://shop', '--database-url', 'mysql://secret@db'],
      /--database-url must begin with postgres:/,
    ],
  ];
  for (const [line, sentence] of cases) {
    const { code, out, err } = await drill(...line);
    assert.equal(code, 2, line.join(' '));
    assert.equal(out, '');
    assert.match(err, sentence);
    assert.doesNotMatch(err, /secret|at file:/);
  }
});

test('a drill that could not be run ends with 4, not with 1: nothing was proved, nothing was broken', async () => {
  const elsewhere = await drill('sale', '--url', 'http://127.0.0.1:9');
  assert.equal(elsewhere.code, 4);
  assert.match(elsewhere.err, /^onrush: .*name it with --database-url\.\n$/);
  const here = await drill('sale', '--here', '--kill', 'database');
  assert.equal(here.code, 4);
  assert.match(here.err, /^onrush: No shop runs in .*home: start it with `onrush up`, or leave out --here .*\.\n$/);
});

test('its help shows the line to write', async () => {
  const { code, out } = await drill('--help');
  assert.equal(code, 0);
  assert.match(out, /^onrush drill <sale\|queue\|overload> \[options\]\n/);
});
