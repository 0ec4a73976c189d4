import type { Quote } from '../../services/quote/api.ts';
import { type CartNotice, Notice, Sum } from '../cart/cart-page.tsx';
import type { VariantName } from '../cart/variant-name.ts';
import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import type { Shell } from '../shell/shell.ts';
import { AddressLines } from './address.tsx';
import { CardChoice } from './cards.tsx';
import { checkoutText } from './messages.ts';
import type { PriceChange } from './price-change.ts';
import { checkoutPath, reviewPath } from './review-path.ts';
import { Steps } from './steps.tsx';
import { OrderLine } from './summary.tsx';

export interface ReviewPage {
  readonly quote: Quote;
  /** The quote as the shop signed it. */
  readonly token: string;
  readonly cartName: string;
  /** Of the attempt to pay that this form is. */
  readonly nonce: string;
  readonly changes: readonly PriceChange[];
  readonly nameOf: (variantId: string, otherwise: string) => VariantName;
  readonly available: ReadonlyMap<string, number>;
  readonly deliveryName: string;
  readonly notice?: CartNotice;
  readonly isCardMissing?: boolean;
  readonly isAgreementMissing?: boolean;
}

export function renderReviewPage(shell: Shell, page: ReviewPage): string {
  const { quote, token, cartName, nonce } = page;
  const { locale, format } = shell;
  const text = checkoutText(locale);
  const total = format.money(quote.totalMinor, quote.currency);
  const toDelivery = localPath(locale, checkoutPath(cartName));
  return renderDocument(
    shell,
    { title: text.reviewTitle, path: reviewPath(cartName), isPrivate: true },
    <section class="wrap checkout">
      <Steps shell={shell} current="review" />
      <h1>{text.reviewTitle}</h1>
      <Notice notice={page.notice} />
      <div class="checkout__columns checkout__columns--review">
        <QuoteSummary shell={shell} page={page} />
        <checkout-form data-busy={text.paying}>
          <form method="post" action={localPath(locale, '/checkout/pay')} class="checkout__form">
            <input type="hidden" name="quote" value={token} />
            <input type="hidden" name="cart" value={cartName} />
            <input type="hidden" name="nonce" value={nonce} />
            <section class="review-block">
              <div class="review-block__head">
                <h2>{text.deliverTo}</h2>
                <a href={toDelivery} aria-label={`${text.change}: ${text.deliverTo}`}>
                  {text.change}
                </a>
              </div>
              {quote.deliveryAddress && (
                <AddressLines shell={shell} address={quote.deliveryAddress} contact={quote.contact} />
              )}
              <p class="soft">{page.deliveryName}</p>
            </section>
            <Changes shell={shell} page={page} />
            <StockHints shell={shell} page={page} />
            <CardChoice shell={shell} isMissing={page.isCardMissing} />
            <p class="actions">
              <button class="button button--buoy button--large button--wide" type="submit" data-submit>
                {text.pay(total)}
              </button>
            </p>
            <p class="soft small">
              {text.holdsUntil} <local-time data-at={quote.expiresAtMs}>{format.instant(quote.expiresAtMs)}</local-time>
              {text.holdsNothing}
            </p>
          </form>
        </checkout-form>
      </div>
    </section>,
  );
}

