import { isProblem } from '../../platform/api/problem.ts';
import type { Order } from '../../services/checkout/api.ts';
import type { PagesHost } from '../host.ts';
import { answered } from '../site/answered.ts';
import { asHolder } from '../site/as-holder.ts';
import type { PageRequest } from '../site/page-request.ts';
import { rememberedOrders } from './order-cookie.ts';

/** The orders that this browser is known to have placed, newest first. */
export async function loadKnownOrders({ peers, ctx }: PagesHost, request: PageRequest): Promise<Order[]> {
  const replies = await Promise.all(
    rememberedOrders(request, ctx.signer).map((orderId) => {
      const holder = asHolder(request.call, ctx.signer.code('order-capability', orderId));
      return peers.checkout.getOrder({ params: { orderId } }, holder);
    }),
  );
  return replies
    .map((reply) => answered(reply, ['not-found']))
    .flatMap((reply) => (isProblem(reply) ? [] : [reply.body]))
    .sort((one, other) => other.placedAtMs - one.placedAtMs);
}
