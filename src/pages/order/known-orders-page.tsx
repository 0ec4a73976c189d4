import type { Order } from '../../services/checkout/api.ts';
import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import type { Shell } from '../shell/shell.ts';
import { orderText } from './messages.ts';
import { orderPath } from './order-path.ts';

/** The orders of this browser, each with the link that opens it. */
export function renderKnownOrders(shell: Shell, orders: readonly Order[]): string {
  const { locale } = shell;
  const text = orderText(locale);
  return renderDocument(
    shell,
    { title: text.knownTitle, path: '/orders', isPrivate: true },
    <section class="message-page known-orders">
      <h1>{text.knownTitle}</h1>
      <p class="lead">{orders.length === 0 ? text.knownNone : text.known}</p>
      {orders.length > 0 && (
        <ul class="known-orders__list">
          {orders.map((order) => (
            <KnownOrder key={order.orderId} shell={shell} order={order} />
          ))}
        </ul>
      )}
      <p class="actions">
        <a class="button" href={localPath(locale, '/')}>
          {text.again}
        </a>
      </p>
    </section>,
  );
}

function KnownOrder({ shell, order }: { shell: Shell; order: Order }) {
  const { format } = shell;
  const text = orderText(shell.locale);
  const [first, ...more] = order.lines;
  return (
    <li class="known-orders__order">
      <p>
        <a href={orderPath(shell, order)}>
          {first?.title || first?.sku}
          {more.length > 0 && ` ${text.andMore(format.number(more.length))}`}
        </a>
        <span class="soft small">
          <local-time data-at={order.placedAtMs}>{format.instant(order.placedAtMs)}</local-time> ·{' '}
          {text.states[order.state]}
        </span>
      </p>
      <p class="money">{format.money(order.totalMinor, order.currency)}</p>
    </li>
  );
}
