import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commands } from './commands.ts';
import { runCommandLine } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function onrush(line: string[], env: Record<string, string> = {}) {
  return runCommandLine(line, { env: { ONRUSH_HOME: join(folder, 'home'), ...env }, cwd: folder });
}

test('without arguments it lists every command with one line and an example', async () => {
  const { code, out, err } = await onrush([]);
  assert.equal(code, 0);
  assert.equal(err, '');
  for (const name of Object.keys(commands)) {
    assert.match(out, new RegExp(`^  ${name} +\\S.*\\n +npx onrush ${name}`, 'm'));
  }
  assert.match(out, /^Exit codes: 0 done, 1 failed, 2 .*, 3 .*, 4 a drill could not be run, 130 interrupted\.$/m);
  assert.equal((await onrush(['--help'])).out, out);
});

test('every command has --help, and its summary, options and example keep to one form', async () => {
  for (const [name, load] of Object.entries(commands)) {
    const command = await load();
    assert.equal(command.name, name);
    assert.match(command.summary, /^[a-z].*[^.]$/);
    assert.match(command.example, /npx onrush /);
    const { code, out } = await onrush([name, '--help']);
    assert.equal(code, 0);
    for (const option of Object.keys(command.options)) assert.match(out, new RegExp(`--${option}\\b`));
    for (const { help } of Object.values(command.options)) assert.match(help, /^[^A-Z].*[^.]$|^[A-Z]{2,}.*[^.]$/);
  }
});

test('a command line that makes no sense is told in one sentence, and ends with 2', async (t) => {
  const cases: [line: string[], sentence: string][] = [
    [['upp'], 'There is no command "upp". Did you mean `onrush up`? `onrush` alone lists them all.'],
    [['constructor'], 'There is no command "constructor". `onrush` alone lists them all.'],
    [['up', '--prot', '1'], '`onrush up` has no option --prot. Did you mean --port? See `onrush up --help`.'],
    [['up', '-x'], '`onrush up` has no option -x. See `onrush up --help`.'],
    [['up', '--port'], '--port needs a value: --port <port>. See `onrush up --help`.'],
    [['up', '--port', '--host', 'x'], '--port needs a value: --port <port>. See `onrush up --help`.'],
    [['doctor', '--json=yes'], '--json takes no value. See `onrush doctor --help`.'],
    [['up', '-1'], '`onrush up` has no option -1. See `onrush up --help`.'],
    [['up', 'now'], '`onrush up` does not know what to do with "now". See `onrush up --help`.'],
  ];
  for (const [line, sentence] of cases) {
    await t.test(line.join(' '), async () => {
      assert.deepEqual(await onrush(line), { code: 2, out: '', err: `onrush: ${sentence}\n` });
    });
  }
});

test('a failure is one sentence and ends with 1; with ONRUSH_DEBUG=1 it shows where it comes from', async () => {
  assert.deepEqual(await onrush(['up', '--port', 'x']), {
    code: 1,
    out: '',
    err: 'onrush: PORT must be a port from 1 to 65535 (or 0 for any that is free), not "x".\n',
  });
  const { err } = await onrush(['up', '--port', 'x'], { ONRUSH_DEBUG: '1' });
  assert.match(err, /\n {4}at readConfig/);
});

test('doctor finds nothing to mend on a sound machine, and says it as JSON where asked', async () => {
  const { code, out } = await onrush(['doctor', '--json'], { PORT: '0' });
  const { ok, findings } = JSON.parse(out) as {
    ok: boolean;
    findings: { about: string; state: string; says: string }[];
  };
  assert(ok && code === 0, out);
  assert.deepEqual(
    findings.map(({ about }) => about).filter((about) => about !== 'old data'),
    ['machine', 'Node', 'open files', 'topology', 'home', 'disk', 'lock', 'database', 'port'],
  );
  assert.match(
    findings.find(({ about }) => about === 'database')?.says ?? '',
    /^embedded postgres \(PostgreSQL\) 18\./,
  );
});

test('doctor says what to mend, and ends with 1', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const oldData = join(folder, 'old', 'postgres', 'data');
  mkdirSync(oldData, { recursive: true });
  writeFileSync(join(oldData, 'PG_VERSION'), '17\n');
  const cases: [env: Record<string, string>, line: RegExp][] = [
    [{ PORT: String(port) }, /^✖ port +Port \d+ on 127\.0\.0\.1 is taken by another program\./m],
    [{ ONRUSH_HOST: '203.0.113.7' }, /^✖ port +203\.0\.113\.7 is not an address of this machine\./m],
    [{ ONRUSH_TOPOLOGY: file, PORT: '0' }, /^✖ configuration +.*file:1:1: the file must be a map/m],
    [
      { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/d', PORT: '0' },
      /^✖ database +DATABASE_URL \(127\.0\.0\.1:1\/d\): nothing listens there\./m,
    ],
    [{ ONRUSH_HOME: join(folder, 'old'), PORT: '0' }, /^✖ database +the data were written by PostgreSQL 17,/m],
  ];
  for (const [env, line] of cases) {
    await t.test(Object.keys(env)[0] ?? '', async () => {
      const { code, out } = await onrush(['doctor'], env);
      assert.equal(code, 1);
      assert.match(out, line);
      assert.doesNotMatch(out, /secret/);
    });
  }
  other.close();
});
