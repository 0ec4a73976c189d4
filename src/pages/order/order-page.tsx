import type { ComponentChildren } from 'preact';
import type { Order } from '../../services/checkout/api.ts';
import { type CartNotice, Notice } from '../cart/cart-page.tsx';
import type { VariantName } from '../cart/variant-name.ts';
import { AddressLines } from '../checkout/address.tsx';
import { CardChoice } from '../checkout/cards.tsx';
import { checkoutText } from '../checkout/messages.ts';
import { Sums } from '../checkout/review-page.tsx';
import { OrderLine } from '../checkout/summary.tsx';
import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import type { Shell } from '../shell/shell.ts';
import { orderText } from './messages.ts';
import { orderPath } from './order-path.ts';
import type { OrderPhase } from './order-phase.ts';

export interface OrderPage {
  readonly order: Order;
  readonly phase: OrderPhase;
  readonly nameOf: (variantId: string, otherwise: string) => VariantName;
  readonly deliveryName: string | undefined;
  /** Of the attempt to pay that the page's form is. */
  readonly nonce: string;
  readonly nowMs: number;
  readonly notice?: CartNotice;
  readonly isCardMissing?: boolean;
}

/** How often who has no scripts asks whether the bank has answered. */
const waitingRefreshS = 4;

export function renderOrderPage(shell: Shell, page: OrderPage): string {
  const { order, phase } = page;
  const { locale } = shell;
  const text = orderText(locale);
  const { title, next } = words(shell, page);
  const events = `/v1/orders/${order.orderId}/events?key=${encodeURIComponent(order.key)}`;
  return renderDocument(
    shell,
    {
      title: text.title,
      // With its key, for the link to the other language.
      path: `/orders/${order.orderId}?key=${encodeURIComponent(order.key)}`,
      isPrivate: true,
      ...(phase.kind === 'waiting' && { refreshS: waitingRefreshS }),
    },
    <section class="wrap order">
      <order-watch
        data-events={events}
        data-state={order.state}
        data-phase={phase.kind}
        data-now-ms={page.nowMs}
        data-pay-by-at-ms={phase.kind === 'due' ? order.payByAtMs : undefined}
      >
        <div class="order__head" role="status" data-order-head>
          <Progress shell={shell} page={page} />
          <p class="order__number small">
            <span class="soft">{text.number}</span> <span class="figures">{order.orderId}</span>
          </p>
          <h1>{title}</h1>
          <p class="lead">{next}</p>
        </div>
        <Notice notice={page.notice} />
        <OrderLink shell={shell} order={order} />
        <div class="order__columns">
          <div class="order__do">
            {phase.kind === 'due' && <PayForm shell={shell} page={page} />}
            <Facts shell={shell} page={page} />
            {phase.isCancellable && <CancelForm shell={shell} page={page} />}
            {(phase.kind === 'cancelled' || phase.kind === 'expired') && (
              <p class="actions">
                <a class="button" href={localPath(locale, '/')}>
                  {text.again}
                </a>
              </p>
            )}
          </div>
          <Lines shell={shell} page={page} />
        </div>
      </order-watch>
    </section>,
  );
}

function words(shell: Shell, { phase }: OrderPage): { title: string; next: string } {
  const text = orderText(shell.locale);
  switch (phase.kind) {
    case 'due':
      return { title: text.dueTitle, next: text.dueNext };
    case 'waiting':
      return { title: text.waitingTitle, next: text.waitingNext };
    case 'paid':
      return { title: text.paidTitle, next: text.paidNext };
    case 'fulfilled':
      return { title: text.fulfilledTitle, next: text.fulfilledNext };
    case 'cancelled':
      return { title: text.cancelledTitle, next: phase.wasPaid ? text.cancelledRefund : text.cancelledNext };
    case 'expired':
      return { title: text.expiredTitle, next: text.expiredNext };
  }
}

interface PartProps {
  readonly shell: Shell;
  readonly page: OrderPage;
}

const stepsDone: Partial<Record<OrderPhase['kind'], number>> = { due: 1, waiting: 1, paid: 2, fulfilled: 3 };

/** How far it is; an order that came to nothing is nowhere on this way. */
function Progress({ shell, page }: PartProps) {
  const done = stepsDone[page.phase.kind];
  if (done === undefined) return null;
  const text = orderText(shell.locale);
  return (
    <ol class="steps" aria-label={text.steps}>
      {[text.stepOrdered, text.stepPaid, text.stepSent].map((name, index) => (
        <li
          key={name}
          class={index < done ? 'steps__done' : undefined}
          aria-current={index === done - 1 ? 'step' : undefined}
        >
          {name}
        </li>
      ))}
    </ol>
  );
}

