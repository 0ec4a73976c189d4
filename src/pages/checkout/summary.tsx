import type { ComponentChildren } from 'preact';
import { Sum } from '../cart/cart-page.tsx';
import { LinePicture } from '../cart/line-picture.tsx';
import type { ShownCart } from '../cart/load-cart.ts';
import type { VariantName } from '../cart/variant-name.ts';
import { localPath } from '../locale.ts';
import type { Shell } from '../shell/shell.ts';
import { checkoutText } from './messages.ts';

/** What is being ordered, beside the form that asks where to. */
export function CartSummary({ shell, shown }: { shell: Shell; shown: ShownCart }) {
  const { cart, lines, offer, subtotalMinor } = shown;
  const { locale, format } = shell;
  const text = checkoutText(locale);
  const money = (amountMinor: number) => format.money(amountMinor, cart.currency);
  return (
    <aside class="summary" aria-labelledby="summary">
      <h2 id="summary">{text.summary}</h2>
      <ul class="order-lines">
        {lines.map(({ lineId, name, quantity, unitPriceMinor }) => (
          <OrderLine key={lineId} shell={shell} name={name} quantity={quantity}>
            {unitPriceMinor !== undefined && money(unitPriceMinor * quantity)}
          </OrderLine>
        ))}
      </ul>
      <dl class="sums">
        <Sum name={text.subtotal}>{money(subtotalMinor)}</Sum>
        {offer.discountMinor > 0 && <Sum name={text.discount}>−{money(offer.discountMinor)}</Sum>}
      </dl>
      <p>
        <a href={localPath(locale, '/cart')}>{text.backToCart}</a>
      </p>
    </aside>
  );
}

/** One thing that is, or was, ordered. */
export function OrderLine(props: {
  shell: Shell;
  name: VariantName;
  quantity: number;
  note?: string;
  children: ComponentChildren;
}) {
  const { shell, name, quantity, note } = props;
  const text = checkoutText(shell.locale);
  return (
    <li class="order-line">
      <LinePicture media={name.media} />
      <div class="order-line__what">
        <p>
          <span class="figures">{text.quantityTimes(shell.format.number(quantity))}</span> <strong>{name.title}</strong>
        </p>
        {name.options.length > 0 && <p class="soft small">{name.options.join(' · ')}</p>}
        {note !== undefined && <p class="soft small figures">{note}</p>}
      </div>
      <p class="money">{props.children}</p>
    </li>
  );
}
