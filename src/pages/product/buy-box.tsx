import type { Product } from '../../services/catalog/api.ts';
import { type Locale, localPath } from '../locale.ts';
import type { Shell } from '../shell/shell.ts';
import { productText } from './messages.ts';
import { optionText } from './translated.ts';
import { stockLevel, type VariantView } from './variant-view.ts';

/**
 * Price, choice and the button. A form that works by itself; the script of `browser/buy-box.ts` keeps price and stock as
 * they are now, and puts things into the cart without leaving the page.
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
  const isForSale = variants.some(({ price }) => price !== undefined);
  const canBuy = isForSale && variants.some(({ available, price }) => available > 0 && price !== undefined);
  return (
    <buy-box
      class="buy-box"
      data-variants={JSON.stringify(variants.map((variant) => scriptView(shell, variant)))}
      data-locale={shell.locale}
      data-currency={shell.currency}
      data-in-stock={text.inStock}
      data-low={text.low(0)}
      data-none={text.none}
      data-added={text.added}
      data-to-cart={text.toCart}
      data-failed={text.failed}
      data-price-changed={text.priceChanged}
      data-not-made={text.notMade}
      data-cart={localPath(shell.locale, '/cart')}
    >
      <PriceLine shell={shell} variant={first} />
      <form method="post" action={localPath(shell.locale, '/cart/lines')}>
        <input type="hidden" name="slug" value={product.slug} />
        <input type="hidden" name="seen" value={first?.price?.amountMinor ?? ''} />
        {product.optionNames.map((name, index) => (
          <OptionChoice
            key={name}
            locale={shell.locale}
            product={product}
            name={name}
            index={index}
            chosen={first?.options[name]}
          />
        ))}
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
          <button class="button button--large buy-box__button" type="submit" disabled={!canBuy}>
            {canBuy ? text.add : isForSale ? text.soldOut : text.notForSale}
          </button>
        </div>
        <p class="buy-box__stock">
          <StockHint text={text} variant={first} />
        </p>
        <output class="buy-box__said" />
      </form>
    </buy-box>
  );
}

function PriceLine({ shell, variant }: { shell: Shell; variant: VariantView | undefined }) {
  const text = productText(shell.locale);
  if (variant?.price === undefined) return <p class="buy-box__price soft">{text.notForSale}</p>;
  const { amountMinor, compareAtMinor } = variant.price;
  const money = (minor: number) => shell.format.money(minor, shell.currency);
  const sale = variant.sale;
  return (
    <div class="buy-box__prices">
      <p class="buy-box__price">
        <strong class={compareAtMinor === undefined ? 'price' : 'price price--sale'}>{money(amountMinor)}</strong>
        <s class="price price--was" hidden={compareAtMinor === undefined}>
          <span class="visually-hidden">{text.was} </span>
          <span class="buy-box__was">{compareAtMinor === undefined ? '' : money(compareAtMinor)}</span>
        </s>
      </p>
      {sale && (
        <p class="small">
          {sale.isRunning ? text.inSaleUntil : text.saleOpens}{' '}
          <local-time data-at={sale.isRunning ? sale.endsAtMs : sale.startsAtMs}>
            {shell.format.instant(sale.isRunning ? sale.endsAtMs : sale.startsAtMs)}
          </local-time>
          {sale.limitPerBuyer !== undefined && `. ${text.perBuyer(sale.limitPerBuyer)}`}{' '}
          <a href={localPath(shell.locale, `/sales/${sale.saleId}`)}>{text.toSale}</a>
        </p>
      )}
    </div>
  );
}

function OptionChoice({
  locale,
  product,
  name,
  index,
  chosen,
}: {
  locale: Locale;
  product: Product;
  name: string;
  index: number;
  chosen: string | undefined;
}) {
  const values = [...new Set(product.variants.map(({ options }) => options[name]))].filter(
    (value) => value !== undefined,
  );
  return (
    <fieldset class="buy-box__option">
      <legend class="label">{optionText(product, name, locale)}</legend>
      <div class="chips">
        {values.map((value) => (
          <label class="chip" key={value}>
            <input type="radio" name={`option-${index}`} value={value} checked={value === chosen} required />
            <span>{optionText(product, value, locale)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function StockHint({ text, variant }: { text: ReturnType<typeof productText>; variant: VariantView | undefined }) {
  const available = variant?.available ?? 0;
  const level = stockLevel(available);
  if (level === 'none') return <span class="stock stock--none">{text.none}</span>;
  if (level === 'low') return <span class="stock stock--low">{text.low(available)}</span>;
  return <span class="stock">{text.inStock}</span>;
}

/** What can be bought is chosen first. */
function firstChoice(variants: readonly VariantView[]): VariantView | undefined {
  return variants.find(({ available, price }) => available > 0 && price !== undefined) ?? variants[0];
}

/** What the script needs of a variant: no more, it is in every page. */
function scriptView(shell: Shell, { variantId, options, price, available }: VariantView) {
  const money = (minor: number | undefined) => (minor === undefined ? '' : shell.format.money(minor, shell.currency));
  return {
    id: variantId,
    options: Object.values(options),
    minor: price?.amountMinor,
    price: money(price?.amountMinor),
    was: money(price?.compareAtMinor),
    left: available,
  };
}
