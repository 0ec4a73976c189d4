import type { Product } from '../../services/catalog/api.ts';
import { Honeypot } from '../challenge/form-signs.tsx';
import { localPath } from '../locale.ts';
import type { Shell } from '../shell/shell.ts';
import type { Choosable } from './choice.ts';
import { productText } from './messages.ts';
import { Options } from './options.tsx';
import { stockLevel } from './stock-level.ts';
import type { ShownPrice, VariantView } from './variant-view.ts';

/**
 * Price, choice and the button. A form that works by itself; the script of `browser/buy-box.ts` keeps price and stock as
 * they are now, and puts things into the cart without leaving the page. The button of the page can be pressed whatever the
 * stock was when it was made: units may have come back since, and the cart knows. Before its sale starts it cannot; the script
 * opens it then.
 */
export function BuyBox({
  shell,
  product,
  variants,
}: {
  shell: Shell;
  product: Product;
  variants: readonly VariantView[];
}) {
  const text = productText(shell.locale);
  const first = firstChoice(variants);
  const firstPrice = first && shownOf(first);
  if (first === undefined || firstPrice === undefined) {
    return (
      <div class="buy-box">
        <PriceLine shell={shell} variant={first} />
      </div>
    );
  }
  return (
    <buy-box
      class="buy-box"
      data-variants={JSON.stringify(variants.map((variant) => scriptView(shell, product, variant)))}
      data-locale={shell.locale}
      data-currency={shell.currency}
      data-in-stock={text.inStock}
      data-low={text.low(0)}
      data-none={text.none}
      data-add={text.add}
      data-sold-out={text.soldOut}
      data-not-for-sale={text.notForSale}
      data-not-yet={text.notYet}
      data-sold-from={text.soldFrom}
      data-starts-in={text.startsIn('%')}
      data-state-sold-out={text.valueSoldOut}
      data-state-not-made={text.valueNotMade}
      data-moved={text.moved('%')}
      data-added={text.added}
      data-to-cart={text.toCart}
      data-failed={text.failed}
      data-price-changed={text.priceChanged}
      data-not-made={text.notMade}
      data-cart={localPath(shell.locale, '/cart')}
    >
      <PriceLine shell={shell} variant={first} />
      <form method="post" action={localPath(shell.locale, '/cart/lines')}>
        <Honeypot locale={shell.locale} />
        <input type="hidden" name="slug" value={product.slug} />
        <input type="hidden" name="seen" value={firstPrice.amountMinor} />
        <Options
          locale={shell.locale}
          product={product}
          variants={variants.map((variant) => choosable(product, variant))}
          first={choosable(product, first).options}
        />
        <div class="buy-box__row">
          <div class="field">
            <label for="quantity">{text.quantity}</label>
            <input
              class="input input--quantity"
              id="quantity"
              name="quantity"
              type="number"
              inputmode="numeric"
              min="1"
              max="10000"
              value="1"
              required
            />
          </div>
          <button class="button button--large buy-box__button" type="submit" disabled={first.price === undefined}>
            {first.price === undefined ? text.notYet : text.add}
          </button>
        </div>
        <p class="buy-box__stock" aria-live="polite">
          {first.soldFrom === undefined ? (
            <StockHint text={text} available={first.available} />
          ) : (
            <>
              {text.soldFrom} <Instant shell={shell} atMs={first.soldFrom.atMs} />
            </>
          )}
        </p>
        {variants.some((variant) => variant.soldFrom !== undefined) && (
          <Countdown text={text} isHidden={first.soldFrom === undefined} />
        )}
        <output class="buy-box__said" />
      </form>
    </buy-box>
  );
}

