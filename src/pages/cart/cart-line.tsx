import { localPath } from '../locale.ts';
import { lowStock } from '../product/stock-level.ts';
import type { Shell } from '../shell/shell.ts';
import { quantityMax } from './line-form.ts';
import { LinePicture } from './line-picture.tsx';
import { isSoldOut, type ShownLine } from './load-cart.ts';
import { cartText } from './messages.ts';

export function CartLineItem({ shell, line, currency }: { shell: Shell; line: ShownLine; currency: string }) {
  const { lineId, quantity, unitPriceMinor, name } = line;
  const { locale, format } = shell;
  const text = cartText(locale);
  const action = localPath(locale, `/cart/lines/${lineId}`);
  return (
    <li class="cart-line" id={`line-${lineId}`}>
      <LinePicture media={name.media} />
      <div class="cart-line__what">
        <h2 class="cart-line__title">
          {name.slug === undefined ? (
            name.title
          ) : (
            <a href={localPath(locale, `/products/${name.slug}`)}>{name.title}</a>
          )}
        </h2>
        {name.options.length > 0 && <p class="soft small">{name.options.join(' · ')}</p>}
        {unitPriceMinor !== undefined && (
          <p class="soft small figures">{text.each(format.money(unitPriceMinor, currency))}</p>
        )}
        <Hints shell={shell} line={line} currency={currency} />
      </div>
      <div class="cart-line__forms">
        {unitPriceMinor !== undefined && !isSoldOut(line) && (
          <form method="post" action={action} class="cart-line__quantity" data-cart-form>
            <label class="visually-hidden" for={`quantity-${lineId}`}>
              {text.quantityOf(name.title)}
            </label>
            <input
              class="input input--quantity"
              id={`quantity-${lineId}`}
              name="quantity"
              type="number"
              inputmode="numeric"
              min={0}
              max={quantityMax}
              step={1}
              required
              value={quantity}
              data-unit={unitPriceMinor}
            />
            <button class="button button--quiet" type="submit">
              {text.update}
            </button>
          </form>
        )}
        <form method="post" action={action} data-cart-form>
          <input type="hidden" name="quantity" value="0" />
          <button class="link-button small" type="submit" aria-label={text.removeLine(name.title)}>
            {text.remove}
          </button>
        </form>
      </div>
      {unitPriceMinor !== undefined && !isSoldOut(line) && (
        <p class="cart-line__total money" data-line-total>
          <span class="visually-hidden">{text.lineTotal} </span>
          <span>{format.money(unitPriceMinor * quantity, currency)}</span>
        </p>
      )}
    </li>
  );
}

/** What the buyer should know of this line before it surprises at the till. */
function Hints({ shell, line, currency }: { shell: Shell; line: ShownLine; currency: string }) {
  const { unitPriceMinor, seenUnitPriceMinor, available, isShort, opensAtMs } = line;
  const { format } = shell;
  const text = cartText(shell.locale);
  if (opensAtMs !== undefined) {
    return (
      <p class="cart-line__hint cart-line__hint--warn">
        {text.opens} <local-time data-at={opensAtMs}>{format.instant(opensAtMs)}</local-time>
        {text.opensThen}
      </p>
    );
  }
  if (unitPriceMinor === undefined) return <p class="cart-line__hint cart-line__hint--bad">{text.notForSale}</p>;
  const money = (amountMinor: number) => format.money(amountMinor, currency);
  const hasMoved = seenUnitPriceMinor !== undefined && seenUnitPriceMinor !== unitPriceMinor;
  const moved = hasMoved && (seenUnitPriceMinor < unitPriceMinor ? text.priceRose : text.priceFell);
  return (
    <>
      {moved && (
        <p class="cart-line__hint cart-line__hint--warn">{moved(money(seenUnitPriceMinor), money(unitPriceMinor))}</p>
      )}
      {available !== undefined && available <= 0 && <p class="stock stock--none">{text.soldOut}</p>}
      {available !== undefined && available > 0 && (isShort || available <= lowStock) && (
        <p class="stock stock--low">{(isShort ? text.leftFewer : text.left)(format.number(available))}</p>
      )}
    </>
  );
}
