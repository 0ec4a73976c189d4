import type { Context } from '../../platform/context/context.ts';
import type { Admission, AdmissionRequest, Admittance } from '../../services/quote/api.ts';
import type { LineUp } from './line-up.ts';
import { isQueueing } from './room.ts';
import type { RoomBook } from './room-book.ts';
import { type PassToken, readPass, roomOfTicket } from './ticket.ts';
import type { RoomView } from './view.ts';

/**
 * The door between the queue and the shop. Which rooms there are is known from memory, a tick old at the most; whose a pass is
 * and until when is in the pass itself; that it is used once is seen to by the database, with the order.
 */
export function createDoor(ctx: Pick<Context, 'clock' | 'signer'>, book: RoomBook, lineUp: LineUp): Admission {
  /** Undefined: it lets him in. */
  function faultOf(pass: PassToken | undefined, roomId: string, buyerId: string | undefined): string | undefined {
    if (pass === undefined) return 'It was not issued here.';
    if (pass.roomId !== roomId) return 'It is of another waiting room.';
    if (buyerId === undefined) return 'A pass is its buyer’s: send the `buyer` that you got with the ticket.';
    if (pass.buyerId !== buyerId) return 'It is another buyer’s.';
    return ctx.clock.nowMs() >= pass.expiresAtMs ? 'It has expired.' : undefined;
  }

  async function wait(view: RoomView, { buyerId, ticket, call }: AdmissionRequest): Promise<Admittance> {
    const { roomId } = view.record.config;
    const lined = await lineUp(view, { buyerId, held: ticket, call });
    if (lined.kind === 'required') return { ...lined, kind: 'challenge', roomId };
    if (lined.kind === 'elsewhere') return { ...lined, kind: 'ticket-invalid', roomId };
    const { ticket: own, buyer, pollAfterS } = lined.ticket;
    return { kind: 'wait', roomId, ticket: own, buyer, retryAfterS: pollAfterS };
  }

  /** Of several rooms any will do: who queues for a thing queues once, and does so where he has begun. */
  function chosen(rooms: readonly RoomView[], { pass, ticket }: AdmissionRequest): RoomView | undefined {
    const [first, another] = rooms;
    if (another === undefined) return first;
    const held = pass === undefined ? roomOfTicket(ctx.signer, ticket) : readPass(ctx.signer, pass)?.roomId;
    return rooms.find(({ record }) => record.config.roomId === held) ?? first;
  }

  return {
    async admit(request) {
      const before = roomsBefore(book, request.sales);
      if (before.length === 0) return { kind: 'free' };
      const view = chosen(roomsBeforeAll(before), request);
      if (view === undefined) {
        const roomIds = before.flat().map(({ record }) => record.config.roomId);
        return { kind: 'apart', roomIds: [...new Set(roomIds)] };
      }
      const { roomId } = view.record.config;
      if (request.pass !== undefined) {
        const pass = readPass(ctx.signer, request.pass);
        const detail = faultOf(pass, roomId, request.buyerId);
        if (detail !== undefined || pass === undefined) return { kind: 'pass-invalid', roomId, detail: detail ?? '' };
        return { kind: 'admitted', pass: { roomId, place: pass.place }, expiresAtMs: pass.expiresAtMs };
      }
      return view.record.progress.state === 'over' ? { kind: 'nothing-left', roomId } : wait(view, request);
    },
  };
}

/**
 * The rooms that stand before each of these variants, by the sales it is in; where none stands before any, the one before every purchase.
 * Who has queued for a sale queues once.
 */
function roomsBefore(book: RoomBook, sales: readonly (readonly string[])[]): RoomView[][] {
  const ofSales = sales
    .map((saleIds) => saleIds.flatMap((saleId) => book.before(saleId) ?? []).filter(isClosed))
    .filter((rooms) => rooms.length > 0);
  if (ofSales.length > 0) return ofSales;
  const ofAll = book.before(undefined);
  return ofAll !== undefined && isClosed(ofAll) ? [[ofAll]] : [];
}

/** Whose pass is good for all of it. */
function roomsBeforeAll([first = [], ...others]: readonly RoomView[][]): RoomView[] {
  return first.filter((room) => others.every((rooms) => rooms.includes(room)));
}

/** Sold out it lets nobody past the queue either: what comes back is for who has a pass. */
function isClosed({ record }: RoomView): boolean {
  const { state } = record.progress;
  return isQueueing(state) || state === 'over';
}
