import type { Call } from '../../platform/api/contract.ts';
import { isProblem, type ProblemReply, problem, problemSlug } from '../../platform/api/problem.ts';
import { isUuid } from '../../platform/database/id.ts';
import type { Cart } from '../../services/cart/api.ts';
import { noticeForm } from '../challenge/form-signs.tsx';
import type { PagesHost } from '../host.ts';
import { localPath } from '../locale.ts';
import { loadKnownOrders } from '../order/known-orders.ts';
import { orderPath } from '../order/order-path.ts';
import { answered, whole } from '../site/answered.ts';
import type { PageReply, PageRequest, PageRoute } from '../site/page-request.ts';
import {
  dropCart,
  type GivenCart,
  givenCart,
  hasCartCookie,
  keepCart,
  knownBuyer,
  looksLikeCart,
  unitCount,
  visitorsCart,
} from './cart-cookie.ts';
import { type CartNotice, type RefusedCoupon, renderCartPage } from './cart-page.tsx';
import { parseBack, parseLineForm, parseQuantity } from './line-form.ts';
import { loadAvailable, loadCart, loadChosen, loadNames, shortVariants, showCart } from './load-cart.ts';
import { cartText } from './messages.ts';

interface WantedLine {
  readonly variantId: string;
  readonly quantity: number;
  readonly seenUnitPriceMinor: number | undefined;
}

