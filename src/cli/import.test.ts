import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from '../platform/database/sql.ts';
import { testDatabase } from '../platform/testing/database.ts';
import { until } from '../platform/testing/until.ts';
import { runCommandLine } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-import-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const database = await testDatabase([]);
const env = { ONRUSH_HOME: join(folder, 'home'), DATABASE_URL: database.url };
// Compiled code is kept for all processes of a run.
const { PATH, NODE_COMPILE_CACHE } = process.env;
const programEnv = { ...env, PATH, NODE_COMPILE_CACHE };

async function onrush(...line: string[]) {
  return runCommandLine(line, { env, cwd: folder });
}

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const row = (slug: string, fields: object = {}) =>
  `${JSON.stringify({ slug, title: slug, state: 'published', variants: [{ sku: slug, prices: [], onHand: 2 }], ...fields })}\n`;

async function productCount(prefix: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count
      from catalog.product
     where slug like ${`${prefix}%`}::text`.execute(database);
  return rows[0]?.count ?? 0;
}

test('an import prints what became of the rows; the same again changes nothing; an export gives them back', async () => {
  const products = file('a.jsonl.gz', gzipSync(row('a-1') + row('a-2')));
  const first = await onrush('import', products, '--json');
  assert.equal(first.code, 0, first.err);
  const summary = JSON.parse(first.out);
  assert.deepEqual(
    [summary.ok, summary.rows, summary.created, summary.stockChanged, summary.refused],
    [true, 2, 2, 2, 0],
  );
  assert(summary.peakRssMib > 0 && summary.seconds > 0);

  const again = await onrush('import', products);
  assert.equal(again.code, 0);
  assert.match(
    again.out,
    /^2 rows read in [\d.]+ s \([\d,]+ rows\/s\)\n\n {2}created +0\n {2}updated +0\n {2}unchanged +2\n/,
  );

  const exported = await onrush('export');
  assert.equal(exported.out, row('a-1') + row('a-2'));
  const target = join(folder, 'out.jsonl.gz');
  const toFile = await onrush('export', '--output', target);
  assert.deepEqual([toFile.code, toFile.out], [0, '']);
  assert.equal(gunzipSync(readFileSync(target)).toString(), exported.out);
  assert(!existsSync(`${target}.part`));
});

test('refused rows end with 3, and are in the report', async () => {
  const products = file('b.jsonl', `${row('b-1')}{"slug":\n${row('b-1', { title: 'other' })}${row('b-2')}`);
  const report = join(folder, 'report.jsonl');
  const { code, out } = await onrush('import', products, '--report', report);
  assert.equal(code, 3);
  assert.match(out, /refused +2\n\nRefused:\n {2}1 × /);
  assert.match(out, /b\.jsonl:2 is not JSON/);
  const entries = readFileSync(report, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    entries.map(({ line, outcome, reason }) => [line, outcome, reason]),
    [
      [2, 'refused', 'syntax'],
      [3, 'refused', 'key-taken'],
    ],
  );
  assert.equal(await productCount('b-'), 2);
});

test('strictly it ends with 1 at the first refused row; dry, nothing is written', async () => {
  const products = file('c.jsonl', `${row('c-1')}{"slug":\n${row('c-2')}`);
  const dry = await onrush('import', products, '--dry-run');
  assert.equal(dry.code, 3);
  assert.match(dry.out, /good +2 +products; nothing was written/);
  assert.equal(await productCount('c-'), 0);
  const strict = await onrush('import', products, '--strict');
  assert.equal(strict.code, 1);
  assert.match(strict.out, /Stopped at the first row that was refused/);
  assert.equal(await productCount('c-'), 1);
});

test('a file that was cut off ends with 1 and says so', async () => {
  const products = file(
    'd.jsonl.gz',
    gzipSync(row('d-1') + row('d-2', { description: 'x'.repeat(3000) })).subarray(0, -12),
  );
  const { code, out } = await onrush('import', products);
  assert.equal(code, 1);
  assert.match(out, /d\.jsonl\.gz ends too early: it was cut off\. Fetch the file again and repeat the import\./);
  assert((await productCount('d-')) <= 1);
});

test('what cannot be begun is told in a sentence that says what to do', async () => {
  const csv = file('e.csv', 'name,kosten\nx,1\n');
  const mapping = file('e.yaml', 'slug: name\ntitel: name\nsku: name\n');
  const folderName = folder;
  const cases: [line: string[], code: number, sentence: RegExp][] = [
    [['import'], 2, /^onrush: `onrush import` needs file…\. See/],
    [['import', join(folder, 'none.csv')], 1, /^onrush: There is no file .*none\.csv\. Check the path\.\n$/],
    [['import', folderName], 1, /^onrush: .* is a folder\. Name the files in it\.\n$/],
    [['import', csv, '--format', 'xls'], 2, /^onrush: --format is one of onrush, shopify, .*, not "xls"\.\n$/],
    [
      ['import', csv, '--currency', 'euro'],
      2,
      /^onrush: --currency is a currency of ISO 4217 such as USD, not "euro"\.\n$/,
    ],
    [
      ['import', csv, '--mapping', 'nope'],
      2,
      /^onrush: There is no mapping "nope"\. Name a file, or one of bestbuy-cell-phones, /,
    ],
    [
      ['import', csv, '--mapping', mapping],
      1,
      /e\.yaml:1:1 A mapping needs “title”\.\nonrush: .*e\.yaml:2:1 A mapping has no “titel”/,
    ],
    [['export', '--format', 'csv'], 2, /^onrush: --format is jsonl, not "csv"\.\n$/],
    [
      ['export', '--output', join(folder, 'no', 'where')],
      1,
      /^onrush: There is no folder .*no\. Make it, or name another\.\n$/,
    ],
    [
      ['import', csv, '--report', join(folder, 'no', 'report')],
      1,
      /report cannot be written: ENOENT|has columns of its own/,
    ],
  ];
  for (const [line, code, sentence] of cases) {
    const result = await onrush(...line);
    assert.equal(result.code, code, `${line.join(' ')}: ${result.err}${result.out}`);
    assert.match(result.err + result.out, sentence);
  }
  const empty = await onrush('import', file('e.jsonl', ''));
  assert.deepEqual([empty.code, empty.out], [1, `${join(folder, 'e.jsonl')} is empty.\n`]);
  const unmapped = await onrush('import', csv);
  assert.equal(unmapped.code, 1);
  assert.match(unmapped.out, /has columns of its own \(“name”, “kosten”\)\. Say with --mapping what they mean/);
});

test('from standard input, and at Ctrl-C what is written stays', async () => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../bin/onrush.ts', import.meta.url)), 'import', '-', '--json'],
    {
      cwd: folder,
      env: programEnv,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  const exited = once(child, 'exit');
  // More than it looks at before it begins.
  const count = 600;
  for (let index = 0; index < count; index++) child.stdin.write(row(`f-${index}`, { description: 'x'.repeat(150) }));
  await until(async () => (await productCount('f-')) >= 500);
  // It waits for more, which does not come.
  child.kill('SIGINT');
  const [code] = await exited;
  assert.equal(code, 130);
  const summary = JSON.parse(out);
  assert.deepEqual(summary.stopped, { kind: 'interrupted' });
  assert.equal(summary.created, await productCount('f-'));
});

test('an export that nobody reads to its end is no failure', async () => {
  const bin = fileURLToPath(new URL('../../bin/onrush.ts', import.meta.url));
  const child = spawn(process.execPath, [bin, 'export'], {
    cwd: folder,
    env: programEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (data) => {
    err += data;
  });
  const [code] = await once(child, 'close');
  assert.deepEqual([code, err], [0, '']);
});
