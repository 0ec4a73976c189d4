import type { ComponentChildren } from 'preact';
import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import { ArrowIcon } from '../shell/icons.tsx';
import type { Shell } from '../shell/shell.ts';
import { CartLineItem } from './cart-line.tsx';
import { type CartObstacle, obstacleOf, type ShownCart } from './load-cart.ts';
import { cartText } from './messages.ts';

/** What went wrong with what the visitor asked for, shown above the cart as it is. */
export interface CartNotice {
  readonly kind: 'bad' | 'warn';
  readonly says: string;
}

/** A coupon code that was refused, as it was typed. */
export interface RefusedCoupon {
  readonly code: string;
  readonly says: string;
}

/** What is to be said beside the cart itself. */
export interface CartNotes {
  readonly notice?: CartNotice | undefined;
  readonly refusedCoupon?: RefusedCoupon | undefined;
  /** With its key; shown where the cart is empty. */
  readonly lastOrderPath?: string | undefined;
}

const lineCountMax = 100;
/** From here on a cart says that it has an end. */
const lineCountNoted = 90;

export function renderCartPage(
  shell: Shell,
  shown: ShownCart | undefined,
  { notice, refusedCoupon, lastOrderPath }: CartNotes = {},
): string {
  const text = cartText(shell.locale);
  const isEmpty = shown === undefined || shown.cart.lines.length === 0;
  return renderDocument(
    shell,
    { title: text.title, path: '/cart', isPrivate: true },
    isEmpty ? (
      <EmptyCart shell={shell} notice={notice} lastOrderPath={lastOrderPath} />
    ) : (
      <FullCart shell={shell} shown={shown} notice={notice} refusedCoupon={refusedCoupon} />
    ),
  );
}

function EmptyCart({ shell, notice, lastOrderPath }: Pick<CartNotes, 'notice' | 'lastOrderPath'> & { shell: Shell }) {
  const text = cartText(shell.locale);
  const to = (path: string) => localPath(shell.locale, path);
  return (
    <section class="message-page cart-empty">
      <Notice notice={notice} />
      <h1>{text.empty}</h1>
      <p class="lead">{text.emptyLead}</p>
      {lastOrderPath !== undefined && (
        <p>
          {text.lastOrder} <a href={lastOrderPath}>{text.lastOrderLink}</a>
        </p>
      )}
      <p class="actions">
        <a class="button" href={to('/')}>
          {text.toShop}
        </a>
        <a class="button button--quiet" href={to('/sales')}>
          {text.toSales}
        </a>
      </p>
    </section>
  );
}

interface FullCartProps {
  readonly shell: Shell;
  readonly shown: ShownCart;
  readonly notice: CartNotice | undefined;
  readonly refusedCoupon: RefusedCoupon | undefined;
}

function FullCart({ shell, shown, notice, refusedCoupon }: FullCartProps) {
  const { cart, lines, subtotalMinor } = shown;
  const { locale, format } = shell;
  const text = cartText(locale);
  const updated = text.updated(format.money(subtotalMinor, cart.currency));
  return (
    <section class="wrap cart">
      <h1>{text.title}</h1>
      <p class="visually-hidden" role="status" data-cart-status />
      <cart-lines data-updated={updated} data-failed={text.updateFailed} data-currency={cart.currency}>
        <Notice notice={notice} />
        {lines.length >= lineCountNoted && (
          <p class="notice">
            {lines.length >= lineCountMax ? text.full : text.nearlyFull(format.number(lines.length))}
          </p>
        )}
        <div class="cart__columns">
          <ul class="cart__lines" aria-label={text.lines}>
            {lines.map((line) => (
              <CartLineItem key={line.lineId} shell={shell} line={line} currency={cart.currency} />
            ))}
          </ul>
          <Summary shell={shell} shown={shown} refusedCoupon={refusedCoupon} />
        </div>
      </cart-lines>
    </section>
  );
}

