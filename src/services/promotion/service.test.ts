import assert from 'node:assert/strict';
import test from 'node:test';
import type { Client } from '../../platform/api/contract.ts';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem, type ProblemReply, problemSlug } from '../../platform/api/problem.ts';
import { createValidation } from '../../platform/api/validation.ts';
import { createCache } from '../../platform/cache/create-cache.ts';
import { brokenConstraint } from '../../platform/database/database.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { type Queryable, sql } from '../../platform/database/sql.ts';
import { createEvents } from '../../platform/events/events.ts';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import { type TestContext, testContext } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import type { checkoutApi } from '../checkout/api.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { createCheckout } from '../checkout/service.ts';
import type { PriceRuleInput, SaleInput } from './api.ts';
import { couponIdOf } from './coupon.ts';
import { promotionMigrations } from './migrations.ts';
import { createPromotion } from './service.ts';

const ctx = await testContext([promotionMigrations, checkoutMigrations]);
const validation = createValidation();
const checkout = connectInProcess(createCheckout(ctx), { validation });
const promotion = connectInProcess(createPromotion(ctx, { checkout }), { validation });

const anyId = () => newId(randomBucket(), ctx.clock.nowMs());

/** The body of a reply that must be a success. */
function well<R extends { readonly status: number }>(
  reply: R,
): Extract<Exclude<R, ProblemReply>, { body: unknown }>['body'] {
  assert(!isProblem(reply), JSON.stringify(reply));
  assert('body' in reply);
  return reply.body as never;
}
const slugOf = (reply: object) => (isProblem(reply) ? problemSlug(reply) : 'fine');

const saleInput = (variantId: string, over: Partial<SaleInput> = {}): SaleInput => ({
  name: 'Friday',
  startsAtMs: ctx.clock.nowMs(),
  endsAtMs: ctx.clock.nowMs() + 60_000,
  items: [{ variantId, currency: 'EUR', amountMinor: 500, limitPerBuyer: 2 }],
  ...over,
});
const ruleInput = (over: Partial<PriceRuleInput> = {}): PriceRuleInput => ({
  name: 'Ten per cent',
  reduction: { kind: 'percentage', basisPoints: 1000 },
  scope: { kind: 'everything' },
  ...over,
});
async function priceOf(variantId: string, on = promotion) {
  const { saleItems } = well(await on.getOffers({ body: { variantIds: [variantId], currency: 'EUR' } }));
  return saleItems[0]?.item.amountMinor;
}

/** Another process of the same shop: its own cache and its own ear, the same database. */
function otherProcess(over: { checkout?: Client<typeof checkoutApi> } = {}) {
  const metrics = createMetrics({ withProcess: false });
  const events = createEvents({ ...ctx, metrics, pollMs: 10 });
  const its: TestContext = { ...ctx, metrics, events, cache: createCache({ ...ctx, metrics }) };
  return { events, promotion: connectInProcess(createPromotion(its, { checkout, ...over }), { validation }) };
}

test('a sale holds at once where it was made, from its first millisecond until before its last, clock back or forth', async () => {
  const variantId = anyId();
  const startsAtMs = ctx.clock.nowMs() + 1000;
  well(await promotion.createSale({ body: saleInput(variantId, { startsAtMs, endsAtMs: startsAtMs + 500 }) }));
  for (const [byMs, priceMinor] of [
    [0, undefined],
    [999, undefined],
    [1, 500],
    [499, 500],
    [1, undefined],
    [-1, 500],
    [-500, undefined],
    [1, 500],
  ] as const) {
    ctx.clock.advance(byMs);
    assert.equal(await priceOf(variantId), priceMinor, `${ctx.clock.nowMs() - startsAtMs} ms after its start`);
  }
});

