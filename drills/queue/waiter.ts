import { setTimeout as delay } from 'node:timers/promises';
import type { Pass, TicketStatus } from '../../src/edge/waiting-room/api.ts';
import type { Order } from '../../src/services/checkout/api.ts';
import type { SignedQuote } from '../../src/services/quote/api.ts';
import type { Random } from '../random.ts';
import type { Calls, Reply } from './calls.ts';
import type { AttackKind, Journal, Refusal, WaiterRecord } from './journal.ts';
import type { QueueSetup } from './setup.ts';
import { forgeriesOf, readClaims } from './tokens.ts';

/** What one who waits is given. */
export interface Scene {
  readonly setup: QueueSetup;
  readonly calls: Calls;
  readonly journal: Journal;
  readonly random: Random;
  /** Nobody waits longer before he asks again. */
  readonly pollMsMax: number;
  /** Aborted when nothing more is to be seen. */
  readonly signal: AbortSignal;
}

type Taken = TicketStatus & { readonly buyer: string };
type Called = TicketStatus & Pick<Refusal, 'heardAtMs'>;

const hastyEveryMs = 150;
const scalperEveryMs = 400;
const lateLooksMax = 4;

/** From the ticket to the order, in his own way. Writes down all that he is told. */
export async function queueUp(index: number, waiter: WaiterRecord, scene: Scene): Promise<void> {
  const { calls, setup } = scene;
  const taken = await calls.ask('ticket', { method: 'POST', path: `${roomPath(setup)}/tickets`, body: {} });
  if (taken?.status !== 201) return end(waiter, taken === undefined ? 'no answer' : 'nothing left');
  const { ticket: first, buyer, ...status } = taken.body as Taken;
  const claims = readClaims(first);
  if (typeof claims.n === 'number') waiter.number = claims.n;
  if (typeof claims.b === 'string') waiter.buyerId = claims.b;
  note(scene, index, taken, status);
  if (waiter.kind === 'forger') await forgeTickets(scene, first);
  if (waiter.kind === 'sharer' || waiter.kind === 'forger') await comeTooEarly(scene, first, status);

  const { pollAfterS } = status;
  const called = await untilCalled(index, waiter, scene, { first, pollAfterS, heardAtMs: taken.sentAtMs });
  if (called === undefined) return;
  if (waiter.kind === 'late') return comeLate(index, waiter, scene, called);
  const claimed = await calls.ask('pass', { method: 'POST', path: `${roomPath(setup)}/passes`, bearer: called.ticket });
  if (claimed === undefined) return end(waiter, 'no answer');
  if (claimed.status !== 200) return refuse(waiter, called.heardAtMs, claimed);
  const pass = claimed.body as Pass;
  const place = readClaims(pass.pass).p;
  if (typeof place === 'number') waiter.pass = { place, expiresAtMs: pass.expiresAtMs };
  await useIn(index, waiter, scene, { pass, buyer, ticket: called.ticket });
}

