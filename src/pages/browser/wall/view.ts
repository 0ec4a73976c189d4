import { createChart } from './chart.ts';
import { part, say } from './elements.ts';
import type { Figures, Rate } from './figures.ts';
import type { WallFormat } from './format.ts';
import { Odometer } from './odometer.ts';
import { createRegions } from './regions.ts';
import type { WallText } from './text.ts';
import { createVariants } from './variants.ts';

/** Shows figures and a chart; knows neither where they come from nor when. */
export interface WallView {
  show(figures: Figures, rates: readonly Rate[]): void;
  redraw(): void;
}

export function createView(words: { text: WallText; format: WallFormat }): WallView {
  const { text, format } = words;
  const money = new Odometer(part('money'));
  const buyers = new Odometer(part('buyers'));
  const variants = createVariants(part('variants'), words);
  const regions = createRegions(part('regions'), words);
  const chart = createChart(part('chart'), format);
  const number = new Intl.NumberFormat(document.documentElement.lang);

  function showMeasures(figures: Figures): void {
    say('p50', duration(figures.latencyP50Ms));
    say('p99', duration(figures.latencyP99Ms));
    say('lag', duration(figures.lagMs));
    say('lane', figures.laneCount === null ? '—' : format.number(figures.laneCount));
    say('cache', figures.cacheHitRatio === null ? '—' : format.percent(figures.cacheHitRatio));
    for (const importance of ['core', 'standard', 'deferrable'] as const) {
      say(`shed-${importance}`, format.number(figures.shed[importance]));
    }
  }

  function duration(ms: number | null): string {
    if (ms === null) return '—';
    const { value, unit } = format.duration(ms);
    return `${value} ${unit}`;
  }

  return {
    show(figures, rates) {
      const { sale, orders } = figures;
      const [main, ...others] = figures.money;
      money.show(main === undefined ? number.formatToParts(0) : format.moneyParts(main.takenMinor, main.currency));
      buyers.show(number.formatToParts(figures.buyersCount));
      say('other-money', others.map(({ currency, takenMinor }) => format.money(takenMinor, currency)).join(' · '));
      say('sale', sale?.name ?? text.noSale);
      say('since', text.since(sale === undefined ? format.instant(figures.sinceMs) : format.time(figures.sinceMs)));
      const leftMs = sale === undefined ? undefined : sale.endsAtMs - figures.atMs;
      say('until', leftMs === undefined ? '' : leftMs < 1000 ? text.ended : text.endsIn(format.span(leftMs)));
      say('clock', format.time(figures.atMs));
      say('placed', format.number(orders.placedCount));
      say('paid', format.number(orders.paidCount));
      say('cancelled', format.number(orders.cancelledCount));
      say('expired', format.number(orders.expiredCount));
      say('rate', format.number(Math.round(rates.at(-1)?.placedCount ?? 0)));
      say('peak', text.peak(format.number(Math.round(Math.max(0, ...rates.map(({ placedCount }) => placedCount))))));
      showMeasures(figures);
      variants.show(figures.variants);
      regions.show(figures.regions);
      chart.show(rates);
    },
    redraw: chart.redraw,
  };
}