test('instants and amounts come back as they were sent, to the last bounds of the schema', async () => {
  const variantId = anyId();
  const sale = saleInput(variantId, {
    name: `Ünï "' \\ ; drop table promotion.sale; -- 🎉`,
    startsAtMs: 253_402_300_799_998,
    endsAtMs: 253_402_300_799_999,
    payWithinMs: 10_000,
    isHeldUntilStart: true,
    items: [
      { variantId, currency: 'EUR', amountMinor: 1_000_000_000_000, limitPerBuyer: 10_000 },
      { variantId, currency: 'USD', amountMinor: 0 },
    ],
  });
  const made = well(await promotion.createSale({ body: sale }));
  const { items } = well(await promotion.listSales({}));
  assert.deepEqual(
    items.find((each) => each.saleId === made.saleId),
    made,
  );
  assert.deepEqual(
    { ...made, saleId: undefined, items: made.items.map(({ saleItemId: _, ...item }) => item) },
    { ...sale, saleId: undefined },
  );
  assert.deepEqual(well(await promotion.endSale({ params: { saleId: made.saleId } })).isHeldUntilStart, true);
  // Made anew, it holds as it is said now.
  const { isHeldUntilStart: _, ...open } = sale;
  const again = well(await promotion.createSale({ body: { ...open, saleId: made.saleId } }));
  assert.equal(again.isHeldUntilStart, undefined);
  // One item, whatever the currency: its limit per buyer counts over all of them.
  assert.equal(made.items[0]?.saleItemId, made.items[1]?.saleItemId);
});

test('a replaced sale keeps the ids of its items, even of one that was away', async () => {
  const [first, second] = [anyId(), anyId()];
  const item = (variantId: string, amountMinor: number) => ({ variantId, currency: 'EUR', amountMinor });
  const made = well(
    await promotion.createSale({ body: saleInput(first, { items: [item(first, 1), item(second, 2)] }) }),
  );
  const { saleId } = made;
  const less = well(
    await promotion.createSale({ body: saleInput(first, { saleId, name: 'Less', items: [item(second, 3)] }) }),
  );
  assert.equal(await priceOf(first), undefined);
  assert.equal(await priceOf(second), 3);
  const more = well(
    await promotion.createSale({ body: saleInput(first, { saleId, items: [item(first, 4), item(second, 5)] }) }),
  );
  const idsOf = (sale: typeof made) => new Map(sale.items.map((each) => [each.variantId, each.saleItemId]));
  assert.deepEqual(idsOf(more), idsOf(made));
  assert.deepEqual(idsOf(less).get(second), idsOf(made).get(second));
});

test('of two replacements at once one stands whole', async () => {
  const saleId = anyId();
  for (let round = 0; round < 10; round++) {
    const bodies = Array.from({ length: 4 }, (_, n) =>
      saleInput(anyId(), {
        saleId,
        name: `Take ${n}`,
        items: Array.from({ length: 5 }, () => ({ variantId: anyId(), currency: 'EUR', amountMinor: n })),
      }),
    );
    for (const reply of await Promise.all(bodies.map((body) => promotion.createSale({ body })))) well(reply);
    const { items } = well(await promotion.listSales({}));
    const sale = items.find((each) => each.saleId === saleId);
    assert.equal(sale?.items.length, 5);
    for (const item of sale.items) assert.equal(`Take ${item.amountMinor}`, sale.name);
  }
});

test('an ended sale is over, however the clock goes on, until it is made anew', async () => {
  const variantId = anyId();
  const made = well(await promotion.createSale({ body: saleInput(variantId) }));
  const { saleId } = made;
  ctx.clock.advance(5);
  const endedAtMs = ctx.clock.nowMs();
  assert.deepEqual(well(await promotion.endSale({ params: { saleId } })), { ...made, endsAtMs: endedAtMs });
  ctx.clock.advance(-5);
  assert.equal(await priceOf(variantId), undefined);
  ctx.clock.advance(50);
  assert.equal(well(await promotion.endSale({ params: { saleId } })).endsAtMs, endedAtMs);
  assert.equal(slugOf(await promotion.endSale({ params: { saleId: anyId() } })), 'not-found');
  well(await promotion.createSale({ body: saleInput(variantId, { saleId }) }));
  assert.equal(await priceOf(variantId), 500);
});