/** What costs other than what the buyer was shown, and that he agrees to it. */
function Changes({ shell, page }: { shell: Shell; page: ReviewPage }) {
  const { changes, quote, nameOf } = page;
  if (changes.length === 0) return null;
  const text = checkoutText(shell.locale);
  const money = (amountMinor: number) => shell.format.money(amountMinor, quote.currency);
  return (
    <div class="notice notice--warn" role={page.isAgreementMissing ? 'alert' : undefined}>
      <h2 class="notice__title">{text.changesTitle}</h2>
      <ul>
        {changes.map(({ variantId, seenMinor, nowMinor }) => (
          <li key={`${variantId} ${seenMinor}`}>
            {text.changeLine(titleOf(nameOf(variantId, '')), money(seenMinor), money(nowMinor))}
          </li>
        ))}
      </ul>
      <label class="check">
        <input
          type="checkbox"
          name="agree"
          value="yes"
          required
          autofocus={page.isAgreementMissing}
          aria-invalid={page.isAgreementMissing ? 'true' : undefined}
          aria-describedby={page.isAgreementMissing ? 'agree-fault' : undefined}
        />
        <span>{text.agree}</span>
      </label>
      {page.isAgreementMissing && (
        <p class="field__error" id="agree-fault">
          {text.mustAgree}
        </p>
      )}
    </div>
  );
}

/** Told before the button is pressed; the order decides. */
function StockHints({ shell, page }: { shell: Shell; page: ReviewPage }) {
  const text = checkoutText(shell.locale);
  const short = page.quote.lines.filter(
    ({ variantId, quantity }) => (page.available.get(variantId) ?? quantity) < quantity,
  );
  if (short.length === 0) return null;
  return (
    <ul class="notice notice--warn">
      {short.map(({ variantId, title }) => {
        const left = page.available.get(variantId) ?? 0;
        const name = titleOf(page.nameOf(variantId, title));
        return <li key={variantId}>{left > 0 ? text.fewLeft(name, left) : text.noneLeft(name)}</li>;
      })}
    </ul>
  );
}

function QuoteSummary({ shell, page }: { shell: Shell; page: ReviewPage }) {
  const { quote, nameOf } = page;
  const { locale } = shell;
  const text = checkoutText(locale);
  return (
    <aside class="summary" aria-labelledby="summary">
      <h2 id="summary">{text.summary}</h2>
      <ul class="order-lines">
        {quote.lines.map((line) => (
          <OrderLine
            key={line.variantId}
            shell={shell}
            name={nameOf(line.variantId, line.title)}
            quantity={line.quantity}
          >
            {shell.format.money(line.unitPriceMinor * line.quantity, quote.currency)}
          </OrderLine>
        ))}
      </ul>
      <Sums shell={shell} sums={quote} />
      <p>
        <a href={localPath(locale, '/cart')}>{text.backToCart}</a>
      </p>
    </aside>
  );
}

/** What a quote, or the order that it became, adds up to. */
export function Sums({
  shell,
  sums,
}: {
  shell: Shell;
  sums: Pick<Quote, 'lines' | 'coupon' | 'currency' | 'deliveryMinor' | 'taxMinor' | 'totalMinor'>;
}) {
  const text = checkoutText(shell.locale);
  const money = (amountMinor: number) => shell.format.money(amountMinor, sums.currency);
  const grossMinor = sums.lines.reduce((sum, line) => sum + line.unitPriceMinor * line.quantity, 0);
  const discountMinor = sums.lines.reduce((sum, line) => sum + line.discountMinor, 0);
  return (
    <>
      <dl class="sums">
        <Sum name={text.subtotal}>{money(grossMinor)}</Sum>
        {discountMinor > 0 && <Sum name={text.discount}>−{money(discountMinor)}</Sum>}
        {sums.coupon && <Sum name={text.couponDiscount(sums.coupon.code)}>−{money(sums.coupon.discountMinor)}</Sum>}
        <Sum name={text.deliveryCost}>{sums.deliveryMinor === 0 ? text.free : money(sums.deliveryMinor)}</Sum>
        <Sum name={text.total} isTotal>
          {money(sums.totalMinor)}
        </Sum>
      </dl>
      {sums.taxMinor > 0 && <p class="soft small">{text.taxIncluded(money(sums.taxMinor))}</p>}
    </>
  );
}

/** One line for who reads it among others: the title with its options. */
export function titleOf({ title, options }: VariantName): string {
  return options.length === 0 ? title : `${title} (${options.join(', ')})`;
}
