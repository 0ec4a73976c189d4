import { setTimeout as sleep } from 'node:timers/promises';
import type { Gate } from '../../platform/api/gate.ts';
import { badField, isProblem, type ProblemReply, problem } from '../../platform/api/problem.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import { brokenConstraint } from '../../platform/database/database.ts';
import type { LoadReading } from '../../platform/overload/load-reading.ts';
import { readSubjectToken } from '../../platform/signing/subject-token.ts';
import type { Admission } from '../../services/quote/api.ts';
import { type Room, type RoomInput, type TicketReader, waitingRoomApi } from './api.ts';
import { createCounter } from './counter.ts';
import { createDoor } from './door.ts';
import { type PassUse, roomChanged, waitingRoomTopics } from './events.ts';
import { createPlaceLanes, createTicketLane } from './lanes.ts';
import type { LedgerPeers } from './ledger.ts';
import { createLineUp, type TicketChallenge } from './line-up.ts';
import { createPacer, tickEveryMs } from './pacer.ts';
import { createPollGate } from './poll-gate.ts';
import { roomRetention } from './retention.ts';
import { isQueueing, type RoomConfig } from './room.ts';
import { createRoomBook } from './room-book.ts';
import { createRoomClock } from './room-clock.ts';
import { defaultRoomSettings, type RoomSettings } from './settings.ts';
import { createSpentPasses } from './spent-passes.ts';
import { markUsed, readTime, writeConfig } from './store.ts';
import { deleteRoom, lockRoom } from './store-retention.ts';
import { publicRoom, type RoomView } from './view.ts';

export type WaitingRoomContext = Pick<Context, 'clock' | 'log' | 'metrics' | 'database' | 'events' | 'jobs' | 'signer'>;

export interface WaitingRoomOptions {
  /** How busy this process is. */
  readonly load: () => LoadReading;
  readonly settings?: RoomSettings;
  /** Left out: a ticket costs no work, however suspicious who asks for it. */
  readonly challenge?: TicketChallenge | undefined;
  /** What the time is for all processes of the shop; left out, the database says. */
  readonly sharedTime?: () => Promise<number>;
}

/** A shop in which nobody queues looks this often whether somebody is to. */
const idleTickEveryMs = 1_000;

export interface WaitingRoom extends Service<typeof waitingRoomApi> {
  /** As the quote service asks. */
  readonly door: Admission;
  readonly tickets: TicketReader;
  /** Answers polls before they are routed. */
  readonly pollGate: Gate;
  /** Reads the rooms and moves on what is due, as the service does by itself four times a second once it is started. */
  tick(): Promise<void>;
}