test('a sale that was ended early is shown as over, with when it ended', async () => {
  const made = well(await promotion.createSale({ body: saleInput(anyId()) }));
  ctx.clock.advance(5);
  const endedAtMs = ctx.clock.nowMs();
  well(await promotion.endSale({ params: { saleId: made.saleId } }));
  const shown = async () => well(await promotion.readSales({})).items.find(({ saleId }) => saleId === made.saleId);
  assert.deepEqual(await shown(), { ...made, endsAtMs: endedAtMs });
  assert(!well(await promotion.listSales({})).items.some(({ saleId }) => saleId === made.saleId));
  ctx.clock.advance(25 * 60 * 60 * 1000);
  assert.equal(await shown(), undefined);
});

test('asking costs no statement, whatever is asked about', async () => {
  const variantId = anyId();
  well(await promotion.createSale({ body: saleInput(variantId) }));
  await priceOf(variantId);
  let statementCount = 0;
  const counted: Queryable['run'] = (statement) => {
    statementCount++;
    return run(statement);
  };
  const { run } = ctx.database;
  Object.assign(ctx.database, { run: counted });
  try {
    for (let n = 0; n < 100; n++) {
      await promotion.getOffers({
        body: { variantIds: [variantId, anyId()], currency: 'EUR', couponCode: `none ${n}` },
      });
    }
  } finally {
    Object.assign(ctx.database, { run });
  }
  assert.equal(statementCount, 0);
});

test('other processes hear of a change', async () => {
  const other = otherProcess();
  await other.events.start();
  try {
    const variantId = anyId();
    assert.equal(await priceOf(variantId, other.promotion), undefined);
    const { saleId } = well(await promotion.createSale({ body: saleInput(variantId) }));
    await until(async () => (await priceOf(variantId, other.promotion)) === 500, { what: 'the sale is heard of' });
    well(await promotion.endSale({ params: { saleId } }));
    await until(async () => (await priceOf(variantId, other.promotion)) === undefined, { what: 'its end is heard of' });
  } finally {
    await other.events.stop();
  }
});

test('rules of every kind come back as they were sent', async () => {
  const inputs: PriceRuleInput[] = [
    ruleInput(),
    ruleInput({
      reduction: { kind: 'fixed', amountMinor: 1_000_000_000_000, currency: 'JPY' },
      startsAtMs: 0,
      endsAtMs: 1,
    }),
    ruleInput({ scope: { kind: 'collection', path: 'kitchen/mugs' }, couponCode: ' Été — 100 % "off" ' }),
    ruleInput({ scope: { kind: 'variants', variantIds: [anyId(), anyId()] }, endsAtMs: 253_402_300_799_999 }),
  ];
  const made = [];
  for (const body of inputs) made.push(well(await promotion.createPriceRule({ body })));
  const { items } = well(await promotion.listPriceRules({}));
  for (const [index, rule] of made.entries()) {
    assert.deepEqual({ ...rule, ruleId: undefined }, { ...inputs[index], ruleId: undefined });
    assert.deepEqual(
      items.find((each) => each.ruleId === rule.ruleId),
      rule,
    );
  }
});

test('a code belongs to one rule, in whatever case; of many who want it at once one gets it', async () => {
  const first = well(await promotion.createPriceRule({ body: ruleInput({ couponCode: 'Summer' }) }));
  assert.equal(slugOf(await promotion.createPriceRule({ body: ruleInput({ couponCode: ' SUMMER' }) })), 'conflict');
  well(await promotion.createPriceRule({ body: { ...first, couponCode: 'SUMMER' } }));
  const replies = await Promise.all(
    Array.from({ length: 10 }, () => promotion.createPriceRule({ body: ruleInput({ couponCode: 'autumn' }) })),
  );
  assert.deepEqual(replies.map(slugOf).sort(), [...Array(9).fill('conflict'), 'fine']);
});

