import { Picture } from '../card/picture.tsx';
import { Honeypot } from '../challenge/form-signs.tsx';
import { localPath, translated } from '../locale.ts';
import { optionText } from '../product/translated.ts';
import type { Shell } from '../shell/shell.ts';
import { clockParts, shownUnits } from './clock.ts';
import { saleText } from './messages.ts';
import type { SaleQueue } from './queue.ts';
import { isSoldOut, type SaleData, type SaleItemView } from './sale-data.ts';

/** A sale: its clock, what is left, and one button for each thing in it. */
export function SaleView({
  shell,
  data,
  queue,
  nowMs,
}: {
  shell: Shell;
  data: SaleData;
  queue: SaleQueue | undefined;
  nowMs: number;
}) {
  const text = saleText(shell.locale);
  const { sale, phase, items } = data;
  return (
    <div class={items.length === 1 ? 'sale sale--single' : 'sale'} data-phase={phase}>
      <div class="wrap">
        <header class="sale__head">
          <h1>{sale.name}</h1>
          <SaleClock shell={shell} data={data} nowMs={nowMs} />
          {phase !== 'over' && <QueueNotice shell={shell} saleId={sale.saleId} queue={queue} />}
        </header>
        <ol class="sale__items">
          {items.map((item) => (
            <li key={item.variantId}>
              <SaleItem shell={shell} data={data} item={item} isFirst={item === items[0]} />
            </li>
          ))}
        </ol>
        <p class="sale__fair">{text.fair}</p>
      </div>
    </div>
  );
}

/**
 * Where one lines up, where one has to. It is on the page of every sale, hidden while there is no queue, so that its script
 * shows it as soon as there is one.
 */
function QueueNotice({ shell, saleId, queue }: { shell: Shell; saleId: string; queue: SaleQueue | undefined }) {
  const text = saleText(shell.locale).queue;
  const here = encodeURIComponent(localPath(shell.locale, `/sales/${saleId}`));
  const to = (roomId: string) => localPath(shell.locale, `/waiting-room/${roomId}?to=${here}`);
  const states = ['announced', 'before', 'open', 'promised'] as const;
  const opensAtMs = queue?.opensAtMs ?? 0;
  return (
    <sale-queue
      class="sale-queue"
      data-sale={saleId}
      data-room={queue?.roomId}
      data-to={to('{room}')}
      data-in={text.in}
      hidden={queue === undefined}
    >
      {states.map((state) => (
        <p key={state} data-queue={state} hidden={queue?.state !== state}>
          {text[state]}
          {state === 'announced' && (
            <>
              {' '}
              <local-time data-at={opensAtMs}>{shell.format.instant(opensAtMs)}</local-time>
            </>
          )}
        </p>
      ))}
      <p class="sale-queue__in" hidden />
      <a
        class="button"
        {...(queue !== undefined && { href: to(queue.roomId) })}
        hidden={queue === undefined || queue.state === 'announced'}
      >
        {text.join}
      </a>
    </sale-queue>
  );
}

/** Counts down to the next change. Without a script it says when that is. */
export function SaleClock({ shell, data, nowMs }: { shell: Shell; data: SaleData; nowMs: number }) {
  const text = saleText(shell.locale);
  const { sale, phase } = data;
  const untilMs = phase === 'announced' ? sale.startsAtMs : sale.endsAtMs;
  if (phase === 'over') {
    return (
      <div class="sale-clock">
        <p class="sale-clock__label">{text.over}</p>
        <p>{text.overHint}</p>
      </div>
    );
  }
  if (isSoldOut(data)) {
    return (
      <div class="sale-clock">
        <p class="sale-clock__label sale-clock__label--quiet">{text.soldOut}</p>
        <p class="small">
          {text.ends} <local-time data-at={untilMs}>{shell.format.instant(untilMs)}</local-time>
        </p>
      </div>
    );
  }
  const parts = clockParts(untilMs - nowMs);
  const shown = shownUnits(untilMs - nowMs);
  return (
    <sale-clock class="sale-clock" data-starts={sale.startsAtMs} data-ends={sale.endsAtMs} data-phase={phase}>
      <p class="sale-clock__label">
        <span class="sale-clock__when" data-on="announced" hidden={phase !== 'announced'}>
          {text.opensIn}
        </span>
        <span class="sale-clock__when" data-on="open" hidden={phase !== 'open'}>
          {text.endsIn}
        </span>
      </p>
      <p class="sale-clock__face" role="timer" aria-live="off">
        {(['d', 'h', 'm', 's'] as const).map((unit) => (
          <span class="sale-clock__part" key={unit} hidden={!shown.includes(unit)}>
            <span class="sale-clock__number" data-unit={unit}>
              {String(parts[unit]).padStart(2, '0')}
            </span>
            <span class="sale-clock__unit">{text.units[unit]}</span>
          </span>
        ))}
      </p>
      <p class="small">
        {phase === 'announced' ? text.opens : text.ends}{' '}
        <local-time data-at={untilMs}>{shell.format.instant(untilMs)}</local-time>
      </p>
      {phase === 'announced' && (
        <noscript>
          <p class="small">{text.reload}</p>
        </noscript>
      )}
    </sale-clock>
  );
}

