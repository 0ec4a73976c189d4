import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Slice, type SliceResult, slicesOf } from '../pages/static/build-all.ts';
import { pageConsumer } from '../pages/static/builder.ts';
import { adoptPages, hasOtherKeeper } from '../pages/static/store-keeper.ts';
import { handleNext } from '../platform/events/consumer-group.ts';
import { registerGroups } from '../platform/events/store.ts';
import { openPages, type PagesStart } from './open-pages.ts';
import type { FromBuilder, ToBuilder } from './pages-process.ts';

export interface BuildAllOptions {
  readonly start: PagesStart;
  readonly processCount: number;
  /** Also those that are as they should be. */
  readonly isAnew: boolean;
  onProgress(total: BuildTotal): void;
  /** Ends after the slices under way. */
  isInterrupted(): boolean;
}

export interface BuildTotal {
  readonly builtCount: number;
  readonly freshCount: number;
  readonly failures: SliceResult['failures'];
  readonly durationMs: number;
}

const heapMb = 512;
const failuresKeptMax = 20;
const adoptedAtOnce = 1_000;

/** Builds every page that there is, in processes of their own: rendering and compressing fill a core each. */
export async function buildAllPages(options: BuildAllOptions): Promise<BuildTotal> {
  const startedAtMs = performance.now();
  const pages = await openPages(options.start, 'pages-build');
  const children: Builder[] = [];
  let total: BuildTotal = { builtCount: 0, freshCount: 0, failures: [], durationMs: 0 };
  try {
    if (await hasOtherKeeper(pages.database, pages.buildId, pages.clock.nowMs())) {
      throw new Error(
        'A shop of another version or with other settings is running on this database: its pages are its own to build. Stop it, or build with what it runs with.',
      );
    }
    await catchUp(pages);
    while ((await adoptPages(pages.database, pages.buildId, adoptedAtOnce)) > 0)
      if (options.isInterrupted()) return total;
    children.push(...(await Promise.all(Array.from({ length: options.processCount }, () => startBuilder(options)))));
    // Drawn from by all of them, so that none waits for another; and read no further than they have come.
    const slices = slicesOf(pages.kinds);
    await Promise.all(
      children.map(async (child) => {
        for (;;) {
          if (options.isInterrupted()) return;
          const { value, done } = await slices.next();
          if (done) return;
          const result = await child.build(value);
          total = {
            builtCount: total.builtCount + result.builtCount,
            freshCount: total.freshCount + result.freshCount,
            failures: [...total.failures, ...result.failures].slice(0, failuresKeptMax),
            durationMs: performance.now() - startedAtMs,
          };
          options.onProgress(total);
        }
      }),
    );
    return total;
  } finally {
    await Promise.all(children.map((child) => child.end()));
    await pages.close();
  }
}

/**
 * Changes that nobody has handled yet, of an import while the shop was closed, would have every page that is built now built
 * again when it opens.
 */
async function catchUp({ database, clock }: Awaited<ReturnType<typeof openPages>>): Promise<void> {
  const consumer = pageConsumer(() => {});
  await registerGroups(database, [{ group: consumer.group, fromBeginning: false }]);
  const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
  const backoff = { baseMs: 250, capMs: 600_000, random: Math.random };
  while ((await handleNext({ database, clock, log: silent, backoff }, consumer)).kind === 'worked');
}

interface Builder {
  build(slice: Slice): Promise<SliceResult>;
  end(): Promise<void>;
}

async function startBuilder({ start, isAnew }: BuildAllOptions): Promise<Builder> {
  const child = fork(fileURLToPath(new URL('./pages-process.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [`--max-old-space-size=${heapMb}`, '--import', new URL('../../bin/tsx.mjs', import.meta.url).href],
  });
  const exited = once(child, 'exit');
  await answerTo(child, { kind: 'start', start, isAnew });
  return {
    async build(slice) {
      const answer = await answerTo(child, { kind: 'slice', slice });
      return answer.kind === 'done' ? answer.result : { builtCount: 0, freshCount: 0, failures: [] };
    },
    async end() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** One at a time: the next message from the process is the answer to what it was told. */
function answerTo(child: ChildProcess, message: ToBuilder): Promise<FromBuilder> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      settle();
    };
    const onMessage = (answer: FromBuilder) =>
      done(() => (answer.kind === 'failed' ? reject(new Error(answer.message)) : resolve(answer)));
    const onExit = (code: number | null, signal: string | null) =>
      done(() =>
        reject(new Error(`A process that built pages ended ${signal ? `by ${signal}` : `with code ${code}`}.`)),
      );
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send(message);
  });
}
