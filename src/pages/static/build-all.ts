import type { Database } from '../../platform/database/database.ts';
import type { PageBuilds } from './build-pages.ts';
import type { PageKind, PageParams } from './page-kind.ts';
import { pageRefs } from './page-paths.ts';
import { loadFresh } from './store.ts';

/** Some pages of one kind, in all their languages. */
export interface Slice {
  readonly kind: string;
  readonly params: readonly PageParams[];
}

export interface SliceResult {
  readonly builtCount: number;
  /** Were as they should be already. */
  readonly freshCount: number;
  readonly failures: readonly { readonly path: string; readonly message: string }[];
}

const sliceMax = 50;

/** All pages that there are, in slices that a process builds at a time. */
export async function* slicesOf(kinds: readonly PageKind[]): AsyncGenerator<Slice> {
  for (const kind of kinds) {
    for await (const some of kind.all()) {
      for (let at = 0; at < some.length; at += sliceMax)
        yield { kind: kind.name, params: some.slice(at, at + sliceMax) };
    }
  }
}

export interface SliceContext {
  readonly database: Database;
  readonly clock: { nowMs(): number };
  readonly kinds: readonly PageKind[];
  readonly builds: PageBuilds;
  readonly buildId: string;
}

/** Builds those of the slice that are not as they should be; so an interrupted build goes on where it was. */
export async function buildSlice(ctx: SliceContext, slice: Slice, isAnew: boolean): Promise<SliceResult> {
  const kind = ctx.kinds.find(({ name }) => name === slice.kind);
  if (kind === undefined) return { builtCount: 0, freshCount: 0, failures: [] };
  const all = slice.params.flatMap((params) => pageRefs(kind, params));
  const paths = all.map(({ path }) => path);
  const fresh = isAnew ? new Set<string>() : await loadFresh(ctx.database, ctx.buildId, ctx.clock.nowMs(), paths);
  const refs = all.filter(({ path }) => !fresh.has(path));
  if (refs.length === 0) return { builtCount: 0, freshCount: fresh.size, failures: [] };
  const outcomes = await ctx.builds.build(refs);
  const failures = outcomes.flatMap((outcome, index) =>
    outcome.kind === 'failed' ? [{ path: refs[index]?.path ?? '', message: String(outcome.error) }] : [],
  );
  const builtCount = outcomes.filter(({ kind: outcome }) => outcome === 'built').length;
  return { builtCount, freshCount: fresh.size, failures };
}