/** Waiting rooms: tickets in order, calls at the pace of the shop, passes at the door. */
export function createWaitingRoom(
  shop: WaitingRoomContext,
  peers: LedgerPeers,
  { load, settings = defaultRoomSettings, challenge, sharedTime = () => readTime(shop.database) }: WaitingRoomOptions,
): WaitingRoom {
  const clock = createRoomClock(shop.clock, sharedTime);
  const ctx = { ...shop, clock };
  const book = createRoomBook(ctx, settings);
  const lanes = {
    tickets: createTicketLane(ctx),
    ...createPlaceLanes(ctx, settings.passTtlMs),
  };
  const spent = createSpentPasses(clock, settings.claimWithinMs);
  const counter = createCounter(ctx, lanes, settings, spent);
  const lineUp = createLineUp(ctx, counter, challenge);
  const pacer = createPacer(ctx, peers, { settings, load });
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  const tickets: TicketReader = {
    glance(roomId, token) {
      const view = book.of(roomId);
      return view && counter.glance(view, token);
    },
  };

  const byRoom = (read: (view: RoomView) => number) =>
    new Map(book.all().map((view) => [view.record.config.roomId, read(view)]));
  ctx.metrics.gauge(
    'onrush_waiting_room_waiting',
    'Places given out and not called yet.',
    () => byRoom(waitingOf),
    'room',
  );
  ctx.metrics.gauge('onrush_waiting_room_admitted', 'Places called.', () => byRoom(admittedOf), 'room');
  ctx.metrics.gauge(
    'onrush_waiting_room_pace',
    'Passes a second that the shop can take.',
    () => byRoom(paceOf),
    'room',
  );

  ctx.events.consume({
    group: 'waiting-room',
    topics: ['pass.used'],
    handle: (tx, events) =>
      markUsed(
        tx,
        events.map(({ payload }) => payload as unknown as PassUse),
        ctx.clock.nowMs(),
      ),
  });
  ctx.jobs.define(roomRetention(ctx, settings));
  const stopListening = [
    ctx.events.listen({ topics: waitingRoomTopics, hear: () => void book.refresh().catch(() => {}) }),
    ctx.events.listen({
      topics: ['pass.used'],
      hear: (events) => {
        for (const { payload } of events) spent.add(payload as unknown as PassUse);
      },
    }),
  ];

  async function tick(): Promise<void> {
    await clock.compare();
    await book.refresh();
    if ((await pacer.tick(book.all())) > 0) {
      ctx.events.nudge();
      await book.refresh();
    }
  }

  async function keepTicking(): Promise<void> {
    let isFailing = false;
    while (!stopping.signal.aborted) {
      try {
        await tick();
        if (isFailing) ctx.log.info({}, 'waiting rooms move on again');
        isFailing = false;
      } catch (error) {
        // Waiters are answered from memory meanwhile, and the time does not count against them.
        if (!isFailing) ctx.log.warn({ error }, 'waiting rooms stand still');
        isFailing = true;
      }
      const isBusy = book.all().some(({ record }) => isQueueing(record.progress.state));
      const pauseMs = isBusy ? tickEveryMs : idleTickEveryMs;
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  async function configure(roomId: string, input: RoomInput): Promise<{ isNew: boolean; room: Room } | ProblemReply> {
    const wrong = await faultIn(roomId, input);
    if (wrong !== undefined) return wrong;
    const config = configOf(roomId, input);
    try {
      const { isNew, room } = await ctx.database.transaction(async (tx) => {
        const written = await writeConfig(tx, config);
        const { state } = written.room.progress;
        await ctx.events.publish(tx, [roomChanged({ roomId, saleId: config.saleId, state })]);
        return written;
      });
      ctx.log.info({ ...config, isNew }, 'a waiting room was set up');
      await book.refresh();
      const before = book.of(roomId);
      // A tick of a moment ago knew nothing of this, and the next one comes no sooner: the answer is to tell what the room became.
      if (before !== undefined && !pacer.isDue(before)) await sleep(tickEveryMs);
      await tick();
      // Deleted meanwhile by somebody else, it was set up all the same.
      return { isNew, room: publicRoom(book.of(roomId) ?? { record: room, rate: undefined }) };
    } catch (error) {
      if (brokenConstraint(error) !== 'room_one_per_sale') throw error;
      const what = input.saleId === undefined ? 'every purchase' : 'this sale';
      const other = book.before(input.saleId)?.record.config.roomId;
      const which = other === undefined ? '' : `: ${other}`;
      return problem('conflict', {
        detail: `Another waiting room stands before ${what}${which}. Change that one, or delete it.`,
      });
    }
  }

  async function faultIn(roomId: string, input: RoomInput): Promise<ProblemReply | undefined> {
    const { saleId, switchedBy, opensAtMs, queueFromMs } = input;
    if (switchedBy === 'schedule' && saleId === undefined && opensAtMs === undefined) {
      return badField('/opensAtMs', 'A room that is switched by schedule opens at an instant, or with its sale.');
    }
    if (input.isOn !== undefined && switchedBy !== 'hand') {
      return badField('/isOn', 'Only a room that is switched by hand is said to be on.');
    }
    if (queueFromMs !== undefined && opensAtMs !== undefined && queueFromMs > opensAtMs) {
      return badField('/queueFromMs', 'Tickets are given out before the opening, not after it.');
    }
    if (saleId !== undefined) {
      const sales = await peers.promotion.listSales({});
      if (isProblem(sales)) return sales;
      const isKnown = sales.body.items.some((sale) => sale.saleId === saleId);
      if (!isKnown) return badField('/saleId', 'There is no such sale, or it is over.');
    }
    await book.refresh();
    const record = book.of(roomId)?.record;
    if (record === undefined) return undefined;
    if (record.config.saleId !== saleId && isQueueing(record.progress.state)) {
      return problem('conflict', { detail: 'People queue in this room for something else. Close it first.' });
    }
    const { lot } = record.line;
    if (lot !== undefined && isQueueing(record.progress.state) && (opensAtMs ?? 0) > ctx.clock.nowMs()) {
      return problem('conflict', {
        detail: 'The room is open: its order is drawn. Close it before it is to open again.',
      });
    }
    return undefined;
  }

  /** Undefined: it is gone. */
  async function remove(roomId: string): Promise<ProblemReply | undefined> {
    const fault = await ctx.database.transaction(async (tx) => {
      const room = await lockRoom(tx, roomId);
      if (room === undefined) return unknownRoom();
      if (isQueueing(room.state)) {
        return problem('conflict', { detail: 'People queue in this room. Close it first, or wait until it is over.' });
      }
      await deleteRoom(tx, roomId);
      await ctx.events.publish(tx, [roomChanged({ roomId, saleId: room.saleId, state: 'off' })]);
      return undefined;
    });
    if (fault !== undefined) return fault;
    ctx.log.info({ roomId }, 'a waiting room was deleted');
    ctx.events.nudge();
    await book.refresh();
    return undefined;
  }

  function unknownRoom(): ProblemReply {
    return problem('not-found', { detail: 'There is no such waiting room.' });
  }

  return {
    contract: waitingRoomApi,
    importance: 'core',
    door: createDoor(ctx, book, lineUp),
    tickets,
    pollGate: createPollGate(ctx, tickets),
    tick,
    async start() {
      await clock.compare();
      // So that the door is not open for the first quarter of a second.
      await book.refresh();
      running = keepTicking();
    },
    async stop() {
      stopping.abort();
      await running;
      for (const stop of stopListening) stop();
      await lanes.tickets.close();
      await lanes.passes.close();
      await lanes.departures.close();
    },
    handlers: {
      async listRooms() {
        const nowMs = ctx.clock.nowMs();
        return {
          status: 200,
          body: {
            items: book
              .all()
              .filter((view) => isAnnounced(view, nowMs))
              .map(publicRoom),
          },
        };
      },

      async listRoomSetups() {
        await book.refresh();
        const items = book.all().map((view) => ({ room: publicRoom(view), setup: setupOf(view.record.config) }));
        return { status: 200, body: { items } };
      },

      async getRoom({ params: { roomId } }) {
        const view = book.of(roomId);
        return view ? { status: 200, body: publicRoom(view) } : unknownRoom();
      },

      async putRoom({ params: { roomId }, body }) {
        const done = await configure(roomId, body);
        if (isProblem(done)) return done;
        return done.isNew ? { status: 201, body: done.room } : { status: 200, body: done.room };
      },

      async deleteRoom({ params: { roomId } }) {
        return (await remove(roomId)) ?? { status: 204, body: null };
      },

      async takeTicket({ params: { roomId }, body }, call) {
        const view = book.of(roomId);
        if (view === undefined) return unknownRoom();
        const buyerId = body.buyer === undefined ? undefined : readSubjectToken(ctx.signer, 'buyer', body.buyer);
        if (body.buyer !== undefined && buyerId === undefined) {
          return badField('/buyer', 'This is not a buyer of this shop. Leave it out to become one.');
        }
        const lined = await lineUp(view, { buyerId, held: call.credential, call });
        if (lined.kind === 'placed') return { status: 201, body: lined.ticket };
        if (lined.kind === 'elsewhere') return problem('ticket-invalid', { detail: lined.detail });
        const { challenge, reason } = lined;
        return problem('challenge-required', { reason, challenge });
      },

      async getTicket({ params: { roomId } }, call) {
        const view = book.of(roomId);
        if (view === undefined) return unknownRoom();
        const status = await counter.look(view, call.credential);
        return isProblem(status) ? status : { status: 200, body: status };
      },

      async takePass({ params: { roomId } }, call) {
        const view = book.of(roomId);
        if (view === undefined) return unknownRoom();
        const pass = await counter.claim(view, call.credential);
        return isProblem(pass) ? pass : { status: 200, body: pass };
      },

      async leaveLine({ params: { roomId } }, call) {
        const view = book.of(roomId);
        if (view === undefined) return unknownRoom();
        const fault = await counter.leave(view, call.credential);
        if (fault !== undefined) return fault;
        // Who asks next is told so. It is written down: a reading that fails is made up for by the next tick.
        await book.refresh().catch(() => {});
        return { status: 204, body: null };
      },
    },
  };
}

const waitingOf = ({ record }: RoomView) => Math.max(0, record.line.issued - record.progress.admitted);
const admittedOf = ({ record }: RoomView) => record.progress.admitted;
const paceOf = ({ record }: RoomView) => record.progress.pacePerS;

function configOf(roomId: string, input: RoomInput): RoomConfig {
  const { name, saleId, switchedBy, isOn = false, queueFromMs, opensAtMs, pacePerSMax } = input;
  return { roomId, name, saleId, switchedBy, isOn, queueFromMs, opensAtMs, pacePerSMax };
}

function setupOf({
  roomId: _,
  name,
  saleId,
  queueFromMs,
  opensAtMs,
  pacePerSMax,
  isOn,
  ...setup
}: RoomConfig): RoomInput {
  return {
    ...setup,
    ...(name !== undefined && { name }),
    ...(saleId !== undefined && { saleId }),
    ...(setup.switchedBy === 'hand' && { isOn }),
    ...(queueFromMs !== undefined && { queueFromMs }),
    ...(opensAtMs !== undefined && { opensAtMs }),
    ...(pacePerSMax !== undefined && { pacePerSMax }),
  };
}

/** On, or to be: what people are told of. */
function isAnnounced({ record }: RoomView, nowMs: number): boolean {
  const { state, opensAtMs, endsAtMs } = record.progress;
  if (state === 'off') return opensAtMs !== undefined && opensAtMs > nowMs;
  return state !== 'over' || endsAtMs === undefined || endsAtMs > nowMs;
}
