import assert from 'node:assert/strict';
import test from 'node:test';
import type { CallRow, Outage, PassRow, QueueCase } from './case.ts';
import { createJournal, type Journal, type Refusal } from './journal.ts';
import { judgeQueue } from './judge.ts';
import { placeOf } from './lot-check.ts';

const seed = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const lotCount = 200;
const issued = 220;
const admitted = 100;
const openedAtMs = 1_000_000;

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** A queue in which all went well: 200 in the lot, 20 after it; a hundred called at 50 a second, forty units ordered. */
function goodCase(): Draft<QueueCase> & { journal: Journal } {
  const journal = createJournal();
  const numberAt: number[] = [];
  for (let number = 0; number < issued; number += 1) {
    const place = number < lotCount ? placeOf(seed, lotCount, number) : number;
    numberAt[place] = number;
    const kind = number < 20 ? 'scalper' : 'patient';
    journal.waiters.push({ kind, isEarly: number < lotCount, number, buyerId: `buyer-${number}` });
    const calledAtMs = openedAtMs + Math.floor(place / 10) * 200;
    const look = (atMs: number, standing: string) =>
      journal.sightings.push({ waiter: number, sentAtMs: atMs, gotAtMs: atMs + 5, standing, place });
    look(calledAtMs - 300, 'waiting');
    if (place < admitted) look(calledAtMs + 50, 'called');
  }
  const calls: CallRow[] = Array.from({ length: 10 }, (_, index) => ({
    fromPlace: index * 10,
    toPlace: index * 10 + 10,
    calledAtMs: openedAtMs + index * 200,
  }));
  const passes: PassRow[] = Array.from({ length: 60 }, (_, place) => ({
    place,
    number: numberAt[place] ?? -1,
    buyerId: `buyer-${numberAt[place]}`,
    claimedAtMs: openedAtMs + Math.floor(place / 10) * 200 + 60,
    expiresAtMs: openedAtMs + 10_000,
  }));
  const ordered = passes.slice(0, 40);
  const orders = ordered.map(({ place, buyerId }) => ({
    orderId: `order-${place}`,
    buyerId,
    state: 'paid',
    units: 1,
    placedAtMs: openedAtMs + 3_000,
  }));
  for (const { place } of ordered)
    journal.orders.push({ orderId: `order-${place}`, waiter: numberAt[place] ?? 0, atMs: 0 });
  journal.attempts.push({
    attack: 'forged',
    what: 'a ticket',
    wanted: ['ticket-invalid'],
    status: 401,
    slug: 'ticket-invalid',
  });
  journal.rooms.push(
    { gotAtMs: 1, state: 'open', admittedCount: 10, issuedCount: 200 },
    { gotAtMs: 2, state: 'open', admittedCount: 100, issuedCount: 220 },
  );
  return {
    setup: {
      runId: 'test',
      roomId: 'room',
      variantId: 'lantern',
      stock: 40,
      pacePerS: 50,
      opensAtMs: openedAtMs,
      times: { leaveAfterMs: 15_000, claimWithinMs: 8_000, passTtlMs: 6_000 },
    },
    journal,
    publishedLot: { seed, ticketCount: lotCount },
    outage: undefined,
    books: {
      line: { lotSeed: seed, lotCount, issued, admitted },
      calls,
      passes,
      orders,
      uses: ordered.map(({ place }) => ({ place, orderId: `order-${place}` })),
      stock: { granted: 40, reserved: 0, sold: 40 },
      checkoutFindings: [],
    },
  };
}

const brokenIn = (given: QueueCase) => judgeQueue(given).flatMap(({ promise, isKept }) => (isKept ? [] : [promise]));

test('a queue in which all went well is found so', () => {
  assert.deepEqual(brokenIn(goodCase()), []);
});

type Books = Draft<QueueCase['books']>;
type BrokenBooks = { [K in keyof Books]: Books[K] extends readonly (infer Row)[] ? Draft<Row>[] : Draft<Books[K]> };

