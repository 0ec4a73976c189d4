import type { Context } from '../../platform/context/context.ts';
import { bucketOf } from '../../platform/database/bucket.ts';
import type { Tx } from '../../platform/database/database.ts';
import { newId } from '../../platform/database/id.ts';
import type { NewEvent } from '../../platform/events/event.ts';
import type { ProductInput, PutResult } from './api.ts';
import { parentPathOf, pathsDownTo, titleFromPath } from './collection-path.ts';
import { collectionChanged, productChanged } from './events.ts';
import { normaliseProduct } from './product-input.ts';
import { type ProductWrite, planPut, type Wanted } from './put-plan.ts';
import {
  type CollectionFacts,
  changeCollections,
  insertCollections,
  missingCollectionPaths,
  type NewCollection,
} from './store-collections.ts';
import { loadKnown, lockForPut, writeProducts } from './store-put.ts';

export type PutContext = Pick<Context, 'clock' | 'database' | 'events'>;

/** Creates or replaces products, in one transaction and with as many statements for a thousand as for one. */
export async function putProducts(
  ctx: PutContext,
  inputs: readonly ProductInput[],
  isCurrency: (code: string) => boolean,
  options: { stopAtRefused?: boolean | undefined } = {},
): Promise<{ results: readonly PutResult[]; writes: readonly ProductWrite[] }> {
  const wanted = inputs.map((input): Wanted => {
    const normalised = normaliseProduct(input, isCurrency);
    if (normalised.kind === 'refused') return { kind: 'refused', slug: input.slug, reason: normalised.reason };
    return { ...normalised, slug: input.slug };
  });
  const products = wanted.flatMap((item) => (item.kind === 'normal' ? [item.product] : []));
  const slugs = products.map((product) => product.slug);
  const skus = products.flatMap((product) => product.variants.map((variant) => variant.sku));
  const nowMs = ctx.clock.nowMs();

  const plan = await ctx.database.transaction(async (tx) => {
    // What is read must be read after the lock is held; the connection keeps the order.
    const [, known] = await Promise.all([lockForPut(tx, slugs, skus), loadKnown(tx, slugs, skus)]);
    const made = planPut(wanted, known, (slug) => newId(bucketOf(slug), nowMs), options);
    if (made.writes.length === 0) return made;
    const paths = made.writes.flatMap(({ product }) => product.collections.flatMap(pathsDownTo));
    const collectionEvents = await makeMissingCollections(tx, [...new Set(paths)], nowMs);
    await Promise.all([
      writeProducts(tx, made.writes, made.retiredVariantIds, nowMs),
      ctx.events.publish(tx, [...collectionEvents, ...made.writes.map(productChanged)]),
    ]);
    return made;
  });
  if (plan.writes.length > 0) ctx.events.nudge();
  return plan;
}

async function makeMissingCollections(tx: Tx, paths: readonly string[], nowMs: number): Promise<NewEvent[]> {
  if (paths.length === 0) return [];
  const missing = await missingCollectionPaths(tx, paths);
  if (missing.length === 0) return [];
  const made = await insertCollections(
    tx,
    missing.map((path) => newCollection({ path, title: titleFromPath(path) }, nowMs)),
  );
  return made.map(collectionChanged);
}

/**
 * Creates or changes collections; what is missing above them is made. Of a path that stands there twice, the last one counts.
 * Returns whether anything changed.
 */
export async function putCollections(ctx: PutContext, collections: readonly CollectionFacts[]): Promise<boolean> {
  const factsByPath = new Map(collections.map((facts) => [facts.path, facts]));
  const paths = [...new Set([...factsByPath.keys()].flatMap(pathsDownTo))];
  const nowMs = ctx.clock.nowMs();
  const changed = await ctx.database.transaction(async (tx) => {
    const made = await insertCollections(
      tx,
      paths.map((path) => newCollection(factsByPath.get(path) ?? { path, title: titleFromPath(path) }, nowMs)),
    );
    const altered = await changeCollections(tx, [...factsByPath.values()]);
    await ctx.events.publish(tx, [...made, ...altered].map(collectionChanged));
    return made.length + altered.length > 0;
  });
  if (changed) ctx.events.nudge();
  return changed;
}

function newCollection(facts: CollectionFacts, nowMs: number): NewCollection {
  return { ...facts, collectionId: newId(bucketOf(facts.path), nowMs), parentPath: parentPathOf(facts.path) };
}
