import type { ProblemReply } from '../../platform/api/problem.ts';
import { problemSlug } from '../../platform/api/problem.ts';
import type { Cart } from '../../services/cart/api.ts';
import type { VariantName } from '../cart/variant-name.ts';
import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import type { Shell } from '../shell/shell.ts';
import type { PageReply } from '../site/page-request.ts';
import { checkoutText } from './messages.ts';
import { titleOf } from './review-page.tsx';
import { reviewPath } from './review-path.ts';

/** Why nothing was ordered, and what can be done about it now. */
export interface Refusal {
  readonly title: string;
  readonly says: string;
  /** When it will be otherwise, if that is known. */
  readonly opensAtMs?: number;
  readonly ways: readonly Way[];
  /** A page where something can be done about it. */
  readonly link?: { readonly label: string; readonly path: string };
}

/** A way on: a form that changes something and goes on from there. */
export interface Way {
  readonly label: string;
  /** Without the locale. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What a problem of quoting or ordering is about. */
export interface RefusalContext {
  readonly shell: Shell;
  readonly cart: Cart | undefined;
  readonly cartName: string | undefined;
  readonly nameOf: (variantId: string, otherwise: string) => VariantName;
}

/** Words and ways on for what quote and checkout may answer; undefined for a problem that is none of theirs. */
export function refusalOf(reply: ProblemReply, context: RefusalContext): Refusal | undefined {
  const { shell, cart } = context;
  const { format } = shell;
  const text = checkoutText(shell.locale);
  const { problem } = reply;
  const variantId = String(problem.variantId ?? '');
  const line = cart?.lines.find((each) => each.variantId === variantId);
  const title = titleOf(context.nameOf(variantId, line?.title ?? '')) || text.thisProduct;
  const code = String(problem.couponCode ?? cart?.couponCode ?? '');
  const without = waysWithout(context, variantId);
  const withoutCode = [change(context, text.withoutCode, '/cart/coupon', { code: '' })];
  switch (problemSlug(reply)) {
    case 'sold-out': {
      // From the waiting room: all of it is sold, whichever of it was wanted.
      if (variantId === '') return { title: text.soldOutTitle, says: text.nothingLeft, ways: [] };
      const left = Number(problem.available ?? 0);
      if (left <= 0) return { title: text.soldOutTitle, says: text.soldOut(title), ways: without };
      const ways = [...waysToTake(context, variantId, left, text.takeLeft(left)), ...without];
      return { title: text.fewerTitle(left), says: text.fewer(title, left), ways };
    }
    case 'limit-reached': {
      if (problem.couponCode !== undefined) {
        return { title: text.limitTitle, says: text.limitCoupon(code), ways: withoutCode };
      }
      const max = Number(problem.limit ?? 0);
      const taken = Number(problem.taken ?? 0);
      const may = Math.max(0, max - taken);
      const ways = may > 0 ? waysToTake(context, variantId, may, text.limitTake(format.number(may))) : [];
      const says = text.limit(title, format.number(max), format.number(taken));
      return { title: text.limitTitle, says, ways: [...ways, ...without] };
    }
    case 'too-many-unpaid': {
      const held = Number(problem.held ?? 0);
      const toOrders = { label: text.toOrders, path: '/orders' };
      if (problem.couponCode !== undefined) {
        const link = problem.of === 'buyer' ? { link: toOrders } : {};
        return { title: text.unpaidCouponTitle, says: text.unpaidCoupon(code), ways: withoutCode, ...link };
      }
      // What his network holds nothing of yet, he alone wants too much of.
      if (variantId !== '' && (problem.of === 'buyer' || held === 0)) {
        const max = Number(problem.max ?? 0);
        const says = text.unpaidUnits(title, format.number(max));
        const ways =
          max > held ? waysToTake(context, variantId, max - held, text.limitTake(format.number(max - held))) : [];
        return { title: text.unpaidUnitsTitle, says, ways: [...ways, ...without], ...(held > 0 && { link: toOrders }) };
      }
      if (problem.of !== 'buyer') return { title: text.unpaidNetworkTitle, says: text.unpaidNetwork, ways: [] };
      return { title: text.unpaidTitle, says: text.unpaid(format.number(held)), ways: [], link: toOrders };
    }
    case 'coupon-exhausted':
      return { title: text.couponGoneTitle, says: text.couponGone(code), ways: withoutCode };
    case 'coupon-invalid':
      return { title: text.couponBadTitle, says: text.couponBad(code), ways: withoutCode };
    case 'not-for-sale':
      return { title: text.notForSaleTitle, says: text.notForSale(title), ways: without };
    case 'sale-not-open': {
      const opensAtMs = Number(problem.startsAtMs ?? 0);
      return { title: text.notOpenTitle, says: text.notOpen(title), opensAtMs, ways: without };
    }
    case 'pass-invalid':
      return { title: text.passInvalidTitle, says: text.passInvalid, ways: waysToQueue(context, problem.roomId) };
    case 'pass-used':
      return { title: text.passUsedTitle, says: text.passUsed, ways: waysToQueue(context, problem.roomId) };
    case 'conflict':
      return { title: text.apartTitle, says: text.apart, ways: [] };
    case 'quote-invalid':
      return { title: text.invalidTitle, says: text.invalid, ways: [] };
    case 'bad-request':
      return { title: text.tooMuchTitle, says: text.tooMuch, ways: [] };
    default:
      return undefined;
  }
}

export function refusalPage(shell: Shell, status: number, refusal: Refusal, retryAfterS?: number): PageReply {
  const { locale } = shell;
  const text = checkoutText(locale);
  const html = renderDocument(
    shell,
    { title: refusal.title, path: '/checkout', isPrivate: true },
    <section class="message-page" role="alert">
      <h1>{refusal.title}</h1>
      <p class="lead">{refusal.says}</p>
      {refusal.opensAtMs !== undefined && (
        <p class="lead">
          {text.opens} <local-time data-at={refusal.opensAtMs}>{shell.format.instant(refusal.opensAtMs)}</local-time>
        </p>
      )}
      <div class="actions">
        {refusal.ways.map(({ label, path, fields }, index) => (
          <form key={label} method="post" action={localPath(locale, path)}>
            {Object.entries(fields).map(([name, value]) => (
              <input key={name} type="hidden" name={name} value={value} />
            ))}
            <button class={index === 0 ? 'button' : 'button button--quiet'} type="submit">
              {label}
            </button>
          </form>
        ))}
        {refusal.link !== undefined && (
          <a class="button" href={localPath(locale, refusal.link.path)}>
            {refusal.link.label}
          </a>
        )}
        <a
          class={refusal.ways.length === 0 && refusal.link === undefined ? 'button' : 'button button--quiet'}
          href={localPath(locale, '/cart')}
        >
          {text.toCart}
        </a>
      </div>
    </section>,
  );
  return { kind: 'page', status, html, ...(retryAfterS !== undefined && { retryAfterS }) };
}

/** Taking a variant out, where something is left to go on with. */
function waysWithout(context: RefusalContext, variantId: string): Way[] {
  const { cart, shell } = context;
  const [line, another] = cart?.lines.filter((each) => each.variantId === variantId) ?? [];
  if (line === undefined || another !== undefined || cart?.lines.length === 1) return [];
  const text = checkoutText(shell.locale);
  return [change(context, text.goOnWithout, `/cart/lines/${line.lineId}`, { quantity: '0' })];
}

function waysToTake(context: RefusalContext, variantId: string, quantity: number, label: string): Way[] {
  const [line, another] = context.cart?.lines.filter((each) => each.variantId === variantId) ?? [];
  // A variant on two lines is set right in the cart, where both are seen.
  if (line === undefined || another !== undefined) return [];
  return [change(context, label, `/cart/lines/${line.lineId}`, { quantity: String(quantity) })];
}

/** A new place in line, and from there back to the review. */
function waysToQueue({ shell: { locale }, cartName }: RefusalContext, roomId: unknown): Way[] {
  if (typeof roomId !== 'string') return [];
  const fields = { to: localPath(locale, reviewPath(cartName)) };
  return [{ label: checkoutText(locale).lineUp, path: `/waiting-room/${roomId}/tickets`, fields }];
}

/** A change of the cart that leads back to the review. */
function change({ shell, cartName }: RefusalContext, label: string, path: string, fields: Way['fields']): Way {
  const cart = cartName === undefined ? {} : { cart: cartName };
  return { label, path, fields: { ...fields, ...cart, back: localPath(shell.locale, reviewPath(cartName)) } };
}