/** What is broken, how, and which promise must be found broken by it. */
const breakages: readonly [
  what: string,
  promise: RegExp,
  (given: ReturnType<typeof goodCase>, books: BrokenBooks) => void,
][] = [
  ['a place that was left out', /earlier places/, (_, { calls }) => void calls.splice(3, 1)],
  [
    'a place that was called twice',
    /earlier places/,
    (_, { calls }) => void Object.assign(calls[4] ?? {}, { fromPlace: 35 }),
  ],
  [
    'a call before those ahead',
    /earlier places/,
    (_, { calls }) => void Object.assign(calls[9] ?? {}, { calledAtMs: openedAtMs }),
  ],
  [
    'a pass before its call',
    /earlier places/,
    (_, { passes }) => void Object.assign(passes[55] ?? {}, { claimedAtMs: openedAtMs }),
  ],
  [
    'a pass that was never called',
    /earlier places/,
    (_, { passes }) => void Object.assign(passes[55] ?? {}, { place: 150 }),
  ],
  ['a counter that says more', /earlier places/, (_, { line }) => void Object.assign(line, { admitted: 101 })],
  [
    'one who still waits behind whom others are called',
    /nobody passed/,
    ({ journal }) =>
      void journal.sightings.push({
        waiter: 0,
        sentAtMs: openedAtMs + 9_000,
        gotAtMs: openedAtMs + 9_001,
        standing: 'waiting',
        place: 3,
      }),
  ],
  [
    'a place that becomes another',
    /a place is kept/,
    ({ journal }) =>
      void journal.sightings.push({ ...(journal.sightings.at(-1) as Journal['sightings'][number]), place: 7 }),
  ],
  [
    'a counter that goes back',
    /a place is kept/,
    ({ journal }) => void journal.rooms.push({ gotAtMs: 3, state: 'open', admittedCount: 9, issuedCount: 220 }),
  ],
  [
    'one who asked in time and lost his place',
    /a place is kept/,
    ({ journal }) => refuseAt(journal, { heardAtMs: openedAtMs, gotAtMs: openedAtMs + 1_000 }),
  ],
  [
    'another seed than was published',
    /the lot is as published/,
    (given) => void Object.assign(given, { publishedLot: { seed: seed.replace('0', '1'), ticketCount: lotCount } }),
  ],
  [
    'a seed that was not published',
    /the lot is as published/,
    (given) => void Object.assign(given, { publishedLot: undefined }),
  ],
  [
    'a ticket whose place was changed by hand',
    /the lot is as published/,
    (_, { passes }) => void Object.assign(passes[20] ?? {}, { number: 219 }),
  ],
  [
    'an attempt that went through',
    /a pass is its owner/,
    ({ journal }) =>
      void journal.attempts.push({
        attack: 'shared',
        what: 'a pass',
        wanted: ['pass-invalid'],
        status: 201,
        slug: undefined,
      }),
  ],
  [
    'an attempt that made the shop fall over',
    /a pass is its owner/,
    ({ journal }) =>
      void journal.attempts.push({
        attack: 'forged',
        what: 'a pass',
        wanted: ['pass-invalid'],
        status: 500,
        slug: 'internal-error',
      }),
  ],
  ['an order without a pass', /one pass, one order/, (_, { uses }) => void uses.pop()],
  [
    'a pass that became two orders',
    /one pass, one order/,
    (_, { uses }) => void Object.assign(uses[1] ?? {}, { place: 0 }),
  ],
  [
    'an order with the pass of another buyer',
    /one pass, one order/,
    (_, { orders }) => void Object.assign(orders[5] ?? {}, { buyerId: 'somebody' }),
  ],
  [
    'an order with a pass that had run out',
    /one pass, one order/,
    (_, { orders }) => void Object.assign(orders[5] ?? {}, { placedAtMs: openedAtMs + 60_000 }),
  ],
  ['an acknowledged order that is gone', /no acknowledged order/, (_, { orders }) => void orders.pop()],
  ['a unit too many', /never oversell/, (given) => void Object.assign(given.setup, { stock: 39 })],
  ['more than the pace allows', /the pace held/, (given) => void Object.assign(given.setup, { pacePerS: 2 })],
  [
    'a room that calls nobody, with units left and people waiting',
    /kept for nothing/,
    ({ journal }, { stock }) => {
      Object.assign(stock, { sold: 30 });
      for (let second = 3; second < 60; second += 1)
        journal.rooms.push({
          gotAtMs: openedAtMs + second * 1000,
          state: 'open',
          admittedCount: 100,
          issuedCount: 220,
        });
    },
  ],
  [
    'a room that called nobody at all',
    /earlier places/,
    ({ journal }, { calls, passes, orders, uses, line }) => {
      for (const rows of [calls, passes, orders, uses, journal.sightings, journal.orders]) rows.length = 0;
      Object.assign(line, { admitted: 0 });
    },
  ],
  [
    'one who is told that he is called before he is',
    /earlier places/,
    ({ journal }) =>
      void journal.sightings.push({
        waiter: 0,
        sentAtMs: 0,
        gotAtMs: openedAtMs + 1_700,
        standing: 'called',
        place: 99,
      }),
  ],
  [
    'a pass that is used up by no order',
    /one pass, one order/,
    (_, { uses }) => void uses.push({ place: 50, orderId: 'none' }),
  ],
  [
    'a pass that somebody else got for a ticket',
    /one pass, one order/,
    (_, { passes }) => void Object.assign(passes[50] ?? {}, { buyerId: 'somebody' }),
  ],
  [
    'a pass that was refused to its buyer in time',
    /one pass, one order/,
    ({ journal }) => void Object.assign(journal.waiters[30] ?? {}, { end: 'pass refused' }),
  ],
  ['an answer that nobody should get', /no error/, ({ journal }) => void journal.errors.push('GET / was answered 500')],
];

