import { isProblem } from '../../platform/api/problem.ts';
import { isUuid } from '../../platform/database/id.ts';
import type { Order } from '../../services/checkout/api.ts';
import { loadNames } from '../cart/load-cart.ts';
import { newNonce } from '../checkout/attempt.ts';
import { parseCard } from '../checkout/cards.tsx';
import { deliveryName } from '../checkout/checkout-page.tsx';
import { charge } from '../checkout/pay.ts';
import type { PagesHost } from '../host.ts';
import { answered, whole } from '../site/answered.ts';
import { asHolder } from '../site/as-holder.ts';
import type { PageReply, PageRequest, PageRoute } from '../site/page-request.ts';
import { loadKnownOrders } from './known-orders.ts';
import { renderKnownOrders } from './known-orders-page.tsx';
import { orderText } from './messages.ts';
import { type OrderPage, renderOrderPage } from './order-page.tsx';
import { orderPath } from './order-path.ts';
import { orderPhase } from './order-phase.ts';
import { renderUnknownOrder } from './unknown-order.tsx';

/** An order's own page, for whoever holds its key: how it stands, paying it, cancelling it. */
export function createOrderRoutes(host: PagesHost): PageRoute[] {
  const { peers, ctx } = host;

  /** The order, if the key opens it. A wrong key and an unknown order are told apart for nobody. */
  async function open({ params, form, query, call }: PageRequest): Promise<Order | undefined> {
    const orderId = params.orderId ?? '';
    const key = form.get('key') ?? query.get('key') ?? '';
    if (!isUuid(orderId) || !ctx.signer.checkCode('order-capability', orderId, key)) return undefined;
    const reply = answered(await peers.checkout.getOrder({ params: { orderId } }, asHolder(call, key)), ['not-found']);
    return isProblem(reply) ? undefined : reply.body;
  }

  async function unknown({ locale }: PageRequest): Promise<PageReply> {
    return { kind: 'page', status: 404, html: renderUnknownOrder(await host.shell(locale)) };
  }

  async function page(
    { locale, call }: PageRequest,
    order: Order,
    status = 200,
    notes: Pick<OrderPage, 'notice' | 'isCardMissing'> = {},
  ): Promise<PageReply> {
    const { orderId, key, currency } = order;
    const variantIds = order.lines.map((line) => line.variantId);
    const [shell, nameOf, payments, methods] = await Promise.all([
      host.shell(locale),
      loadNames(host, variantIds, locale, call),
      peers.payment.listPayments({ params: { orderId } }, asHolder(call, key)),
      peers.cart.listDeliveryMethods({ query: { currency } }, call),
    ]);
    const method = whole(methods).body.items.find(({ code }) => code === order.deliveryMethod);
    const html = renderOrderPage(shell, {
      order,
      phase: orderPhase(order, whole(payments).body.items),
      nameOf,
      deliveryName: method === undefined ? order.deliveryMethod : deliveryName(shell, method),
      nonce: newNonce(),
      nowMs: ctx.clock.nowMs(),
      ...notes,
    });
    return { kind: 'page', status, html };
  }

  const toPage = (request: PageRequest, order: Order): PageReply => ({
    kind: 'redirect',
    to: orderPath(request, order),
  });

  async function list(request: PageRequest): Promise<PageReply> {
    const [shell, orders] = await Promise.all([host.shell(request.locale), loadKnownOrders(host, request)]);
    return { kind: 'page', status: 200, html: renderKnownOrders(shell, orders) };
  }

  async function show(request: PageRequest): Promise<PageReply> {
    const order = await open(request);
    return order === undefined ? unknown(request) : page(request, order);
  }

  async function pay(request: PageRequest): Promise<PageReply> {
    const order = await open(request);
    if (order === undefined) return unknown(request);
    const card = parseCard(request.form);
    if (card === undefined) return page(request, order, 422, { isCardMissing: true });
    if (order.state === 'placed') await charge(host, order, { form: request.form, card }, request.call);
    return toPage(request, order);
  }

  async function cancel(request: PageRequest): Promise<PageReply> {
    const order = await open(request);
    if (order === undefined) return unknown(request);
    const { orderId, key } = order;
    const holder = asHolder(request.call, key);
    const reply = answered(await peers.checkout.cancelOrder({ params: { orderId } }, holder), [
      'order-not-cancellable',
    ]);
    if (!isProblem(reply) || order.state === 'cancelled') return toPage(request, order);
    const says = orderText(request.locale).notCancellable;
    return page(request, order, 409, { notice: { kind: 'warn', says } });
  }

  const begun = { importance: 'core', isContinuation: true } as const;
  return [
    { method: 'GET', path: '/orders', importance: 'standard', handle: list },
    { method: 'GET', path: '/orders/:orderId', ...begun, handle: show },
    { method: 'POST', path: '/orders/:orderId/pay', ...begun, costUnits: 5, handle: pay },
    { method: 'POST', path: '/orders/:orderId/cancel', importance: 'standard', handle: cancel },
  ];
}