function SaleItem({
  shell,
  data,
  item,
  isFirst,
}: {
  shell: Shell;
  data: SaleData;
  item: SaleItemView;
  isFirst: boolean;
}) {
  const text = saleText(shell.locale);
  const { product, stock } = item;
  const title = translated(product, 'title', shell.locale);
  const options = Object.values(item.options).map((value) => optionText(product, value, shell.locale));
  return (
    <live-stock
      class="sale-item"
      data-variant={item.variantId}
      data-phase={data.phase}
      data-left={text.left('{left}', '{all}')}
      data-language={shell.format.tag}
    >
      <div class="sale-item__plate">
        <Picture media={product.media[0]} sizes="(min-width: 60rem) 50vw, 100vw" isFirst={isFirst} />
      </div>
      <div class="sale-item__side">
        <h2>
          {title}
          {options.length > 0 && <span class="soft"> {options.join(' / ')}</span>}
        </h2>
        <SalePrice shell={shell} item={item} isOver={data.phase === 'over'} />
        {data.phase !== 'over' && <StockBar shell={shell} item={item} />}
        <SaleButton shell={shell} data={data} item={item} />
        <p class="small soft">
          {item.limitPerBuyer !== undefined && `${text.perBuyer(item.limitPerBuyer)} `}
          <a href={localPath(shell.locale, `/products/${product.slug}`)}>{text.product}</a>
        </p>
        <p class="sale-item__sold-out notice" hidden={data.phase !== 'open' || stock.available > 0}>
          {text.soldOutHint}
        </p>
      </div>
    </live-stock>
  );
}

/** While it is announced or open, what it costs in the sale; afterwards what it costs. */
export function SalePrice({ shell, item, isOver }: { shell: Shell; item: SaleItemView; isOver: boolean }) {
  const text = saleText(shell.locale);
  const money = (minor: number) => shell.format.money(minor, shell.currency);
  const { amountMinor, listMinor } = item;
  if (isOver) return listMinor === undefined ? null : <p class="sale-item__price price">{money(listMinor)}</p>;
  return (
    <p class="sale-item__price">
      <strong class="price price--sale">{money(amountMinor)}</strong>
      {listMinor !== undefined && listMinor > amountMinor && (
        <s class="price price--was">
          <span class="visually-hidden">{text.was} </span>
          {money(listMinor)}
        </s>
      )}
    </p>
  );
}

function StockBar({ shell, item }: { shell: Shell; item: SaleItemView }) {
  const text = saleText(shell.locale);
  const { available, granted } = item.stock;
  const said = text.left(shell.format.number(available), shell.format.number(granted));
  return (
    <div class="stock-bar">
      <progress class="stock-bar__bar" max={Math.max(1, granted)} value={available} aria-label={text.leftLabel}>
        {said}
      </progress>
      <p class="stock-bar__said figures">{said}</p>
    </div>
  );
}

/** One button that says what is so: not yet, buy, sold out, over. It works without a script as soon as the sale is open. */
function SaleButton({ shell, data, item }: { shell: Shell; data: SaleData; item: SaleItemView }) {
  const text = saleText(shell.locale);
  const state = buttonState(data, item);
  return (
    <form method="post" action={localPath(shell.locale, '/checkout/buy-now')}>
      <Honeypot locale={shell.locale} />
      <input type="hidden" name="variantId" value={item.variantId} />
      <input type="hidden" name="quantity" value="1" />
      <input type="hidden" name="seen" value={item.amountMinor} />
      <button
        class="button button--buoy button--large button--wide"
        type="submit"
        disabled={state !== 'buy'}
        data-buy={text.buy}
        data-not-yet={text.notYet}
        data-sold-out={text.soldOut}
        data-over={text.over}
      >
        {{ buy: text.buy, 'not-yet': text.notYet, 'sold-out': text.soldOut, over: text.over }[state]}
      </button>
    </form>
  );
}

function buttonState({ phase }: SaleData, { stock }: SaleItemView): 'buy' | 'not-yet' | 'sold-out' | 'over' {
  if (phase === 'announced') return 'not-yet';
  if (phase === 'over') return 'over';
  return stock.available > 0 ? 'buy' : 'sold-out';
}
