import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommandLine } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-edge-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

async function edge(...line: string[]) {
  const whole = ['edge', '--upstream', 'http://127.0.0.1:9', '--port', '0', ...line];
  const { code, out, err } = await runCommandLine(whole, { env: {}, cwd: folder });
  return { code, err: out + err };
}

test('what cannot be meant is said in one sentence, before anything listens', async () => {
  const short = file('short', 'abc\n');
  const good = file('good', 'x'.repeat(32));
  const words = file('words', 'correct horse battery staple\n');
  for (const [line, said] of [
    [['--purge-port', '8081'], /go together/],
    [['--purge-token-file', short], /go together/],
    [['--purge-port', '0', '--purge-token-file', join(folder, 'none')], /cannot be read/],
    [['--purge-port', '0', '--purge-token-file', short], /16 visible characters/],
    [['--purge-port', '0', '--purge-token-file', words], /16 visible characters/],
    [['--port', '8081', '--purge-port', '8081', '--purge-token-file', good], /both 8081/],
    [['--name', 'Shop; hit'], /--name must be up to 64 letters/],
    [['--trusted-proxy', '10.0.0/8'], /"10\.0\.0\/8" is no address and no CIDR/],
  ] as const) {
    const { code, err } = await edge(...line);
    assert.equal(code, 2, err);
    assert.match(err, said);
  }
});

test('a purge port that is taken stops it, and names the option', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  try {
    const token = file('token', `${'k'.repeat(32)}\n`);
    const { code, err } = await edge('--purge-port', String(port), '--purge-token-file', token);
    assert.equal(code, 1);
    assert.match(err, new RegExp(`${port}[\\s\\S]*--purge-port`));
  } finally {
    taken.close();
  }
});
