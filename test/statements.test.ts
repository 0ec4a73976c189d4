import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { migrateJobs } from '../src/platform/jobs/migrations.ts';
import { createLog } from '../src/platform/telemetry/log.ts';
import { testDatabase } from '../src/platform/testing/database.ts';
import { migrationSources } from '../src/runtime/migration-sources.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const database = await testDatabase(migrationSources);
const log = createLog({ level: 'silent', destination: pino.destination(2), clock: { nowMs: () => 0 } });
await migrateJobs(database, log);

/** The `sql` templates of a source file, with their parameters as $1, $2 …, and the line of each. */
export function statementsIn(source: string): { text: string; line: number }[] {
  const statements: { text: string; line: number }[] = [];
  const opening = /(?<![.\w])sql(?:<[^`]*?>)?`/g;
  for (let match = opening.exec(source); match !== null; match = opening.exec(source)) {
    const { text, end } = readTemplate(source, match.index + match[0].length);
    statements.push({ text, line: source.slice(0, match.index).split('\n').length });
    opening.lastIndex = end;
  }
  return statements;
}

function readTemplate(source: string, start: number): { text: string; end: number } {
  let text = '';
  let parameters = 0;
  let at = start;
  while (source[at] !== '`') {
    assert(at < source.length, 'a template ends');
    if (source.startsWith('${', at)) {
      at = endOfExpression(source, at + 2);
      parameters += 1;
      text += `$${parameters}`;
    } else if (source[at] === '\\') {
      text += JSON.parse(`"${source.slice(at, at + 2).replace('\\`', '`')}"`);
      at += 2;
    } else {
      text += source[at];
      at += 1;
    }
  }
  return { text, end: at + 1 };
}

/** Past the brace that closes an expression; templates and strings inside it are stepped over. */
function endOfExpression(source: string, start: number): number {
  let depth = 1;
  let at = start;
  while (depth > 0) {
    const char = source[at];
    assert(char !== undefined, 'an expression ends');
    if (char === '{') depth += 1;
    else if (char === '}') depth -= 1;
    else if (char === "'" || char === '"') at = source.indexOf(char, at + 1);
    else if (char === '`') {
      at = readTemplate(source, at + 1).end;
      continue;
    }
    at += 1;
  }
  return at;
}

test('the reader of statements finds parameters, nested templates and escapes', () => {
  const source = "const a = sql<{ x: string }>`select ${f({ a: 1 })}::int, E'\\\\n', ${`n${1}`}::text`; sql`select 1`";
  assert.deepEqual(statementsIn(source), [
    { text: "select $1::int, E'\\n', $2::text", line: 1 },
    { text: 'select 1', line: 1 },
  ]);
});

test('every statement can be prepared against the migrated schema', async (t) => {
  const client = await database.connect();
  t.after(() => client.end());
  let count = 0;
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts') || file.includes('/testdata/')) continue;
    for (const { text, line } of statementsIn(await readFile(`${root}${file}`, 'utf8'))) {
      count += 1;
      await client.query(`prepare statement_${count} as ${text}`).catch((error: Error) => {
        assert.fail(`${file}:${line}: ${error.message}`);
      });
    }
  }
  assert(count > 30, `${count} statements were found`);
});
