import type { Context } from '../../platform/context/context.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import type { Asked, ChallengeDoor } from '../challenge/api.ts';
import type { Counter } from './counter.ts';
import { isQueueing } from './room.ts';
import type { RoomBook } from './room-book.ts';
import { type PassToken, readPass } from './ticket.ts';
import type { RoomView } from './view.ts';

/** As the quote service asks (its `Admission`): who wants to buy in which sales, with what he has of a waiting room. */
export interface DoorRequest {
  readonly saleIds: readonly string[];
  readonly buyerId: string | undefined;
  readonly pass: string | undefined;
  readonly ticket: string | undefined;
  readonly call: Asked['call'];
}

export type DoorAnswer =
  | { readonly kind: 'free' }
  | { readonly kind: 'admitted'; readonly pass: Pick<PassToken, 'roomId' | 'place'>; readonly expiresAtMs: number }
  | {
      readonly kind: 'wait';
      readonly roomId: string;
      readonly ticket: string;
      readonly buyer: string;
      readonly retryAfterS: number;
    }
  /** Before he gets a ticket, he is to solve the challenge. */
  | { readonly kind: 'challenge'; readonly roomId: string; readonly reason: string; readonly challenge: object }
  | { readonly kind: 'pass-invalid'; readonly roomId: string; readonly detail: string }
  | { readonly kind: 'nothing-left'; readonly roomId: string }
  | { readonly kind: 'apart'; readonly roomIds: readonly string[] };

/** What may be asked of a new ticket. Who holds one is asked nothing more. */
export type TicketChallenge = Pick<ChallengeDoor, 'check'>;

export interface Door {
  admit(request: DoorRequest): Promise<DoorAnswer>;
}

/**
 * The door between the queue and the shop. Which rooms there are is known from memory, a tick old at the most; whose a pass is
 * and until when is in the pass itself; that it is used once is seen to by the database, with the order.
 */
export function createDoor(
  ctx: Pick<Context, 'clock' | 'signer'>,
  book: RoomBook,
  counter: Counter,
  challenge: TicketChallenge | undefined,
): Door {
  /** Undefined: it lets him in. */
  function faultOf(pass: PassToken | undefined, roomId: string, buyerId: string | undefined): string | undefined {
    if (pass === undefined) return 'It was not issued here.';
    if (pass.roomId !== roomId) return 'It is of another waiting room.';
    if (buyerId === undefined) return 'A pass is its buyer’s: send the `buyer` that you got with the ticket.';
    if (pass.buyerId !== buyerId) return 'It is another buyer’s.';
    return ctx.clock.nowMs() >= pass.expiresAtMs ? 'It has expired.' : undefined;
  }

  async function wait(view: RoomView, { buyerId, ticket, call }: DoorRequest): Promise<DoorAnswer> {
    const { roomId } = view.record.config;
    // Who sends his ticket and does not say who he is, is whose ticket it is.
    const holderId = counter.holderOf(view, ticket);
    const waiterId = buyerId ?? holderId ?? newId(randomBucket(), ctx.clock.nowMs());
    const kept = counter.keep(view, waiterId, ticket);
    const verdict =
      kept === undefined ? await challenge?.check({ purpose: 'ticket', subject: roomId, call }) : undefined;
    if (verdict?.kind === 'required') return { ...verdict, kind: 'challenge', roomId };
    const taken = kept ?? (await counter.issue(view, waiterId));
    return { kind: 'wait', roomId, ticket: taken.ticket, buyer: taken.buyer, retryAfterS: taken.pollAfterS };
  }

  return {
    async admit(request) {
      const rooms = roomsBefore(book, request.saleIds);
      const [view, another] = rooms;
      if (view === undefined) return { kind: 'free' };
      if (another !== undefined) {
        return { kind: 'apart', roomIds: rooms.map(({ record }) => record.config.roomId) };
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

/** The rooms that stand before these sales; where none does, the one before every purchase. Who has queued for a sale queues once. */
function roomsBefore(book: RoomBook, saleIds: readonly string[]): RoomView[] {
  const ofSales = saleIds.flatMap((saleId) => book.before(saleId) ?? []).filter(isClosed);
  if (ofSales.length > 0) return ofSales;
  const ofAll = book.before(undefined);
  return ofAll !== undefined && isClosed(ofAll) ? [ofAll] : [];
}

/** Sold out it lets nobody past the queue either: what comes back is for who has a pass. */
function isClosed({ record }: RoomView): boolean {
  const { state } = record.progress;
  return isQueueing(state) || state === 'over';
}
