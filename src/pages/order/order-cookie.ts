import { isUuid } from '../../platform/database/id.ts';
import type { Signer } from '../../platform/signing/signer.ts';
import { readSubjectToken, subjectToken } from '../../platform/signing/subject-token.ts';
import type { Cookie, PageRequest } from '../site/page-request.ts';

/**
 * The last orders of this browser, newest first, signed by this shop. Who buys as a guest has no other way back to an order
 * whose page was lost; a list of ids opens orders, so it is kept from scripts.
 */
const ordersCookie = 'onrush_orders';
const ordersMax = 10;

/**
 * Orders that a review of this browser would become. Told with the review, because the answer to paying may be lost, and its
 * cookies with it. A list of its own, so that who looks at reviews and buys nothing loses no order.
 */
const reviewsCookie = 'onrush_reviews';
const reviewsMax = 4;

const keptS = 30 * 24 * 3600;

/** Ids of orders that this browser placed or may have placed; which of them there are, the orders say. */
export function rememberedOrders(request: PageRequest, signer: Signer): string[] {
  return [...new Set([...readIds(request, signer, reviewsCookie), ...readIds(request, signer, ordersCookie)])];
}

export function keepReview(request: PageRequest, signer: Signer, orderId: string): Cookie {
  return idsCookie(signer, reviewsCookie, [orderId, ...readIds(request, signer, reviewsCookie)], reviewsMax);
}

export function keepOrder(request: PageRequest, signer: Signer, orderId: string): Cookie {
  return idsCookie(signer, ordersCookie, [orderId, ...readIds(request, signer, ordersCookie)], ordersMax);
}

function idsCookie(signer: Signer, name: string, orderIds: readonly string[], countMax: number): Cookie {
  const ids = [...new Set(orderIds)].slice(0, countMax).join('_');
  return { name, value: subjectToken(signer, 'orders', ids), maxAgeS: keptS };
}

function readIds({ cookies }: PageRequest, signer: Signer, name: string): string[] {
  const ids = readSubjectToken(signer, 'orders', cookies.get(name) ?? '');
  return (ids ?? '').split('_').filter(isUuid);
}
