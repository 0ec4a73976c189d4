import assert from 'node:assert/strict';
import type { Client } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import { problem } from '../../platform/api/problem.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import { brokenConstraint } from '../../platform/database/database.ts';
import { derivedId } from '../../platform/database/derived-id.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import type { checkoutApi } from '../checkout/api.ts';
import { type PriceRule, promotionApi, type Sale, type SaleInput } from './api.ts';
import { couponIdOf, redemptionsToAllot } from './coupon.ts';
import { priceRuleChanged, promotionTopics, saleChanged } from './events.ts';
import { createOfferBook, type OfferBook, offersAt, salesAt } from './offers.ts';
import {
  type CouponGrant,
  endSale,
  findRuleByCode,
  loadGrants,
  loadPriceRules,
  loadSales,
  lockRule,
  requestGrant,
  type SettledGrant,
  settleGrants,
  writePriceRule,
  writeSale,
} from './store.ts';
import { priceRuleErrors, saleErrors } from './validity.ts';

export type PromotionContext = Pick<Context, 'clock' | 'log' | 'database' | 'events' | 'cache'>;

/**
 * What is over is kept in the book for so long: a clock that steps back finds what held then. Days of clock trouble are not
 * for software to bear.
 */
const keptAfterEndMs = 24 * 60 * 60 * 1000;

type ChangeOutcome = 'written' | 'already-redeemed' | 'changed-meanwhile' | 'code-taken';

type Step =
  | { readonly kind: 'written' | 'changed-meanwhile' | 'code-taken' }
  | { readonly kind: 'in-doubt'; readonly grants: readonly CouponGrant[] };