/** The cart: what is in it, and the forms that change it. */
export function createCartRoutes(host: PagesHost): PageRoute[] {
  const { peers, ctx } = host;
  const { signer } = ctx;

  /** The cart as it is, with what is to be said about what was just asked. */
  async function page(
    request: PageRequest,
    {
      status = 200,
      notice,
      refusedCoupon,
    }: { status?: number; notice?: CartNotice; refusedCoupon?: RefusedCoupon } = {},
  ): Promise<PageReply> {
    const { locale, call } = request;
    const shell = await host.shell(locale);
    const given = givenCart(request, signer);
    const cart = given && (await loadCart(host, given.cartId, call));
    if (cart === undefined) {
      // Who comes back to a cart that is no more is told. What never was a cart's cookie just goes.
      const isGone = given !== undefined || looksLikeCart(request);
      const says = notice ?? (isGone ? { kind: 'warn' as const, says: cartText(locale).gone } : undefined);
      const html = renderCartPage(shell, undefined, { notice: says, lastOrderPath: await lastOrderPath(request) });
      return { kind: 'page', status, html, cookies: hasCartCookie(request) ? dropCart : [] };
    }
    const shown = await showCart(host, cart, request);
    const isEmpty = cart.lines.length === 0;
    const html = renderCartPage(shell, shown, {
      notice,
      refusedCoupon,
      lastOrderPath: isEmpty ? await lastOrderPath(request) : undefined,
    });
    return { kind: 'page', status, html, cookies: given?.isOfCookie ? keepCart(signer, cart) : [] };
  }

  /** Who comes to an empty cart may have ordered and not heard of it. */
  async function lastOrderPath(request: PageRequest): Promise<string | undefined> {
    const [order] = await loadKnownOrders(host, request);
    return order && orderPath(request, order);
  }

  /** To a script its problem, to a person the cart with one sentence above it. */
  async function refused(request: PageRequest, reply: ProblemReply, says: string): Promise<PageReply> {
    if (request.wantsJson) return { kind: 'json', status: reply.status, body: { ...reply.problem, detail: says } };
    return page(request, { status: reply.status, notice: { kind: 'bad', says } });
  }

  /** Puts the line into the visitor's cart, or into a new one; the problem says why it could not be. */
  async function putIn(request: PageRequest, wanted: WantedLine): Promise<Cart | ProblemReply> {
    const { call } = request;
    const cartId = visitorsCart(request, signer);
    if (cartId !== undefined) {
      const reply = await addLine(cartId, wanted, call);
      if (!isProblem(reply)) return reply.body;
      if (problemSlug(reply) !== 'not-found') return reply;
    }
    const begun = whole(await peers.cart.createCart({ body: knownBuyer(request, signer) }, call)).body;
    const reply = await addLine(begun.cartId, wanted, call);
    return isProblem(reply) ? reply : reply.body;
  }

  async function addLine(cartId: string, { variantId, quantity, seenUnitPriceMinor }: WantedLine, call: Call) {
    const seen = seenUnitPriceMinor === undefined ? {} : { seenUnitPriceMinor };
    const body = { variantId, quantity, joinsLine: true, ...seen };
    return answered(await peers.cart.addLine({ params: { cartId }, body }, call), [
      'not-found',
      'not-for-sale',
      'cart-full',
    ]);
  }

  async function add(request: PageRequest): Promise<PageReply> {
    const { locale, form, call } = request;
    const text = cartText(locale);
    noticeForm(host, request);
    const sent = parseLineForm(form);
    if (sent.kind === 'bad') {
      return refused(request, problem('bad-request'), sent.field === 'quantity' ? text.badQuantity : text.badVariant);
    }
    // Before a cart is made: none is made for what cannot be put into it.
    const variantId = await loadChosen(host, sent.what, call);
    if (variantId === undefined) return refused(request, problem('not-for-sale'), text.refusedVariant);
    const wanted = { ...sent, variantId };
    const cart = await putIn(request, wanted);
    if (isProblem(cart)) {
      return refused(request, cart, problemSlug(cart) === 'cart-full' ? text.full : text.refusedVariant);
    }
    const cookies = keepCart(signer, cart);
    if (request.wantsJson) {
      return { kind: 'json', status: 200, body: await addedBody(cart, wanted, request), cookies };
    }
    return { kind: 'redirect', to: parseBack(form) ?? localPath(locale, '/cart'), cookies };
  }

  /** What the buy box says when the line is in. */
  async function addedBody(cart: Cart, { variantId }: WantedLine, { locale, call }: PageRequest): Promise<object> {
    const { format } = await host.shell(locale);
    const money = (amountMinor: number) => format.money(amountMinor, cart.currency);
    const line = cart.lines.find((each) => each.variantId === variantId);
    const [nameOf, availableBy] = await Promise.all([
      loadNames(host, [variantId], locale, call),
      loadAvailable(host, [variantId], call),
    ]);
    const name = nameOf(variantId, line?.title ?? '');
    const left = shortVariants(cart.lines, availableBy).get(variantId);
    const text = cartText(locale);
    return {
      ...(left !== undefined && { hint: left > 0 ? text.leftFewer(format.number(left)) : text.soldOut }),
      count: unitCount(cart),
      subtotal: money(cart.subtotalMinor),
      line: line && {
        lineId: line.lineId,
        variantId,
        title: name.title,
        options: name.options,
        quantity: line.quantity,
        ...(line.unitPriceMinor !== undefined && {
          unitPrice: money(line.unitPriceMinor),
          total: money(line.unitPriceMinor * line.quantity),
        }),
      },
    };
  }

  async function changeLine(request: PageRequest): Promise<PageReply> {
    const { locale, form, params, call } = request;
    const text = cartText(locale);
    const given = givenCart(request, signer);
    const quantity = parseQuantity(form);
    if (quantity === undefined) return refused(request, problem('bad-request'), text.badQuantity);
    const lineId = params.lineId ?? '';
    if (given === undefined || !isUuid(lineId)) return refused(request, problem('not-found'), text.noLine);
    const to = { params: { cartId: given.cartId, lineId } };
    const reply = answered(
      quantity === 0
        ? await peers.cart.removeLine(to, call)
        : await peers.cart.changeLine({ ...to, body: { quantity } }, call),
      ['not-found'],
    );
    if (isProblem(reply)) return refused(request, reply, text.noLine);
    return changed(request, given, reply.body);
  }

  function changed(request: PageRequest, given: GivenCart, cart: Cart): PageReply {
    const to = parseBack(request.form) ?? localPath(request.locale, '/cart');
    return { kind: 'redirect', to, cookies: given.isOfCookie ? keepCart(signer, cart) : [] };
  }

  async function setCoupon(request: PageRequest): Promise<PageReply> {
    const { locale, form, call } = request;
    const text = cartText(locale);
    const given = givenCart(request, signer);
    const cart = given && (await loadCart(host, given.cartId, call));
    if (given === undefined || cart === undefined) return page(request, { status: 404 });
    const code = (form.get('code') ?? '').trim();
    const couponCode = code === '' ? null : code;
    if (couponCode !== null) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what the contract refuses in a text
      const isText = code.length <= 60 && !/[\u0000-\u001f\u007f]/.test(code);
      const says = isText ? text.couponBad(code) : text.couponTooLong;
      const { offer } = isText
        ? await showCart(host, { ...cart, couponCode: code }, request)
        : { offer: { coupon: 'bad' } };
      if (offer.coupon === 'bad') {
        return page(request, { status: isText ? 409 : 400, refusedCoupon: { code: code.slice(0, 60), says } });
      }
    }
    const reply = await peers.cart.setCoupon({ params: { cartId: given.cartId }, body: { couponCode } }, call);
    return changed(request, given, whole(reply).body);
  }

  return [
    { method: 'GET', path: '/cart', importance: 'core', handle: (request) => page(request) },
    { method: 'POST', path: '/cart/lines', importance: 'core', handle: add },
    { method: 'POST', path: '/cart/lines/:lineId', importance: 'core', handle: changeLine },
    { method: 'POST', path: '/cart/coupon', importance: 'core', handle: setCoupon },
  ];
}
