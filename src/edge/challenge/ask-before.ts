import type { Call } from '../../platform/api/contract.ts';
import { type ProblemReply, problem } from '../../platform/api/problem.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import { madeAtMs } from '../../platform/database/id.ts';
import type { catalogApi } from '../../services/catalog/api.ts';
import type { checkoutApi } from '../../services/checkout/api.ts';
import type { Quote } from '../../services/quote/api.ts';
import type { Purpose, Rejection } from './api.ts';
import type { Door } from './door.ts';

/** Who has been a buyer of this shop for longer is no new guest: machines make a new one for each order. */
const newGuestForMs = 24 * 3_600_000;

const detailOf: Record<'none' | Rejection, string> = {
  none: 'Send the request again with the solution of `challenge` in the `Challenge-Solution` header.',
  unreadable: 'The `Challenge-Solution` is not Base64 of a challenge and its solution.',
  forged: 'The `Challenge-Solution` is not of a challenge of this shop.',
  elsewhere: 'The `Challenge-Solution` is of a challenge for something else, or for another network.',
  expired: 'The `Challenge-Solution` came too late. Here is another challenge.',
  wrong: 'The `Challenge-Solution` does not solve its challenge.',
  used: 'The `Challenge-Solution` was used before. Here is another challenge.',
  early: 'The wait is not over yet.',
};

export function challengeRequired(challenge: object, reason: 'none' | Rejection): ProblemReply {
  return problem('challenge-required', { detail: detailOf[reason], reason, challenge });
}

/** Checkout behind the door: suspicious new guests work before they order. The service itself knows nothing of it. */
export function askBeforeOrders<S extends Service<typeof checkoutApi>>(
  service: S,
  door: Door,
  { signer, clock }: Pick<Context, 'signer' | 'clock'>,
): S {
  const { placeOrder } = service.handlers;
  const placeOrderBehindDoor: typeof placeOrder = async (request, call) => {
    // Asked first, since nobody is suspicious most of the time, and a quote may be 64 KB to verify.
    if (!door.isAsked({ purpose: 'order', call })) return placeOrder(request, call);
    const quote = signer.verify('quote', request.body.quote) as Quote | undefined;
    const isNewGuest = quote !== undefined && clock.nowMs() - madeAtMs(quote.buyerId) < newGuestForMs;
    if (!isNewGuest) return placeOrder(request, call);
    const refused = await refusal(door, 'order', quote.orderId, call);
    return refused ?? placeOrder(request, call);
  };
  return { ...service, handlers: { ...service.handlers, placeOrder: placeOrderBehindDoor } };
}

/** The catalogue behind the door: searching costs the database more than any other look. */
export function askBeforeSearches<S extends Service<typeof catalogApi>>(service: S, door: Door): S {
  const { search } = service.handlers;
  const searchBehindDoor: typeof search = async (request, call) =>
    (await refusal(door, 'search', undefined, call)) ?? search(request, call);
  return { ...service, handlers: { ...service.handlers, search: searchBehindDoor } };
}

async function refusal(
  door: Door,
  purpose: Purpose,
  subject: string | undefined,
  call: Partial<Call>,
): Promise<ProblemReply | undefined> {
  const verdict = await door.check({ purpose, call, ...(subject !== undefined && { subject }) });
  return verdict.kind === 'ok' ? undefined : challengeRequired(verdict.challenge, verdict.reason);
}
