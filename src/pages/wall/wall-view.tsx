import type { ComponentChildren } from 'preact';
import type { Pulse } from '../../services/pulse/api.ts';
import type { WallFormat } from '../browser/wall/format.ts';
import type { WallText } from '../browser/wall/text.ts';
import type { Locale } from '../locale.ts';
import { Regions, Shed, StillChart, shownVariants, Variants } from './wall-lists.tsx';

export interface WallViewProps {
  readonly shopName: string;
  readonly locale: Locale;
  readonly text: WallText;
  readonly format: WallFormat;
  readonly pulse: Pulse;
  readonly apiKey: string | undefined;
  readonly otherLanguage: { readonly tag: string; readonly href: string };
}

/** The wall as it is at one second. Its script finds what it changes by `data-figure` and `data-part`. */
export function WallView(props: WallViewProps) {
  const { shopName, locale, text, format, pulse, apiKey, otherLanguage } = props;
  const { orders } = pulse;
  const [main, ...otherMoney] = pulse.money;
  const p50 = shownDuration(format, pulse.latencyP50Ms);
  const p99 = shownDuration(format, pulse.latencyP99Ms);
  const lag = shownDuration(format, pulse.lagMs);
  return (
    <div class="wall" data-part="wall" data-state="still" data-locale={locale} data-key={apiKey ?? ''}>
      <header class="wall__head">
        <p class="wall__shop">{shopName}</p>
        <h1 class="wall__sale" data-figure="sale">
          {pulse.sale?.name ?? text.noSale}
        </h1>
        <p class="wall__until" data-figure="until">
          {pulse.sale === undefined ? '' : untilText(text, format, pulse.sale.endsAtMs - pulse.atMs)}
        </p>
        <p class="wall__state" role="status">
          <span class="wall__lamp" aria-hidden="true" />
          <span data-figure="state" />
          <noscript>{text.noScript}</noscript>
        </p>
        <p class="wall__clock" data-figure="clock">
          {format.time(pulse.atMs)} UTC
        </p>
      </header>
      <main class="wall__main" id="main">
        <section class="wall__money" aria-labelledby="wall-money">
          <div class="wall__money-words">
            <h2 id="wall-money">{text.money}</h2>
            <p class="wall__note" data-figure="since">
              {text.since(`${format.time(pulse.sinceMs)} UTC`)}
            </p>
            <p class="wall__other-money" data-figure="other-money">
              {otherMoney.map(({ currency, takenMinor }) => format.money(takenMinor, currency)).join(' · ')}
            </p>
          </div>
          <p class="wall__sum" data-part="money">
            {main === undefined ? format.number(0) : format.money(main.takenMinor, main.currency)}
          </p>
        </section>

        <section class="wall__panel wall__rate" aria-labelledby="wall-rate">
          <h2 id="wall-rate">{text.ordersPerSecond}</h2>
          <p class="wall__rate-now">
            <span class="wall__big" data-figure="rate">
              {format.number(pulse.seconds.find(({ atMs }) => atMs === pulse.atMs)?.placedCount ?? 0)}
            </span>
            <span class="wall__note" data-figure="peak">
              {text.peak(format.number(Math.max(0, ...pulse.seconds.map(({ placedCount }) => placedCount))))}
            </span>
          </p>
          <ul class="wall__legend">
            <li class="wall__legend-placed">{text.placed}</li>
            <li class="wall__legend-paid">{text.paid}</li>
          </ul>
          <div class="wall__chart" data-part="chart" role="img" aria-label={text.ordersChart}>
            <StillChart pulse={pulse} />
          </div>
        </section>

        <section class="wall__panel wall__people" aria-labelledby="wall-people">
          <h2 id="wall-people">{text.buyers}</h2>
          <p class="wall__big wall__big--calm" data-part="buyers">
            {format.number(pulse.buyersCount)}
          </p>
          <p class="wall__note">{text.buyersNote}</p>
          <dl class="wall__counts">
            <Count name={text.placed} figure="placed" value={format.number(orders.placedCount)} />
            <Count name={text.paid} figure="paid" value={format.number(orders.paidCount)} />
            <Count name={text.cancelled} figure="cancelled" value={format.number(orders.cancelledCount)} />
            <Count name={text.expired} figure="expired" value={format.number(orders.expiredCount)} />
          </dl>
        </section>

        <section class="wall__panel wall__stock" aria-labelledby="wall-stock">
          <h2 id="wall-stock">{text.stock}</h2>
          <ul class="wall__variants" data-part="variants" data-count={shownVariants(pulse).length}>
            <Variants variants={shownVariants(pulse)} text={text} format={format} />
          </ul>
        </section>

        <section class="wall__panel wall__pulse" aria-label={text.latency}>
          <Gauge title={text.latency}>
            <Measure figure="p50" value={p50} label={text.half} />
            <Measure figure="p99" value={p99} label={text.worst} />
          </Gauge>
          <Gauge title={text.cache}>
            <Measure figure="cache" value={pulse.cacheHitRatio === null ? '—' : format.percent(pulse.cacheHitRatio)} />
          </Gauge>
          <Gauge title={text.queue}>
            <Measure figure="lane" value={format.number(pulse.laneCount)} label={text.waiting} />
            <Measure figure="lag" value={lag} label={text.lag} />
          </Gauge>
          <Gauge title={text.shed}>
            <Shed shed={pulse.shed} text={text} format={format} />
          </Gauge>
        </section>

        <section class="wall__panel wall__regions" aria-labelledby="wall-regions">
          <h2 id="wall-regions">{text.regions}</h2>
          <ul class="wall__countries" data-part="regions">
            <Regions regions={pulse.regions} text={text} format={format} />
          </ul>
        </section>
      </main>
      <footer class="wall__foot">
        <form class="wall__replay" data-part="replay" hidden>
          <label class="wall__choose">
            <span>{text.replay}</span>
            <select data-part="sales">
              <option value="">{text.chooseSale}</option>
            </select>
          </label>
          <div class="wall__transport" data-part="transport" hidden>
            <button type="button" data-part="play" aria-pressed="false">
              {text.play}
            </button>
            <label class="wall__scrub">
              <span class="unseen">{text.position}</span>
              <input type="range" data-part="position" min="0" max="0" step="1" value="0" />
            </label>
            <output class="wall__position" data-figure="position" />
            <label class="wall__speed">
              <span class="unseen">{text.speed}</span>
              <select data-part="speed">
                {[1, 4, 16, 60].map((speed) => (
                  <option key={speed} value={speed} selected={speed === 4}>
                    {speed}×
                  </option>
                ))}
              </select>
            </label>
            <button type="button" data-part="live">
              {text.backToLive}
            </button>
          </div>
          <p class="wall__hint" data-figure="hint" role="status" />
        </form>
        <p class="wall__options">
          <button type="button" data-part="theme" hidden>
            {text.light}
          </button>
          <a href={otherLanguage.href} lang={otherLanguage.tag} hreflang={otherLanguage.tag}>
            {text.language}
          </a>
        </p>
      </footer>
    </div>
  );
}

export function untilText(text: WallText, format: WallFormat, leftMs: number): string {
  return leftMs < 1000 ? text.ended : text.endsIn(format.span(leftMs));
}

function shownDuration(format: WallFormat, ms: number | null): string {
  if (ms === null) return '—';
  const { value, unit } = format.duration(ms);
  return `${value} ${unit}`;
}

function Count({ name, figure, value }: { name: string; figure: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-figure={figure}>{value}</dd>
    </div>
  );
}

function Gauge({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="wall__gauge">
      <h2>{title}</h2>
      <div class="wall__measures">{children}</div>
    </div>
  );
}

function Measure({ figure, value, label }: { figure: string; value: string; label?: string }) {
  return (
    <p class="wall__measure">
      <span class="wall__value" data-figure={figure}>
        {value}
      </span>
      {label !== undefined && <span class="wall__note">{label}</span>}
    </p>
  );
}
