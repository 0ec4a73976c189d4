import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

// A project of one package and an npm that installs it from nowhere: the real one would need a network.

const folder = mkdtempSync(join(tmpdir(), 'onrush-bootstrap-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const lockfile = (version: string) =>
  JSON.stringify({
    packages: {
      '': {},
      'node_modules/needed': { version },
      'node_modules/for-tests': { version: '1.0.0', dev: true },
      'node_modules/for-others': { version: '1.0.0', os: ['plan9'] },
      'node_modules/if-possible': { version: '1.0.0', optional: true },
    },
  });

/** Does what its environment says: installs, fails as a real one would, or takes its time. */
const npm = `
  const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
  appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
  if (process.env.NPM_SAYS) {
    console.error(process.env.NPM_SAYS);
    process.exit(1);
  }
  const omit = process.argv.includes('--omit=dev');
  const packages = {};
  for (const [path, wanted] of Object.entries(JSON.parse(readFileSync('package-lock.json', 'utf8')).packages)) {
    if (path === '' || wanted.os || wanted.optional || (wanted.dev && omit)) continue;
    mkdirSync(path, { recursive: true });
    packages[path] = wanted;
  }
  setTimeout(() => {
    writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
    if (process.env.NPM_REWRITES) writeFileSync('package-lock.json', '{"packages":{}}');
  }, 300);
`;

function project(): string {
  const root = mkdtempSync(join(folder, 'project-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'npm'));
  for (const file of ['bootstrap.mjs', 'tsx.mjs']) {
    copyFileSync(join(import.meta.dirname, '..', 'bin', file), join(root, 'bin', file));
  }
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'package-lock.json'), lockfile('1.0.0'));
  writeFileSync(join(root, 'npm', 'package.json'), '{"type":"commonjs"}');
  writeFileSync(join(root, 'npm', 'npm-cli.js'), npm);
  writeFileSync(
    join(root, 'hello.ts'),
    `const [word, code]: string[] = process.argv.slice(2);
     if (word === 'wait') {
       process.on('SIGTERM', () => process.exit(7));
       setInterval(() => {}, 1_000);
     }
     console.log('hello', word);
     if (word === 'die') process.kill(process.pid, 'SIGKILL');
     else if (word !== 'wait') process.exitCode = Number(code ?? 0);`,
  );
  return root;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

function begin(root: string, args: string[], env: Record<string, string> = {}, nodeArgs: string[] = []) {
  const child: ChildProcess = spawn(process.execPath, [...nodeArgs, 'bin/bootstrap.mjs', ...args], {
    cwd: root,
    env: {
      PATH: '/usr/bin:/bin',
      npm_execpath: join(root, 'npm', 'npm-cli.js'),
      npm_node_execpath: process.execPath,
      ...env,
    },
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    err += String(chunk);
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, out, err })),
  );
  return { child, ended };
}

const run = (...args: Parameters<typeof begin>) => begin(...args).ended;
const npmCalls = (root: string) =>
  existsSync(join(root, 'npm.log')) ? readFileSync(join(root, 'npm.log'), 'utf8').trim().split('\n') : [];

test('the first run installs what running needs and says so; later runs are silent and call no npm', async () => {
  const root = project();
  const first = await run(root, ['hello.ts', 'you']);
  assert.deepEqual(first, {
    code: 0,
    signal: null,
    out: 'hello you\n',
    err: 'onrush: installing what running needs; the first time takes a minute\n',
  });
  assert.match(npmCalls(root)[0] ?? '', /^install --no-save .*--omit=dev$/);
  const second = await run(root, ['hello.ts', 'again']);
  assert.deepEqual(second, { code: 0, signal: null, out: 'hello again\n', err: '' });
  assert.equal(npmCalls(root).length, 1);
});

test('tests install the rest, and a start afterwards leaves it in place', async () => {
  const root = project();
  await run(root, ['hello.ts']);
  await run(root, ['--dev', 'hello.ts']);
  assert.equal(npmCalls(root).length, 2);
  assert.doesNotMatch(npmCalls(root)[1] ?? '', /--omit/);
  writeFileSync(join(root, 'package-lock.json'), lockfile('2.0.0'));
  await run(root, ['hello.ts']);
  await run(root, ['--dev', 'hello.ts']);
  assert.equal(npmCalls(root).length, 3);
  assert.doesNotMatch(npmCalls(root)[2] ?? '', /--omit/);
});

test('what somebody has installed by hand is recognised', async () => {
  const root = project();
  mkdirSync(join(root, 'node_modules', 'needed'), { recursive: true });
  const record = { packages: { 'node_modules/needed': { version: '1.0.0' } } };
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify(record));
  assert.equal((await run(root, ['hello.ts'])).err, '');
  assert.deepEqual(npmCalls(root), []);
  await run(root, ['--dev', 'hello.ts']);
  assert.equal(npmCalls(root).length, 1, 'but tests need what is not there');
});

