import type { Client } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import { problem } from '../../platform/api/problem.ts';
import { createLane } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import { bucketOf } from '../../platform/database/bucket.ts';
import { isUuid, newId } from '../../platform/database/id.ts';
import type { checkoutApi } from '../checkout/api.ts';
import { type Level, type Movement, type MovementInput, stockApi } from './api.ts';
import { stockMoved } from './events.ts';
import { levelOf } from './level.ts';
import {
  finishMovements,
  insertMovements,
  listMovements,
  loadMovements,
  loadUnfinished,
  type NewMovement,
  type RecordedMovement,
} from './store.ts';

export type StockContext = Pick<Context, 'clock' | 'log' | 'database' | 'events' | 'jobs' | 'cache'>;

type Outcome = 'applied' | 'insufficient' | 'conflict';

const unfinishedAfterMs = 10_000;
const unfinishedMax = 1000;
const variantsMax = 50;
// Sales and other counts change a level under a count's hands; ten times in a row they hardly do.
const countTriesMax = 10;

/**
 * How many units exist and why. The units themselves are dealt to checkout as allotments: a movement is recorded as
 * requested, granted under its own id, and recorded as applied or refused. Each step is idempotent by the movement's id,
 * so whatever a crash interrupts is taken up again by a retry or by the job.
 */
