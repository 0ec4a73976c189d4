import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { BareAnswer } from './bare-process.ts';

/** What a bare route is to send in order to say the same as the shop does. */
export async function bareAnswerOf(
  base: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<BareAnswer> {
  const response = await fetch(`${base}${path}`, { headers });
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${body}`);
  // Those that Node writes by itself it writes for the bare route too.
  const own = new Set(['date', 'connection', 'keep-alive', 'content-length']);
  return { path, body, headers: Object.fromEntries([...response.headers].filter(([name]) => !own.has(name))) };
}

/** A process with nothing but Fastify and this answer (bare-process.ts); it ends when it is disconnected. */
export async function startBare(answer: BareAnswer): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(new URL('./bare-process.ts', import.meta.url));
  child.send(answer);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}
