import { Writable } from 'node:stream';
import { main } from './main.ts';
import { createTerminal } from './terminal.ts';

/** Runs a command line in this process, as in a pipe, and brings what it wrote and how it ended. */
export async function runCommandLine(
  line: readonly string[],
  { env, cwd }: { readonly env: Record<string, string>; readonly cwd: string },
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += String(chunk);
        done();
      },
    });
  const terminal = createTerminal(stream('out'), stream('err'));
  const code = await main({ line: [...line], env, cwd, terminal });
  return { code, ...written };
}