export function createStock(
  ctx: StockContext,
  { checkout }: { checkout: Client<typeof checkoutApi> },
): Service<typeof stockApi> & { finishInterrupted(): Promise<number> } {
  const hints = ctx.cache.namespace<number>('availability', { ttlMs: 500, staleMs: 5000, entriesMax: 50_000 });
  // Hints that expire together are looked up together.
  const lookups = createLane<string, number>({
    name: 'availability look-ups',
    batchMax: 1000,
    waitingMax: 10_000,
    run: async (variantIds) => (await levels(variantIds)).map((level) => level.available),
  });

  async function move(inputs: readonly NewMovement[]): Promise<Outcome[]> {
    const ids = inputs.map((input) => input.movementId);
    await insertMovements(ctx.database, inputs, ctx.clock.nowMs());
    const recorded = await loadMovements(ctx.database, ids);
    await apply([...recorded.values()].filter((movement) => movement.state !== 'applied'));
    const finished = await loadMovements(ctx.database, ids);
    return inputs.map((input) => outcomeOf(input, finished.get(input.movementId)));
  }

  /** Has movements granted and writes down how that ended. */
  async function apply(movements: readonly RecordedMovement[]): Promise<void> {
    if (movements.length === 0) return;
    const reply = await checkout.grantAllotments({
      body: {
        grants: movements.map(({ movementId, variantId, quantity, ifOnHand }) => ({
          grantId: movementId,
          subjectId: variantId,
          quantity,
          ...(ifOnHand !== undefined && { ifOnHand }),
        })),
      },
    });
    const { results } = succeeded('checkout', reply).body;
    const finished = movements.map(({ movementId }, index) => ({
      movementId,
      state: results[index]?.outcome === 'applied' ? ('applied' as const) : ('refused' as const),
    }));
    await ctx.database.transaction(async (tx) => {
      const applied = await finishMovements(tx, finished);
      await ctx.events.publish(tx, movements.filter(({ movementId }) => applied.has(movementId)).map(stockMoved));
    });
    ctx.events.nudge();
  }

  /**
   * Sets what is on hand, as movements that hold only while the level is the one they were worked out from: of two who
   * count the same shelf at once, and of one who asks twice, one is refused and finds nothing left to do.
   */
  async function count(wanted: ReadonlyMap<string, number>): Promise<{ changed: Set<string>; refused: string[] }> {
    const changed = new Set<string>();
    let open = [...wanted.keys()];
    for (let tries = 0; tries < countTriesMax && open.length > 0; tries++) {
      const nowMs = ctx.clock.nowMs();
      const movements = (await levels(open))
        .filter(({ variantId, onHand }) => wanted.get(variantId) !== onHand)
        .map(({ variantId, onHand }): NewMovement => {
          const quantity = (wanted.get(variantId) ?? 0) - onHand;
          const movementId = newId(bucketOf(variantId), nowMs);
          return { movementId, variantId, quantity, reason: 'counted', ifOnHand: onHand };
        });
      const outcomes = movements.length === 0 ? [] : await move(movements);
      movements.forEach(({ variantId }, index) => {
        if (outcomes[index] === 'applied') changed.add(variantId);
      });
      open = movements.filter((_, index) => outcomes[index] !== 'applied').map(({ variantId }) => variantId);
    }
    return { changed, refused: open };
  }

  async function levels(variantIds: readonly string[]): Promise<Level[]> {
    const reply = await checkout.getAllotments({ body: { subjectIds: [...variantIds] } });
    const { items } = succeeded('checkout', reply).body;
    const bySubject = new Map(items.map((item) => [item.subjectId, item]));
    return variantIds.map((variantId) => levelOf(variantId, bySubject.get(variantId)));
  }

  /** Takes up movements whose process died between recording and granting. Returns how many. */
  async function finishInterrupted(): Promise<number> {
    const unfinished = await loadUnfinished(ctx.database, ctx.clock.nowMs() - unfinishedAfterMs, unfinishedMax);
    await apply(unfinished);
    return unfinished.length;
  }
  ctx.jobs.define({
    name: 'stock-finish-interrupted',
    everyMs: 10_000,
    run: async () => {
      await finishInterrupted();
    },
  });

  return {
    contract: stockApi,
    importance: 'standard',
    finishInterrupted,
    stop: () => lookups.close(),
    handlers: {
      async getAvailability({ query }) {
        const variantIds = [...new Set(query.variantIds.split(','))];
        if (variantIds.length > variantsMax || !variantIds.every(isUuid)) {
          return problem('bad-request', {
            detail: `variantIds takes up to ${variantsMax} variant ids, separated by commas.`,
            errors: [{ pointer: '#query/variantIds', detail: 'not a list of variant ids' }],
          });
        }
        const available = await Promise.all(
          variantIds.map((variantId) => hints.getOrLoad(variantId, () => lookups.submit(variantId))),
        );
        return {
          status: 200,
          body: { items: variantIds.map((variantId, index) => ({ variantId, available: available[index] ?? 0 })) },
        };
      },

      async moveStock({ body: { movements } }) {
        const outcomes = await move(movements);
        return {
          status: 200,
          body: {
            results: movements.map(({ movementId }, index) => ({
              movementId,
              outcome: outcomes[index] ?? 'conflict',
            })),
          },
        };
      },

      async countStock({ body }) {
        const { changed, refused } = await count(
          new Map(body.levels.map(({ variantId, onHand }) => [variantId, onHand])),
        );
        return { status: 200, body: { changedCount: changed.size, refused } };
      },

      async getLevels({ body }) {
        return { status: 200, body: { items: await levels([...new Set(body.variantIds)]) } };
      },

      async listMovements({ query }) {
        if (query.cursor !== undefined && !isUuid(query.cursor)) {
          return problem('bad-request', {
            detail: 'The cursor is not one that this list gave.',
            errors: [{ pointer: '#query/cursor', detail: 'unknown cursor' }],
          });
        }
        const limit = query.limit ?? 24;
        const items = await listMovements(ctx.database, query.variantId, { before: query.cursor, countMax: limit + 1 });
        const page = items.slice(0, limit);
        const last = page.at(-1);
        return {
          status: 200,
          body: { items: page, ...(items.length > limit && last && { nextCursor: last.movementId }) },
        };
      },
    },
  };
}

function outcomeOf(input: MovementInput, movement: Movement | undefined): Outcome {
  const isSame = movement?.variantId === input.variantId && movement.quantity === input.quantity;
  if (!isSame) return 'conflict';
  return movement.state === 'applied' ? 'applied' : 'insufficient';
}
