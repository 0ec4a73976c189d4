import { isProblem, problem } from '../../platform/api/problem.ts';
import type { Cart } from '../../services/cart/api.ts';
import { cartName, keepBuyer, keepBuyNow, knownBuyer, visitorsCart } from '../cart/cart-cookie.ts';
import { parseLineForm } from '../cart/line-form.ts';
import { loadCart, loadChosen } from '../cart/load-cart.ts';
import { noticeForm } from '../challenge/form-signs.tsx';
import type { PagesHost } from '../host.ts';
import { localPath } from '../locale.ts';
import { answered, whole } from '../site/answered.ts';
import type { PageReply, PageRequest } from '../site/page-request.ts';
import { checkoutText } from './messages.ts';
import { refusalPage } from './refusal-page.tsx';
import { createReview } from './review.ts';
import { checkoutPath, reviewPath } from './review-path.ts';

/**
 * The one big button: a cart of its own with just this, beside the visitor's, which stays as it is. Who has told an
 * address before goes straight to the review.
 */
export function createBuyNow(host: PagesHost): (request: PageRequest) => Promise<PageReply> {
  const { peers, ctx } = host;
  const review = createReview(host);

  return async function buyNow(request) {
    const { locale, form, call } = request;
    noticeForm(host, request);
    const wanted = parseLineForm(form);
    if (wanted.kind === 'bad') {
      const text = checkoutText(locale);
      return refusalPage(await host.shell(locale), 400, { title: text.badLineTitle, says: text.badLine, ways: [] });
    }
    const { quantity, seenUnitPriceMinor } = wanted;
    const variantId = await loadChosen(host, wanted.what, call);
    const notForSale = problem('not-for-sale', { variantId });
    if (variantId === undefined) return review.refused(request, undefined, notForSale);
    const usualId = visitorsCart(request, ctx.signer);
    const usual = usualId === undefined ? undefined : await loadCart(host, usualId, call);
    // The same buyer as in the cart: limits per buyer count both.
    const body = usual === undefined ? knownBuyer(request, ctx.signer) : { buyer: usual.buyer };
    const { cartId, buyer } = whole(await peers.cart.createCart({ body }, call)).body;
    const seen = seenUnitPriceMinor === undefined ? {} : { seenUnitPriceMinor };
    const line = { params: { cartId }, body: { variantId, quantity, ...seen } };
    const added = answered(await peers.cart.addLine(line, call), ['not-for-sale']);
    if (isProblem(added)) return review.refused(request, undefined, notForSale);
    const name = cartName(ctx.signer, cartId);
    const isKnown = usual !== undefined && (await tellAgain(usual, cartId, request));
    const to = isKnown ? reviewPath(name) : checkoutPath(name);
    return {
      kind: 'redirect',
      to: localPath(locale, to),
      cookies: [keepBuyer(buyer), ...keepBuyNow(request, ctx.signer, cartId)],
    };
  };

  /** Whether all that a quote needs was known. */
  async function tellAgain(usual: Cart, cartId: string, { call }: PageRequest): Promise<boolean> {
    const { contact, deliveryAddress, deliveryMethod } = usual;
    if (contact === undefined || deliveryAddress === undefined) return false;
    const params = { cartId };
    whole(await peers.cart.setAddress({ params, body: { contact, deliveryAddress } }, call));
    if (deliveryMethod === undefined) return false;
    const reply = await peers.cart.setDelivery({ params, body: { deliveryMethod } }, call);
    return !isProblem(answered(reply, ['delivery-unknown']));
  }
}