function PayForm({ shell, page }: PartProps) {
  const { order, phase, nonce } = page;
  const { locale, format } = shell;
  const text = orderText(locale);
  if (phase.kind !== 'due') return null;
  return (
    <div class="order__pay">
      {phase.declineReason !== undefined && (
        <div class="notice notice--bad" role="alert">
          <p class="notice__title">{text.declined}</p>
          {text.declineReasons[phase.declineReason] && <p>{text.declineReasons[phase.declineReason]}</p>}
        </div>
      )}
      <p class="order__until">
        <span>
          <span class="soft">{text.payBy}</span>{' '}
          <strong>
            <local-time data-at={order.payByAtMs}>{format.instant(order.payByAtMs)}</local-time>
          </strong>
        </span>
        <span class="order__left" hidden data-order-left>
          <span class="soft">{text.timeLeft}</span> <strong class="figures" data-order-countdown />
        </span>
      </p>
      {phase.isExhausted ? (
        <p class="notice notice--warn">{text.exhausted}</p>
      ) : (
        <checkout-form data-busy={checkoutText(locale).paying}>
          <form method="post" action={localPath(locale, `/orders/${order.orderId}/pay`)}>
            <input type="hidden" name="key" value={order.key} />
            <input type="hidden" name="nonce" value={nonce} />
            <CardChoice shell={shell} isMissing={page.isCardMissing} />
            <p class="actions">
              <button class="button button--buoy button--large" type="submit" data-submit>
                {text.payAgain(format.money(order.totalMinor, order.currency))}
              </button>
            </p>
          </form>
        </checkout-form>
      )}
    </div>
  );
}

function Facts({ shell, page }: PartProps) {
  const { order, deliveryName } = page;
  const { format } = shell;
  const text = orderText(shell.locale);
  const instant = (atMs: number) => <local-time data-at={atMs}>{format.instant(atMs)}</local-time>;
  return (
    <dl class="facts">
      <Fact name={text.placedAt}>{instant(order.placedAtMs)}</Fact>
      {order.paidAtMs !== undefined && <Fact name={text.paidAt}>{instant(order.paidAtMs)}</Fact>}
      {deliveryName !== undefined && <Fact name={text.how}>{deliveryName}</Fact>}
      {order.deliveryAddress && (
        <Fact name={text.where}>
          <AddressLines shell={shell} address={order.deliveryAddress} contact={order.contact} />
        </Fact>
      )}
    </dl>
  );
}

/** Who buys as a guest has the order by this link alone. */
function OrderLink({ shell, order }: { shell: Shell; order: Order }) {
  const text = orderText(shell.locale);
  return (
    <copy-link class="order__keep" data-copied={text.copied}>
      <label class="soft small" for="order-link">
        {text.keepLink}
      </label>
      <div class="order__link">
        <input class="input" id="order-link" readonly value={`${shell.publicUrl}${orderPath(shell, order)}`} />
        <button class="button button--quiet" type="button" aria-live="polite" hidden>
          {text.copyLink}
        </button>
      </div>
    </copy-link>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="facts__row">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CancelForm({ shell, page }: PartProps) {
  const { order } = page;
  const text = orderText(shell.locale);
  return (
    <details class="order__cancel">
      <summary>{text.cancel}</summary>
      <form method="post" action={localPath(shell.locale, `/orders/${order.orderId}/cancel`)}>
        <input type="hidden" name="key" value={order.key} />
        <p>{text.cancelSure}</p>
        <button class="button button--quiet" type="submit">
          {text.cancelConfirm}
        </button>
      </form>
    </details>
  );
}

function Lines({ shell, page }: PartProps) {
  const { order, nameOf } = page;
  const { format } = shell;
  const text = orderText(shell.locale);
  const money = (amountMinor: number) => format.money(amountMinor, order.currency);
  return (
    <section class="summary" aria-labelledby="what">
      <h2 id="what">{text.what}</h2>
      <ul class="order-lines">
        {order.lines.map((line) => (
          <OrderLine
            key={line.variantId}
            shell={shell}
            name={nameOf(line.variantId, line.title || line.sku)}
            quantity={line.quantity}
            {...(line.quantity > 1 && { note: text.each(money(line.unitPriceMinor)) })}
          >
            {money(line.unitPriceMinor * line.quantity)}
          </OrderLine>
        ))}
      </ul>
      <Sums shell={shell} sums={order} />
    </section>
  );
}