test('mistakes are told by their places, and nothing is written', async () => {
  const saleId = anyId();
  const replies = [
    await promotion.createSale({ body: saleInput(anyId(), { saleId, endsAtMs: ctx.clock.nowMs() }) }),
    await promotion.createPriceRule({ body: ruleInput({ ruleId: saleId, limitPerBuyer: 1 }) }),
  ];
  assert.deepEqual(
    replies.map((reply) => isProblem(reply) && reply.problem.errors?.map((error) => error.pointer)),
    [['/endsAtMs'], ['/limitPerBuyer']],
  );
  assert.equal(slugOf(await promotion.endSale({ params: { saleId } })), 'not-found');
});

// --- Limited coupons ------------------------------------------------------------------------------------------------

async function allotted(ruleId: string): Promise<number | undefined> {
  const { items } = well(await checkout.getAllotments({ body: { subjectIds: [couponIdOf(ruleId)] } }));
  return items[0]?.granted;
}
const limited = (ruleId: string, redemptionsMax: number | undefined, over: Partial<PriceRuleInput> = {}) =>
  ruleInput({ ruleId, couponCode: ruleId, ...(redemptionsMax !== undefined && { redemptionsMax }), ...over });

test('a limited coupon has its redemptions allotted: as many as it says, also after it says otherwise', async () => {
  const ruleId = anyId();
  for (const [redemptionsMax, expected] of [
    [100, 100],
    [100, 100],
    [150, 150],
    [30, 30],
    [undefined, 2_000_000_000],
    [7, 7],
  ] as const) {
    well(await promotion.createPriceRule({ body: limited(ruleId, redemptionsMax, { limitPerBuyer: 1 }) }));
    assert.equal(await allotted(ruleId), expected);
  }
  const unlimited = anyId();
  well(await promotion.createPriceRule({ body: limited(unlimited, undefined) }));
  assert.equal(await allotted(unlimited), undefined);
});

test('a rule with the id of a variant deals nothing to the variant', async () => {
  const variantId = anyId();
  well(await promotion.createPriceRule({ body: limited(variantId, 1000) }));
  const { items } = well(await checkout.getAllotments({ body: { subjectIds: [variantId] } }));
  assert.deepEqual(items, []);
});

test('redemptions that were made cannot be taken back, and the rule stays as it was', async () => {
  const ruleId = anyId();
  well(await promotion.createPriceRule({ body: limited(ruleId, 10) }));
  await sql`
    update checkout.allotment
       set sold = 6
     where subject_id = ${couponIdOf(ruleId)}::uuid`.execute(ctx.database);
  assert.equal(slugOf(await promotion.createPriceRule({ body: limited(ruleId, 5) })), 'conflict');
  const { items } = well(await promotion.listPriceRules({}));
  assert.equal(items.find((each) => each.ruleId === ruleId)?.redemptionsMax, 10);
  well(await promotion.createPriceRule({ body: limited(ruleId, 6) }));
  assert.equal(await allotted(ruleId), 6);
});

test('whatever becomes of the asking, sending the rule again ends with what it says', async () => {
  for (const failing of ['before', 'after'] as const) {
    const ruleId = anyId();
    let failuresLeft = 1;
    const faulty: Client<typeof checkoutApi> = {
      ...checkout,
      async grantAllotments(input, call) {
        const fails = failuresLeft-- > 0;
        if (fails && failing === 'before') throw new Error('the line was cut');
        const reply = await checkout.grantAllotments(input, call);
        if (fails) throw new Error('the answer was lost');
        return reply;
      },
    };
    const { promotion: interrupted } = otherProcess({ checkout: faulty });
    await assert.rejects(interrupted.createPriceRule({ body: limited(ruleId, 40) }));
    const listed = well(await promotion.listPriceRules({})).items;
    assert.equal(
      listed.some((each) => each.ruleId === ruleId),
      false,
      'a code whose redemptions are in doubt is not given out',
    );
    well(await interrupted.createPriceRule({ body: limited(ruleId, 50) }));
    assert.equal(await allotted(ruleId), 50);
  }
});