function PriceLine({ shell, variant }: { shell: Shell; variant: VariantView | undefined }) {
  const text = productText(shell.locale);
  const money = (minor: number) => shell.format.money(minor, shell.currency);
  const { sale, soldFrom } = variant ?? {};
  const price = variant && shownOf(variant);
  return (
    <div class="buy-box__prices">
      {price === undefined ? (
        <p class="buy-box__price soft">{text.notForSale}</p>
      ) : (
        <p class="buy-box__price">
          <strong class={price.compareAtMinor === undefined ? 'price' : 'price price--sale'}>
            {money(price.amountMinor)}
          </strong>
          <s class="price price--was" hidden={price.compareAtMinor === undefined}>
            <span class="visually-hidden">{text.was} </span>
            <span class="buy-box__was">{price.compareAtMinor === undefined ? '' : money(price.compareAtMinor)}</span>
          </s>
        </p>
      )}
      {sale && (
        <p class="small">
          {sale.startsAtMs !== soldFrom?.atMs && (
            <>
              {sale.isRunning ? text.inSaleUntil : text.saleOpens}{' '}
              <Instant shell={shell} atMs={sale.isRunning ? sale.endsAtMs : sale.startsAtMs} />.{' '}
            </>
          )}
          {sale.limitPerBuyer !== undefined && `${text.perBuyer(sale.limitPerBuyer)} `}
          <a href={localPath(shell.locale, `/sales/${sale.saleId}`)}>{text.toSale}</a>
        </p>
      )}
    </div>
  );
}

function Instant({ shell, atMs }: { shell: Shell; atMs: number }) {
  return <local-time data-at={atMs}>{shell.format.instant(atMs)}</local-time>;
}

/** Its script fills it. A timer is not read aloud as it changes (WAI-ARIA); the line above it says once that the start has come. */
function Countdown({ text, isHidden }: { text: ReturnType<typeof productText>; isHidden: boolean }) {
  return (
    <>
      <p class="buy-box__countdown figures" role="timer" aria-live="off" hidden={isHidden} />
      {!isHidden && (
        <noscript>
          <p class="small">{text.reload}</p>
        </noscript>
      )}
    </>
  );
}

function StockHint({ text, available }: { text: ReturnType<typeof productText>; available: number }) {
  const level = stockLevel(available);
  if (level === 'none') return <span class="stock stock--none">{text.noneWhenMade}</span>;
  if (level === 'low') return <span class="stock stock--low">{text.low(available)}</span>;
  return <span class="stock">{text.inStock}</span>;
}

/** What can be bought is chosen first, else what has a price. Without a price: the product is not for sale at all. */
function firstChoice(variants: readonly VariantView[]): VariantView | undefined {
  const priced = variants.filter(({ price }) => price !== undefined);
  return (
    priced.find(({ available }) => available > 0) ??
    priced[0] ??
    variants.find(({ soldFrom }) => soldFrom !== undefined) ??
    variants[0]
  );
}

/** What it costs, now or when it comes on sale. */
function shownOf({ price, soldFrom }: VariantView): ShownPrice | undefined {
  return price ?? soldFrom?.price;
}

function choosable(product: Product, variant: VariantView): Choosable {
  return {
    options: product.optionNames.map((name) => variant.options[name]),
    canBuy: shownOf(variant) !== undefined && variant.available > 0,
  };
}

/** What the script needs of a variant: no more, it is in every page. */
function scriptView(shell: Shell, product: Product, variant: VariantView) {
  const { variantId, price, available, soldFrom } = variant;
  const money = (minor: number | undefined) => (minor === undefined ? '' : shell.format.money(minor, shell.currency));
  const priced = (shown: ShownPrice | undefined) => ({
    minor: shown?.amountMinor,
    price: money(shown?.amountMinor),
    was: money(shown?.compareAtMinor),
  });
  return {
    id: variantId,
    // By the product's order: that of a variant's own keys is the database's.
    options: choosable(product, variant).options,
    ...priced(price),
    left: available,
    ...(soldFrom && { soldFrom: { atMs: soldFrom.atMs, ...priced(soldFrom.price) } }),
  };
}
