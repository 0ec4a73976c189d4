import { isProblem } from '../../platform/api/problem.ts';
import { createValidation } from '../../platform/api/validation.ts';
import { cartName, givenCart } from '../cart/cart-cookie.ts';
import { loadCart, loadShortage, showCart } from '../cart/load-cart.ts';
import { cartText } from '../cart/messages.ts';
import { newStamp, noticeForm } from '../challenge/form-signs.tsx';
import type { PagesHost } from '../host.ts';
import { locales, localPath } from '../locale.ts';
import { answered, whole } from '../site/answered.ts';
import type { PageReply, PageRequest, PageRoute } from '../site/page-request.ts';
import { createBuyNow } from './buy-now.ts';
import { type CheckoutPage, renderCheckoutPage } from './checkout-page.tsx';
import { type Country, countriesIn } from './countries.ts';
import { createDeliveryFormReader, type FieldFaults, type FieldValues, valuesOf } from './delivery-form.ts';
import { checkoutText } from './messages.ts';
import { createPaying } from './pay.ts';
import { refusalPage } from './refusal-page.tsx';
import { createReview } from './review.ts';
import { reviewPath } from './review-path.ts';

/** From the cart to the paid order: where it goes, what it costs, and the money. */
export function createCheckoutRoutes(host: PagesHost): PageRoute[] {
  const { peers, ctx } = host;
  const readForm = createDeliveryFormReader(createValidation());
  // Names of 250 countries are dear to make and never change.
  const countries = new Map<string, readonly Country[]>(locales.map((locale) => [locale, countriesIn(locale)]));
  const countryCodes = new Set(countries.get('en')?.map(({ code }) => code));
  const review = createReview(host);
  const paying = createPaying(host, review);

  /** What checking out is about; undefined where there is nothing to check out. */
  async function begin(request: PageRequest) {
    const given = givenCart(request, ctx.signer);
    const cart = given && (await loadCart(host, given.cartId, request.call));
    if (given === undefined || cart === undefined || cart.lines.length === 0) return undefined;
    const { currency } = cart;
    const reply = await peers.cart.listDeliveryMethods({ query: { currency } }, request.call);
    return { given, cart, deliveryMethods: whole(reply).body.items };
  }

  /** What has to be set right before it is of use to say where it goes; undefined if nothing. */
  async function hindrance(request: PageRequest, { cart, deliveryMethods }: Begun): Promise<PageReply | undefined> {
    const shortage = await loadShortage(host, cart, request.call);
    if (shortage !== undefined) return review.refused(request, cart, shortage);
    if (deliveryMethods.length > 0) return undefined;
    const title = checkoutText(request.locale).noDeliveryTitle;
    const says = cartText(request.locale).blockedNoDelivery(cart.currency);
    return refusalPage(await host.shell(request.locale), 409, { title, says, ways: [] });
  }

  type Begun = NonNullable<Awaited<ReturnType<typeof begin>>>;

  const toCart = ({ locale }: PageRequest): PageReply => ({ kind: 'redirect', to: localPath(locale, '/cart') });

  async function page(
    request: PageRequest,
    { given, cart, deliveryMethods }: Begun,
    status: number,
    values: FieldValues,
    faults: FieldFaults,
  ): Promise<PageReply> {
    const { locale } = request;
    const checkout: CheckoutPage = {
      shown: await showCart(host, cart, request),
      values,
      faults,
      countries: countries.get(locale) ?? [],
      deliveryMethods,
      cartName: given.isOfCookie ? undefined : cartName(ctx.signer, given.cartId),
      stamp: newStamp(ctx.signer, ctx.clock.nowMs()),
    };
    return { kind: 'page', status, html: renderCheckoutPage(await host.shell(locale), checkout) };
  }

  async function show(request: PageRequest): Promise<PageReply> {
    const begun = await begin(request);
    if (begun === undefined) return toCart(request);
    const hindered = await hindrance(request, begun);
    if (hindered !== undefined) return hindered;
    const { cart, deliveryMethods } = begun;
    const known: Readonly<Record<string, string | undefined>> = {
      ...cart.contact,
      ...cart.deliveryAddress,
      // The first is what most take: it costs a click to choose another, not to choose at all.
      deliveryMethod: cart.deliveryMethod ?? deliveryMethods[0]?.code,
    };
    return page(
      request,
      begun,
      200,
      valuesOf((name) => known[name] ?? ''),
      new Map(),
    );
  }

  async function send(request: PageRequest): Promise<PageReply> {
    noticeForm(host, request, { isStamped: true });
    const begun = await begin(request);
    if (begun === undefined) return toCart(request);
    const hindered = await hindrance(request, begun);
    if (hindered !== undefined) return hindered;
    const { given, deliveryMethods } = begun;
    const codes = new Set(deliveryMethods.map(({ code }) => code));
    const form = readForm(request.form, { countryCodes, deliveryMethods: codes });
    if (form.kind === 'bad') return page(request, begun, 422, form.values, form.faults);
    const { contact, deliveryAddress, deliveryMethod } = form;
    const params = { cartId: given.cartId };
    const replies = [
      answered(await peers.cart.setAddress({ params, body: { contact, deliveryAddress } }, request.call), [
        'not-found',
      ]),
      answered(await peers.cart.setDelivery({ params, body: { deliveryMethod } }, request.call), [
        'not-found',
        'delivery-unknown',
      ]),
    ];
    // Between reading the cart and writing to it, it went, or staff took the way of delivery away: seen from its page.
    if (replies.some((reply) => isProblem(reply))) return toCart(request);
    const name = given.isOfCookie ? undefined : cartName(ctx.signer, given.cartId);
    return { kind: 'redirect', to: localPath(request.locale, reviewPath(name)) };
  }

  const begun = { importance: 'core', isContinuation: true } as const;
  return [
    { method: 'GET', path: '/checkout', importance: 'core', handle: show },
    { method: 'POST', path: '/checkout', importance: 'core', handle: send },
    { method: 'GET', path: '/checkout/review', ...begun, handle: (request) => review.show(request) },
    // The address of the forms' answers, when it is opened or loaded again.
    { method: 'GET', path: '/checkout/pay', ...begun, handle: (request) => review.show(request) },
    { method: 'POST', path: '/checkout/pay', ...begun, costUnits: 10, handle: (request) => paying.pay(request) },
    { method: 'POST', path: '/checkout/buy-now', importance: 'core', costUnits: 2, handle: createBuyNow(host) },
  ];
}