test('of several at once one installs, and the others wait for it; a dead one is not waited for', async () => {
  const root = project();
  mkdirSync(join(root, 'node_modules'));
  writeFileSync(join(root, 'node_modules', '.onrush-install.lock'), String(2 ** 22 - 1));
  const results = await Promise.all([1, 2, 3, 4].map((n) => run(root, ['hello.ts', String(n)])));
  assert.deepEqual(
    results.map(({ code }) => code),
    [0, 0, 0, 0],
  );
  assert.equal(npmCalls(root).length, 1);
  assert(!existsSync(join(root, 'node_modules', '.onrush-install.lock')));
});

test('an npm that fails becomes one sentence that says what to do', async (t) => {
  const cases: [says: string, sentence: RegExp][] = [
    [
      'npm error code ENOTFOUND\nnpm error network request failed',
      /the npm registry cannot be reached\. Connect to the network/,
    ],
    ['npm error code ENOSPC', /the disk is full\. Free 1 GB/],
    ['npm error code EACCES', /node_modules may not be written by this user\. Give it to this user/],
    ['npm error code E403', /the npm registry refused us\./],
    [
      'npm error code ETARGET\nnpm error notarget No matching version',
      /npm could not install: code ETARGET\. Run `npm install` to see/,
    ],
    ['', /npm could not install|it gave no reason/],
  ];
  for (const [says, sentence] of cases) {
    await t.test(says.split('\n')[0] || 'silence', async () => {
      const root = project();
      const { code, err } = await run(root, ['hello.ts'], { NPM_SAYS: says || ' ' });
      assert.equal(code, 1);
      const [doing, failed, ...more] = err.trimEnd().split('\n');
      assert.match(doing ?? '', /^onrush: installing/);
      assert.match(failed ?? '', sentence);
      assert.deepEqual(more, []);
      assert.equal((await run(root, ['hello.ts'])).code, 0, 'the next run tries again');
    });
  }
});

test('the lockfile stays as it is, whatever npm makes of it', async () => {
  const root = project();
  await run(root, ['hello.ts'], { NPM_REWRITES: '1' });
  assert.equal(readFileSync(join(root, 'package-lock.json'), 'utf8'), lockfile('1.0.0'));
});

test('a clone without its lockfile is told so', async () => {
  const root = project();
  rmSync(join(root, 'package-lock.json'));
  const { code, err } = await run(root, ['hello.ts']);
  assert.equal(code, 1);
  assert.match(err, /^onrush: package-lock\.json is missing from .*: this is not a whole clone\. Clone it again\.\n$/);
});

test('an install ended by a signal ends npm too, and the next run goes on', async () => {
  const root = project();
  const { child, ended } = begin(root, ['hello.ts']);
  await new Promise((resolve) => child.stderr?.once('data', resolve));
  child.kill('SIGTERM');
  assert.equal((await ended).code, 143);
  assert(!existsSync(join(root, 'node_modules', '.onrush-install.lock')));
  assert.equal((await run(root, ['hello.ts'])).code, 0);
});

// The pinned Node stands in for by a script, so that it is another file than the one that runs the bootstrap.
const ways: [way: string, nodeArgs: string[]][] = [
  ['by replacing itself', []],
  ['by a child, where a process cannot replace itself', ['--import', 'data:text/javascript,process.execve=undefined']],
];
for (const [way, nodeArgs] of ways) {
  test(`it becomes the pinned Node ${way}: arguments, exit code and signals pass through`, {
    skip: process.platform === 'win32',
  }, async () => {
    const root = project();
    await run(root, ['hello.ts']);
    const platform = process.platform === 'darwin' ? 'node-bin-darwin' : `node-${process.platform}`;
    const bin = join(root, 'node_modules', `${platform}-${process.arch}`, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'node'), `#!/bin/sh\nPINNED=1 exec "${process.execPath}" "$@"\n`);
    chmodSync(join(bin, 'node'), 0o755);

    assert.deepEqual(await run(root, ['hello.ts', 'a b', '5'], {}, nodeArgs), {
      code: 5,
      signal: null,
      out: 'hello a b\n',
      err: '',
    });
    assert.equal((await run(root, ['hello.ts', 'die'], {}, nodeArgs)).signal, 'SIGKILL');
    const { child, ended } = begin(root, ['hello.ts', 'wait'], {}, nodeArgs);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGTERM');
    assert.equal((await ended).code, 7);
  });
}