/** Sales, price rules and coupons: what holds for a variant at this instant. */
export function createPromotion(
  ctx: PromotionContext,
  { checkout }: { checkout: Client<typeof checkoutApi> },
): Service<typeof promotionApi> {
  // Changes announce themselves; being read anew now and then mends what a lost announcement would leave wrong.
  const books = ctx.cache.namespace<OfferBook>('offer-book', { ttlMs: 10_000, staleMs: 60_000, entriesMax: 1 });

  /** Everything that holds or will hold, in this process: asking about a variant costs no statement. */
  async function currentBook(): Promise<OfferBook> {
    const book = books.peek('all') ?? (await books.getOrLoad('all', loadBook));
    assert(book !== undefined, 'the book may be empty, but there always is one');
    return book;
  }

  async function loadBook(): Promise<OfferBook> {
    const keptFromMs = ctx.clock.nowMs() - keptAfterEndMs;
    const [sales, rules] = await Promise.all([
      loadSales(ctx.database, keptFromMs),
      loadPriceRules(ctx.database, keptFromMs),
    ]);
    return createOfferBook(sales, rules);
  }

  const stopListening = ctx.events.listen({
    topics: promotionTopics,
    hear: () => {
      books.invalidate(['all']).catch((error: unknown) => ctx.log.error({ err: error }, 'offers could not be dropped'));
    },
  });

  /** Everything that changed here holds here at once; other processes hear of it by the event. */
  async function announceHere(): Promise<void> {
    ctx.events.nudge();
    await books.invalidate(['all']);
  }

  /**
   * Has checkout allot what the rule's redemptions are to be in all, then writes the rule: a code that buyers can use has
   * its redemptions. Each asking is recorded first, so that a crash anywhere in between leaves nothing that sending the rule
   * again would double.
   *
   * Of several who change one rule at once, each finishes what another has begun before it begins anything itself, and asks
   * once at most. So this ends, those who want the same share one grant, and who was granted last finds it so and writes.
   */
  async function change(rule: PriceRule): Promise<ChangeOutcome> {
    const own = newId(randomBucket(), ctx.clock.nowMs());
    let ownState: SettledGrant['state'] | undefined;
    for (;;) {
      const step = await takeStep(rule, own, ownState !== undefined);
      if (step.kind !== 'in-doubt') return step.kind;
      const settled = await finishGrants(couponIdOf(rule.ruleId), step.grants);
      ownState ??= settled.find(({ grantId }) => grantId === own)?.state;
      if (ownState === 'refused') return 'already-redeemed';
    }
  }

  /** Writes the rule if it has its redemptions; else tells which grants must be finished first, a new one perhaps. */
  async function takeStep(rule: PriceRule, grantId: string, hasAsked: boolean): Promise<Step> {
    const { ruleId } = rule;
    const wanted = redemptionsToAllot(rule);
    try {
      return await ctx.database.transaction(async (tx) => {
        const [, { granted, inDoubt }] = await Promise.all([lockRule(tx, ruleId), loadGrants(tx, ruleId)]);
        if (inDoubt.length > 0) return { kind: 'in-doubt', grants: inDoubt };
        if (wanted !== undefined && wanted !== granted) {
          // Asking again and again, two who want different things would take turns for ever.
          if (hasAsked) return { kind: 'changed-meanwhile' };
          const grant = { grantId, quantity: wanted - granted };
          await requestGrant(tx, { ...grant, ruleId, nowMs: ctx.clock.nowMs() });
          return { kind: 'in-doubt', grants: [grant] };
        }
        await Promise.all([writePriceRule(tx, rule), ctx.events.publish(tx, [priceRuleChanged(rule)])]);
        return { kind: 'written' };
      });
    } catch (error) {
      if (brokenConstraint(error) === 'price_rule_coupon_unique') return { kind: 'code-taken' };
      throw error;
    }
  }

  /** Has checkout do these grants or refuse them, once and for all, whoever else asks for the same ones meanwhile. */
  async function finishGrants(subjectId: string, grants: readonly CouponGrant[]): Promise<SettledGrant[]> {
    const outcomes = await askFor(subjectId, grants);
    const refused = grants.filter(({ grantId }) => outcomes.get(grantId) !== 'applied');
    // Checkout forgets what it refuses and would do it for the next who asks, when we have long counted without it. As
    // a grant of nothing its id is used up; where that is a conflict, another's asking for the same was heard in between.
    const voided =
      refused.length === 0
        ? undefined
        : await askFor(
            subjectId,
            refused.map(({ grantId }) => ({ grantId, quantity: 0 })),
          );
    const settled = grants.map(({ grantId }): SettledGrant => {
      const isRefused = voided?.get(grantId) === 'applied';
      return { grantId, state: isRefused ? 'refused' : 'applied' };
    });
    await settleGrants(ctx.database, settled);
    return settled;
  }

  async function askFor(subjectId: string, grants: readonly CouponGrant[]) {
    const body = { grants: grants.map((grant) => ({ ...grant, subjectId })) };
    const { results } = succeeded('checkout', await checkout.grantAllotments({ body })).body;
    assert.equal(results.length, grants.length, 'every grant is answered');
    return new Map(results.map(({ grantId, outcome }) => [grantId, outcome]));
  }

  return {
    contract: promotionApi,
    importance: 'core',
    async start() {
      await currentBook();
    },
    async stop() {
      stopListening();
    },
    handlers: {
      async listSales() {
        const nowMs = ctx.clock.nowMs();
        return { status: 200, body: { items: salesAt(await currentBook(), nowMs), nowMs } };
      },

      async readSales() {
        const nowMs = ctx.clock.nowMs();
        return {
          status: 200,
          body: { items: await loadSales(ctx.database, nowMs - keptAfterEndMs, { withEnded: true }), nowMs },
        };
      },

      async createSale({ body }) {
        const errors = saleErrors(body);
        if (errors.length > 0) return problem('bad-request', { detail: 'The sale is not valid.', errors });
        const sale = saleOf(body, body.saleId ?? newId(randomBucket(), ctx.clock.nowMs()));
        await ctx.database.transaction(async (tx) => {
          await Promise.all([writeSale(tx, sale), ctx.events.publish(tx, [saleChanged(sale)])]);
        });
        await announceHere();
        return { status: 201, body: sale };
      },

      async endSale({ params: { saleId } }) {
        const sale = await ctx.database.transaction(async (tx) => {
          const ended = await endSale(tx, saleId, ctx.clock.nowMs());
          if (ended) await ctx.events.publish(tx, [saleChanged(ended)]);
          return ended;
        });
        if (sale === undefined) return problem('not-found', { detail: 'There is no such sale.', saleId });
        await announceHere();
        return { status: 200, body: sale };
      },

      async createPriceRule({ body }) {
        const errors = priceRuleErrors(body);
        if (errors.length > 0) return problem('bad-request', { detail: 'The price rule is not valid.', errors });
        const rule: PriceRule = { ...body, ruleId: body.ruleId ?? newId(randomBucket(), ctx.clock.nowMs()) };
        const holder = rule.couponCode === undefined ? undefined : await findRuleByCode(ctx.database, rule.couponCode);
        if (holder !== undefined && holder !== rule.ruleId) return codeTaken(rule);

        const outcome = await change(rule);
        if (outcome === 'already-redeemed') {
          return problem('conflict', {
            detail: `More than ${redemptionsToAllot(rule)} redemptions have been made already. Give the coupon an end instead.`,
          });
        }
        if (outcome === 'code-taken') return codeTaken(rule);
        if (outcome === 'changed-meanwhile') {
          return problem('conflict', { detail: 'Someone else changed this rule at the same moment. Send it again.' });
        }
        await announceHere();
        return { status: 201, body: rule };
      },

      async listPriceRules() {
        return { status: 200, body: { items: await loadPriceRules(ctx.database, undefined) } };
      },

      async getOffers({ body }) {
        return { status: 200, body: offersAt(await currentBook(), body, ctx.clock.nowMs()) };
      },
    },
  };
}

/** The same variant of the same sale is the same item for ever: who has taken some of it has, whatever is changed around it. */
function saleOf({ items, saleId: _, isHeldUntilStart, ...plan }: SaleInput, saleId: string): Sale {
  return {
    saleId,
    ...plan,
    ...(isHeldUntilStart && { isHeldUntilStart }),
    items: items.map((item) => ({ ...item, saleItemId: derivedId(saleId, item.variantId) })),
  };
}

function codeTaken({ couponCode }: PriceRule) {
  return problem('conflict', { detail: 'Another price rule has this coupon code.', couponCode });
}