test('of many who change one coupon at once, what stands is what was allotted', async () => {
  const ruleId = anyId();
  for (let round = 0; round < 5; round++) {
    const replies = await Promise.all(
      [10, 20, 30, 40, 50].map((redemptionsMax) =>
        promotion.createPriceRule({ body: limited(ruleId, redemptionsMax) }),
      ),
    );
    for (const reply of replies) assert.match(slugOf(reply), /^(fine|conflict)$/);
    // Whoever met another is asked to send it again; then all is as one says.
    well(await promotion.createPriceRule({ body: limited(ruleId, 25 + round) }));
    assert.equal(await allotted(ruleId), 25 + round);
    const { items } = well(await promotion.listPriceRules({}));
    assert.equal(items.find((each) => each.ruleId === ruleId)?.redemptionsMax, 25 + round);
  }
});

async function standingMax(ruleId: string): Promise<number | undefined> {
  const { items } = well(await promotion.listPriceRules({}));
  return items.find((each) => each.ruleId === ruleId)?.redemptionsMax;
}

test('ten who send the same coupon at once, from three processes, are all told it stands, and it is allotted once', async () => {
  const processes = [promotion, otherProcess().promotion, otherProcess().promotion];
  for (let round = 0; round < 10; round++) {
    const ruleId = anyId();
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        (processes[n % 3] ?? promotion).createPriceRule({ body: limited(ruleId, 100) }),
      ),
    );
    assert.deepEqual(replies.map(slugOf), Array(10).fill('fine'));
    assert.equal(await allotted(ruleId), 100);
    assert.equal(await standingMax(ruleId), 100);
  }
});

test('five who send one coupon with other limits at once leave the rule and what was allotted agreeing', async () => {
  const processes = [promotion, otherProcess().promotion];
  const ruleId = anyId();
  for (let round = 0; round < 10; round++) {
    const replies = await Promise.all(
      [10, 20, 30, 40, 50].map((redemptionsMax, n) =>
        (processes[n % 2] ?? promotion).createPriceRule({ body: limited(ruleId, redemptionsMax + round) }),
      ),
    );
    for (const reply of replies) assert.match(slugOf(reply), /^(fine|conflict)$/);
    assert(replies.map(slugOf).includes('fine'), 'one of them stands');
    const max = await standingMax(ruleId);
    assert.equal(await allotted(ruleId), max);
    assert(
      replies.some((reply) => !isProblem(reply) && reply.status === 201 && reply.body.redemptionsMax === max),
      'what stands is what someone was told',
    );
  }
});

test('a crash after the redemptions were allotted and before the rule was written is mended by whoever sends it again', async () => {
  const crashing = otherProcess();
  crashing.events.publish = () => Promise.reject(new Error('the process died'));
  const ruleId = anyId();
  await assert.rejects(crashing.promotion.createPriceRule({ body: limited(ruleId, 100) }));
  assert.equal(await allotted(ruleId), 100);
  assert.equal(await standingMax(ruleId), undefined);
  const replies = await Promise.all(
    Array.from({ length: 10 }, () => promotion.createPriceRule({ body: limited(ruleId, 100) })),
  );
  assert.deepEqual(replies.map(slugOf), Array(10).fill('fine'));
  assert.equal(await allotted(ruleId), 100);
  assert.equal(await standingMax(ruleId), 100);
});

