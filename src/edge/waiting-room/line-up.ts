import type { Context } from '../../platform/context/context.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import type { Asked, ChallengeDoor, Verdict } from '../challenge/api.ts';
import type { Counter, TicketIssued } from './counter.ts';
import type { RoomView } from './view.ts';

/** What may be asked of a new ticket. Who holds one is asked nothing more. */
export type TicketChallenge = Pick<ChallengeDoor, 'check'>;

export interface Waiter {
  /** Undefined for a new guest. */
  readonly buyerId: string | undefined;
  /** The ticket that he sent, unverified. */
  readonly held: string | undefined;
  readonly call: Asked['call'];
}

export type LinedUp =
  | { readonly kind: 'placed'; readonly ticket: TicketIssued }
  /** Before he gets a ticket, he is to solve the challenge. */
  | Extract<Verdict, { kind: 'required' }>
  /** The ticket that he sent is of another room. A new one each time he asks with it would be a gap in the line each time. */
  | { readonly kind: 'elsewhere'; readonly detail: string };

export type LineUp = (view: RoomView, waiter: Waiter) => Promise<LinedUp>;

const elsewhere: LinedUp = {
  kind: 'elsewhere',
  detail: 'This ticket is of another waiting room. Send the one of this room, or none to get one.',
};

/** A place in line, by whatever way it is asked for: the one that is held, or a new one. */
export function createLineUp(
  { clock }: Pick<Context, 'clock'>,
  counter: Counter,
  challenge: TicketChallenge | undefined,
): LineUp {
  return async (view, { buyerId, held, call }) => {
    // Who sends his ticket and does not say who he is, is whose ticket it is.
    const waiterId = buyerId ?? counter.holderOf(view, held) ?? newId(randomBucket(), clock.nowMs());
    const kept = counter.keep(view, waiterId, held);
    if (kept !== undefined) return { kind: 'placed', ticket: kept };
    if (counter.isOfAnother(view, held)) return elsewhere;
    const verdict = await challenge?.check({ purpose: 'ticket', subject: view.record.config.roomId, call });
    if (verdict?.kind === 'required') return verdict;
    return { kind: 'placed', ticket: await counter.issue(view, waiterId) };
  };
}