for (const [what, promise, breakIt] of breakages) {
  test(`the judge sees ${what}`, () => {
    const given = goodCase();
    breakIt(given, given.books as BrokenBooks);
    const broken = brokenIn(given);
    assert(
      broken.some((each) => promise.test(each)),
      `${promise} is not among ${JSON.stringify(broken)}`,
    );
  });
}

test('the judge sees a lot in which who came first got ahead', () => {
  const given = goodCase();
  // As if no lot had been drawn at all: place is the order of coming.
  given.journal.sightings.forEach((sighting, index) => {
    given.journal.sightings[index] = { ...sighting, place: given.journal.waiters[sighting.waiter]?.number };
  });
  const broken = brokenIn(given);
  assert(broken.includes('coming early gains nothing'), JSON.stringify(broken));
  assert(broken.includes('a scalper gains nothing'), JSON.stringify(broken));
});

/** Place 95 is called 1.8 s after the opening, and then kept for 8 s; who is heard of keeps it for 15 s before. */
function refuseAt(journal: Journal, refused: Refusal): void {
  const waiter = journal.sightings.find(({ place }) => place === 95)?.waiter ?? -1;
  Object.assign(journal.waiters[waiter] ?? {}, { end: 'place given up', refused });
}

const at = (ms: number) => openedAtMs + ms;

const losses: readonly [what: string, isBlamed: boolean, refused: Refusal, outage?: Outage][] = [
  ['asked for just in time after the call', true, { heardAtMs: at(1_500), gotAtMs: at(9_799) }],
  ['asked for too late after the call', false, { heardAtMs: at(9_700), gotAtMs: at(9_801) }],
  // A look before the call was known of: what counts is when it was made.
  ['heard last before the call', false, { heardAtMs: at(1_850), gotAtMs: at(9_840) }],
  ['silent for too long', false, { heardAtMs: at(-14_000), gotAtMs: at(1_001) }],
  [
    'asked for in time but for an outage',
    true,
    { heardAtMs: at(1_500), gotAtMs: at(19_000) },
    { fromMs: at(3_000), untilMs: at(15_000) },
  ],
  [
    'asked for too late even without the outage',
    false,
    { heardAtMs: at(1_500), gotAtMs: at(20_000) },
    { fromMs: at(3_000), untilMs: at(15_000) },
  ],
  [
    'asked for too late, after an outage that is too short to be forgiven',
    false,
    { heardAtMs: at(1_500), gotAtMs: at(12_000) },
    { fromMs: at(3_000), untilMs: at(9_900) },
  ],
  [
    'asked for after an outage that began when it was too late',
    false,
    { heardAtMs: at(1_500), gotAtMs: at(30_000) },
    { fromMs: at(10_000), untilMs: at(29_000) },
  ],
];

for (const [what, isBlamed, refused, outage] of losses) {
  test(`a place is given up, and the shop is ${isBlamed ? 'blamed' : 'not blamed'}: ${what}`, () => {
    const given = goodCase();
    refuseAt(given.journal, refused);
    assert.equal(brokenIn({ ...given, outage }).includes('a place is kept'), isBlamed);
  });
}

test('who asks first when it is too late for his call has not lost his place, though he was never told which it was', () => {
  const given = goodCase();
  refuseAt(given.journal, { heardAtMs: at(-1_000), gotAtMs: at(9_801) });
  const refused = given.journal.waiters.findIndex((waiter) => waiter.refused !== undefined);
  for (const sighting of given.journal.sightings) {
    if (sighting.waiter === refused) Object.assign(sighting, { place: undefined });
  }
  assert.deepEqual(brokenIn(given), []);
});
