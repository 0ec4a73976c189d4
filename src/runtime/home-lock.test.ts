import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openHome } from './home.ts';
import { acquireHomeLock, HomeBusy, homeHolder } from './home-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-lock-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const home = openHome(join(folder, 'home'));

test('one at a time, and the refusal says who holds it', () => {
  const lock = acquireHomeLock(home, 'import');
  assert.throws(
    () => acquireHomeLock(home, 'up'),
    (error) =>
      error instanceof HomeBusy &&
      error.message === `\`onrush import\` is at work on this shop (pid ${process.pid}). Try again when it has ended.`,
  );
  lock.release();
  lock.release();

  const next = acquireHomeLock(home, 'up');
  next.announce('http://127.0.0.1:7070');
  assert.equal(homeHolder(home)?.url, 'http://127.0.0.1:7070');
  assert.throws(() => acquireHomeLock(home, 'up'), /running already \(pid \d+, http:\/\/127\.0\.0\.1:7070\)/);
  next.release();
  assert.equal(homeHolder(home), undefined);
  assert.deepEqual(readdirSync(join(home.path, 'run')), [], 'no drafts are left');
});

test('a lock of a dead process, of a reused pid, or cut off in its writing is no obstacle', () => {
  for (const stale of [
    JSON.stringify({ pid: 2 ** 22 - 1, startMark: 'gone', command: 'up' }),
    JSON.stringify({ pid: process.pid, startMark: 'another life', command: 'up' }),
    'half a li',
    '',
  ]) {
    writeFileSync(home.lockFile, stale);
    assert.equal(homeHolder(home), undefined);
    acquireHomeLock(home, 'up').release();
  }
});

test('of eight starters that meet one stale lock, exactly one gets it', async () => {
  writeFileSync(home.lockFile, JSON.stringify({ pid: 2 ** 22 - 1, startMark: 'gone', command: 'up' }));
  const starters = Array.from({ length: 8 }, () => starter());
  await Promise.all(starters.map(({ says }) => says('there')));
  for (const { child } of starters) child.stdin.write('go\n');
  const answers = await Promise.all(starters.map(({ says }) => says('got it', 'refused')));
  assert.equal(answers.filter((answer) => answer === 'got it').length, 1, answers.join());
  await Promise.all(starters.map(({ child }) => child.kill('SIGKILL') && once(child, 'exit')));
  assert(existsSync(home.lockFile), 'a killed holder leaves its lock');
  acquireHomeLock(home, 'up').release();
});

function starter() {
  const script = `
    import { homeAt } from ${JSON.stringify(import.meta.resolve('./home.ts'))};
    import { acquireHomeLock } from ${JSON.stringify(import.meta.resolve('./home-lock.ts'))};
    console.log('there');
    process.stdin.once('data', () => {
      try {
        acquireHomeLock(homeAt(${JSON.stringify(home.path)}), 'up');
        console.log('got it');
      } catch {
        console.log('refused');
      }
    });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  const says = (...words: string[]) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const word = words.find((candidate) => said.includes(candidate));
        if (word !== undefined) resolve(word);
      };
      child.stdout.on('data', look);
      child.once('exit', () => reject(new Error(`it ended having said ${said}`)));
      look();
    });
  return { child, says };
}