function Summary({ shell, shown, refusedCoupon }: Omit<FullCartProps, 'notice'>) {
  const { cart, offer, subtotalMinor } = shown;
  const { locale, format } = shell;
  const text = cartText(locale);
  const money = (amountMinor: number) => format.money(amountMinor, cart.currency);
  const obstacle = obstacleOf(shown);
  return (
    <aside class="summary" aria-labelledby="summary">
      <h2 id="summary">{text.summary}</h2>
      <dl class="sums">
        <Sum name={text.subtotal}>{money(subtotalMinor)}</Sum>
        {offer.discountMinor > 0 && (
          <>
            <Sum name={text.discount}>−{money(offer.discountMinor)}</Sum>
            <Sum name={text.total} isTotal>
              {money(subtotalMinor - offer.discountMinor)}
            </Sum>
          </>
        )}
      </dl>
      <p class="soft small">{text.later}</p>
      {obstacle !== undefined ? (
        <p class="notice notice--warn">{obstacleWords(shell, obstacle, cart.currency)}</p>
      ) : (
        <a class="button button--buoy button--wide button--large" href={localPath(locale, '/checkout')}>
          {text.checkout}
          <ArrowIcon />
        </a>
      )}
      <CouponForm shell={shell} shown={shown} refusedCoupon={refusedCoupon} />
      <p>
        <a href={localPath(locale, '/')}>{text.goOn}</a>
      </p>
    </aside>
  );
}

/** What to do about it, in one sentence. */
export function obstacleWords(shell: Shell, obstacle: CartObstacle, currency: string): string {
  const text = cartText(shell.locale);
  switch (obstacle) {
    case 'not-for-sale':
      return text.checkoutBlocked;
    case 'sold-out':
      return text.blockedSoldOut;
    case 'too-many':
      return text.blockedTooMany;
    case 'no-delivery':
      return text.blockedNoDelivery(currency);
  }
}

function CouponForm({ shell, shown, refusedCoupon }: Omit<FullCartProps, 'notice'>) {
  const { couponCode } = shown.cart;
  const text = cartText(shell.locale);
  const action = localPath(shell.locale, '/cart/coupon');
  if (couponCode !== undefined && refusedCoupon === undefined) {
    return (
      <form method="post" action={action} class="coupon">
        <p class={shown.offer.coupon === 'bad' ? 'notice notice--warn' : 'notice notice--good'}>
          {shown.offer.coupon === 'bad' ? text.couponBad(couponCode) : text.couponApplied(couponCode)}
        </p>
        <input type="hidden" name="code" value="" />
        <button class="link-button" type="submit">
          {text.couponRemove}
        </button>
      </form>
    );
  }
  return (
    <form method="post" action={action} class="coupon">
      <div class="field">
        <label for="code">{text.coupon}</label>
        <div class="coupon__row">
          <input
            class="input"
            id="code"
            name="code"
            value={refusedCoupon?.code}
            required
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            aria-invalid={refusedCoupon ? 'true' : undefined}
            aria-describedby={refusedCoupon ? 'code-error' : undefined}
          />
          <button class="button button--quiet" type="submit">
            {text.couponApply}
          </button>
        </div>
        {refusedCoupon && (
          <p class="field__error" id="code-error">
            {refusedCoupon.says}
          </p>
        )}
      </div>
    </form>
  );
}

/** One row of a list of sums. */
export function Sum(props: { name: string; isTotal?: true; children: ComponentChildren }) {
  return (
    <div class={props.isTotal ? 'sums__row sums__row--total' : 'sums__row'}>
      <dt>{props.name}</dt>
      <dd class="money">{props.children}</dd>
    </div>
  );
}

export function Notice({ notice }: { notice: CartNotice | undefined }) {
  if (notice === undefined) return null;
  return (
    <p class={`notice notice--${notice.kind}`} role="alert">
      {notice.says}
    </p>
  );
}