/** Asks until it is his turn; undefined when it will not be. */
async function untilCalled(
  index: number,
  waiter: WaiterRecord,
  scene: Scene,
  taken: { first: string; pollAfterS: number; heardAtMs: number },
): Promise<Called | undefined> {
  const { calls, setup, journal, signal, random, pollMsMax } = scene;
  const { first } = taken;
  let ticket = first;
  let nextS = taken.pollAfterS;
  let { heardAtMs } = taken;
  let isTooOld = false;
  let looks = waiter.kind === 'leaver' ? 1 + random.integer(2) : Number.POSITIVE_INFINITY;
  for (;;) {
    const pauseMs = Math.min(pauseOf(waiter, nextS), pollMsMax);
    await delay(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return end(waiter, journal.rooms.at(-1)?.state === 'over' ? 'nothing left' : 'still in line');
    looks -= 1;
    if (looks < 0) return end(waiter, 'left');
    // An old ticket is the same place: it must not be worth more than the new one.
    const shown = waiter.kind === 'traveller' && !isTooOld && random.chance(0.5) ? first : ticket;
    const reply = await calls.ask('status', { method: 'GET', path: `${roomPath(setup)}/ticket`, bearer: shown });
    if (reply === undefined) return end(waiter, 'no answer');
    // Of a traveller's first ticket: nobody has been heard of with it for too long.
    if (reply.slug === 'ticket-invalid' && shown === first && ticket !== first) {
      isTooOld = true;
      nextS = 0;
      continue;
    }
    if (reply.status !== 200) return refuse(waiter, heardAtMs, reply);
    heardAtMs = reply.sentAtMs;
    const status = reply.body as TicketStatus;
    note(scene, index, reply, status);
    if (status.standing === 'called') return { ...status, heardAtMs };
    if (status.standing === 'over' || status.standing === 'off') return end(waiter, 'nothing left');
    ticket = status.ticket;
    nextS = status.pollAfterS;
  }
}

function pauseOf({ kind }: WaiterRecord, pollAfterS: number): number {
  if (kind === 'hasty') return hastyEveryMs;
  return kind === 'scalper' ? scalperEveryMs : pollAfterS * 1000;
}

/** Comes when his time is up, as the shop says itself: what it stood still does not count against him. */
async function comeLate(index: number, waiter: WaiterRecord, scene: Scene, called: TicketStatus): Promise<void> {
  const { setup, signal, calls } = scene;
  let { ticket, calledUntilMs = Date.now() + setup.times.claimWithinMs } = called;
  for (let look = 0; look < lateLooksMax; look += 1) {
    await delay(Math.max(0, calledUntilMs - Date.now()) + 1_000, undefined, { signal }).catch(() => {});
    if (signal.aborted) return end(waiter, 'place given up');
    const reply = await calls.ask('status', { method: 'GET', path: `${roomPath(setup)}/ticket`, bearer: ticket });
    if (reply?.status !== 200) break;
    const status = reply.body as TicketStatus;
    note(scene, index, reply, status);
    if (status.standing !== 'called') break;
    ticket = status.ticket;
    calledUntilMs = status.calledUntilMs ?? Date.now();
  }
  const reply = await calls.ask('pass', { method: 'POST', path: `${roomPath(setup)}/passes`, bearer: ticket });
  attempted(scene, 'expired', 'a place that nobody came for in time', ['ticket-invalid'], reply);
  end(waiter, 'place given up');
}

interface Admitted {
  readonly pass: Pass;
  readonly buyer: string;
  readonly ticket: string;
}

/** What he does with his pass. */
async function useIn(index: number, waiter: WaiterRecord, scene: Scene, admitted: Admitted): Promise<void> {
  const { kind } = waiter;
  const { pass, buyer } = admitted;
  if (kind === 'forger') await forgePasses(scene, admitted);
  if (kind === 'sharer') await shareWithOthers(scene, admitted);
  if (kind === 'idler') {
    await delay(Math.max(0, pass.expiresAtMs - Date.now()) + 300, undefined, { signal: scene.signal }).catch(() => {});
    if (scene.signal.aborted) return end(waiter, 'pass ran out');
    attempted(
      scene,
      'expired',
      'a pass that has run out',
      ['pass-invalid', 'sold-out'],
      await quote(scene, pass.pass, buyer),
    );
    return end(waiter, 'pass ran out');
  }
  const quoted = await quote(scene, pass.pass, buyer);
  // Both made with the pass before it is used: only at the order it can be told that one of them is too many.
  const again = kind === 'twice' ? await quote(scene, pass.pass, buyer) : undefined;
  if (quoted?.status !== 201) return end(waiter, endOf(quoted, pass));
  const ordered = await order(index, scene, quoted);
  if (again?.status === 201 && ordered?.status === 201) {
    // A shop that was dead for longer than the quote held has no need to look at the pass.
    const refusals = ['pass-used', 'quote-expired'];
    attempted(scene, 'replayed', 'a second order with one pass', refusals, await order(index, scene, again));
  }
  if (ordered?.status !== 201) return end(waiter, endOf(ordered, pass));
  end(waiter, 'ordered');
  await pay(scene, ordered.body as Order);
}

function endOf(reply: Reply | undefined, { expiresAtMs }: Pass): NonNullable<WaiterRecord['end']> {
  if (reply === undefined) return 'no answer';
  const isRefusal = reply.slug?.startsWith('pass-') === true || reply.slug === 'waiting-room';
  if (isRefusal && reply.gotAtMs < expiresAtMs) return 'pass refused';
  if (reply.slug === 'sold-out' || reply.slug === 'sale-not-open') return 'nothing left';
  return 'pass ran out';
}

function quote({ calls, setup }: Scene, pass: string | undefined, buyer: string, ticket?: string) {
  const lines = [{ variantId: setup.variantId, quantity: 1 }];
  const body = { lines, buyer, ...(pass !== undefined && { pass }), ...(ticket !== undefined && { ticket }) };
  return calls.ask('quote', { method: 'POST', path: '/v1/quotes', body });
}

async function order(index: number, { calls, journal }: Scene, quoted: Reply): Promise<Reply | undefined> {
  const { quote: token } = quoted.body as SignedQuote;
  const reply = await calls.ask('order', { method: 'POST', path: '/v1/orders', body: { quote: token } });
  if (reply?.status === 201) {
    journal.orders.push({ orderId: (reply.body as Order).orderId, waiter: index, atMs: reply.gotAtMs });
  }
  return reply;
}

async function pay({ calls }: Scene, { orderId, key }: Order): Promise<void> {
  const path = `/v1/orders/${orderId}/payments`;
  await calls.ask('order', { method: 'POST', path, bearer: key, key: `drill-${orderId}`, body: { card: 'test-ok' } });
}

/** Nobody gets a pass before his place is called, nor a quote without one. */
async function comeTooEarly(scene: Scene, ticket: string, { standing }: Pick<TicketStatus, 'standing'>): Promise<void> {
  if (standing !== 'waiting') return;
  const { calls, setup } = scene;
  const path = `${roomPath(setup)}/passes`;
  // He may have been called in this very moment: then it is no attempt.
  const reply = await calls.ask('pass', { method: 'POST', path, bearer: ticket });
  if (reply !== undefined && reply.status !== 200) {
    attempted(scene, 'too early', 'a pass before the call', ['not-your-turn', 'ticket-invalid'], reply);
  }
}

async function forgeTickets(scene: Scene, ticket: string): Promise<void> {
  const { calls, setup } = scene;
  for (const [what, forged] of forgeriesOf(ticket, { n: 0, p: 0, i: 0 })) {
    for (const [method, path] of [
      ['GET', 'ticket'],
      ['POST', 'passes'],
    ] as const) {
      const reply = await calls.ask('pass', { method, path: `${roomPath(setup)}/${path}`, bearer: forged });
      attempted(scene, 'forged', `a ticket ${what} (${method} ${path})`, ['ticket-invalid', 'unauthorised'], reply);
    }
  }
}

async function forgePasses(scene: Scene, { pass, buyer, ticket }: Admitted): Promise<void> {
  const { p } = readClaims(pass.pass);
  for (const [what, forged] of forgeriesOf(pass.pass, { e: pass.expiresAtMs + 86_400_000, p: Number(p ?? 0) + 1 })) {
    attempted(
      scene,
      'forged',
      `a pass ${what}`,
      ['pass-invalid', 'sold-out'],
      await quote(scene, forged, buyer, ticket),
    );
  }
  attempted(
    scene,
    'forged',
    'a ticket in place of a pass',
    ['pass-invalid', 'sold-out'],
    await quote(scene, ticket, buyer, ticket),
  );
}

/** Another buyer with this pass, and with this ticket. */
async function shareWithOthers(scene: Scene, { pass, ticket }: Admitted): Promise<void> {
  const { calls, setup } = scene;
  const taken = await calls.ask('ticket', { method: 'POST', path: `${roomPath(setup)}/tickets`, body: {} });
  if (taken?.status !== 201) return;
  const other = taken.body as Taken;
  const refusals = ['pass-invalid', 'sold-out'];
  attempted(
    scene,
    'shared',
    'the pass of another buyer',
    refusals,
    await quote(scene, pass.pass, other.buyer, other.ticket),
  );
  // Whoever has the ticket can ask for its pass, as often as he likes: it is the same one, of the same buyer.
  const again = await calls.ask('pass', { method: 'POST', path: `${roomPath(setup)}/passes`, bearer: ticket });
  if (again?.status !== 200) return;
  const shared = await quote(scene, (again.body as Pass).pass, other.buyer, other.ticket);
  attempted(scene, 'shared', 'the pass for the ticket of another buyer', refusals, shared);
}

function attempted(
  { journal }: Scene,
  attack: AttackKind,
  what: string,
  wanted: readonly string[],
  reply: Reply | undefined,
): void {
  if (reply === undefined) return;
  journal.attempts.push({ attack, what, wanted, status: reply.status, slug: reply.slug });
}

function note(
  { journal }: Scene,
  waiter: number,
  reply: Reply,
  { standing, place }: Omit<TicketStatus, 'ticket'>,
): void {
  const { sentAtMs, gotAtMs } = reply;
  journal.sightings.push({ waiter, sentAtMs, gotAtMs, standing, place });
}

/** Whether he was in time is for the judge to say. */
function refuse(waiter: WaiterRecord, heardAtMs: number, { gotAtMs }: Reply): undefined {
  waiter.refused = { heardAtMs, gotAtMs };
  return end(waiter, 'place given up');
}

function end(waiter: WaiterRecord, how: NonNullable<WaiterRecord['end']>): undefined {
  waiter.end ??= how;
}

export function roomPath({ roomId }: Pick<QueueSetup, 'roomId'>): string {
  return `/v1/waiting-rooms/${roomId}`;
}