test('a limit that was refused stays refused, however late the same asking is heard again', async () => {
  const ruleId = anyId();
  const sold = (quantity: number) =>
    sql`
    update checkout.allotment
       set sold = ${quantity}::bigint
     where subject_id = ${couponIdOf(ruleId)}::uuid`.execute(ctx.database);
  type Asking = Parameters<typeof checkout.grantAllotments>[0];
  const askings: Asking[] = [];
  const { promotion: overheard } = otherProcess({
    checkout: {
      ...checkout,
      grantAllotments(input, call) {
        askings.push(input);
        return checkout.grantAllotments(input, call);
      },
    },
  });
  well(await promotion.createPriceRule({ body: limited(ruleId, 10) }));
  await sold(6);
  assert.equal(slugOf(await overheard.createPriceRule({ body: limited(ruleId, 5) })), 'conflict');
  await sold(0);
  const [first] = askings;
  assert(first !== undefined, 'checkout was asked');
  assert.equal(well(await checkout.grantAllotments(first)).results[0]?.outcome, 'conflict');
  assert.equal(await allotted(ruleId), 10);
  well(await promotion.createPriceRule({ body: limited(ruleId, 5) }));
  assert.equal(await allotted(ruleId), 5);
});

test('what was refused to one and done for another who asked for the same counts as done', async () => {
  const ruleId = anyId();
  well(await promotion.createPriceRule({ body: limited(ruleId, 10) }));
  const sold = (quantity: number) =>
    sql`
    update checkout.allotment
       set sold = ${quantity}::bigint
     where subject_id = ${couponIdOf(ruleId)}::uuid`.execute(ctx.database);
  let overtakingsLeft = 1;
  const { promotion: overtaken } = otherProcess({
    checkout: {
      ...checkout,
      async grantAllotments(input, call) {
        const reply = await checkout.grantAllotments(input, call);
        if (overtakingsLeft-- > 0) {
          await sold(0);
          assert.equal(well(await checkout.grantAllotments(input, call)).results[0]?.outcome, 'applied');
        }
        return reply;
      },
    },
  });
  await sold(6);
  well(await overtaken.createPriceRule({ body: limited(ruleId, 5) }));
  assert.equal(await allotted(ruleId), 5);
  assert.equal(await standingMax(ruleId), 5);
});

// --- The schema itself ----------------------------------------------------------------------------------------------

test('what no sale and no rule can be, the schema refuses by name', async () => {
  const broken = async (statement: Promise<unknown>) =>
    brokenConstraint(
      await statement.then(
        () => undefined,
        (error) => error,
      ),
    );
  const { saleId } = well(await promotion.createSale({ body: saleInput(anyId()) }));
  const item = (amountMinor: number, limit: number | null, variantId = anyId()) =>
    sql`
    insert into promotion.sale_item (sale_id, variant_id, currency, sale_item_id, amount_minor, limit_per_buyer)
    values (${saleId}::uuid, ${variantId}::uuid, 'EUR', ${anyId()}::uuid, ${amountMinor}::bigint, ${limit}::integer)`.execute(
      ctx.database,
    );
  const rule = (basisPoints: number | null, amountMinor: number | null, redemptions: number | null) =>
    sql`
    insert into promotion.price_rule (rule_id, name, basis_points, amount_minor, currency, redemptions_max)
    values (${anyId()}::uuid, 'R', ${basisPoints}::integer, ${amountMinor}::bigint,
            case when ${amountMinor}::bigint is null then null else 'EUR' end, ${redemptions}::integer)`.execute(
      ctx.database,
    );
  const twice = anyId();
  await item(1, null, twice);
  assert.equal(await broken(item(2, null, twice)), 'sale_item_pkey');
  assert.equal(await broken(item(-1, null)), 'sale_item_amount_within_bounds');
  assert.equal(await broken(item(1, 0)), 'sale_item_limit_positive');
  assert.equal(
    await broken(
      sql`update promotion.sale set ends_at = starts_at where sale_id = ${saleId}::uuid`.execute(ctx.database),
    ),
    'sale_starts_before_it_ends',
  );
  assert.equal(await broken(rule(1000, 5, null)), 'price_rule_one_reduction');
  assert.equal(await broken(rule(10_001, null, null)), 'price_rule_basis_points_within_bounds');
  assert.equal(await broken(rule(1000, null, 5)), 'price_rule_only_coupons_are_limited');
});
