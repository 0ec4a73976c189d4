// A process that builds pages, forked by build-all-pages.ts: told where, then slice after slice.
import { buildSlice, type Slice, type SliceResult } from '../pages/static/build-all.ts';
import { openPages, type PagesStart } from './open-pages.ts';

export type ToBuilder =
  | { readonly kind: 'start'; readonly start: PagesStart; readonly isAnew: boolean }
  | { readonly kind: 'slice'; readonly slice: Slice };

export type FromBuilder =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly result: SliceResult }
  | { readonly kind: 'failed'; readonly message: string };

let opened: { pages: Awaited<ReturnType<typeof openPages>>; isAnew: boolean } | undefined;

// The one who asked decides what a Ctrl-C means.
for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
process.on('disconnect', async () => {
  await opened?.pages.close();
  process.exit(0);
});
process.on('message', async (message: ToBuilder) => {
  try {
    if (message.kind === 'start') {
      opened = { pages: await openPages(message.start, 'pages'), isAnew: message.isAnew };
      tell({ kind: 'ready' });
    } else if (opened !== undefined) {
      tell({ kind: 'done', result: await buildSlice(opened.pages, message.slice, opened.isAnew) });
    }
  } catch (error) {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});

function tell(message: FromBuilder): void {
  process.send?.(message);
}
