import type { Pulse } from '../../services/pulse/api.ts';
import type { WallFormat } from '../browser/wall/format.ts';
import type { WallText } from '../browser/wall/text.ts';

interface Words {
  readonly text: WallText;
  readonly format: WallFormat;
}

const variantsMax = 5;
const regionsMax = 24;

/** As many as there is room for. */
export function shownVariants({ variants }: Pulse): Pulse['variants'] {
  return variants.slice(0, variantsMax);
}

/** Sold, held and left of each variant. Without a script a bar is a `progress`; widths by style are not to be had (CSP). */
export function Variants({ variants, text, format }: Words & { variants: Pulse['variants'] }) {
  if (variants.length === 0) return <li class="wall__none">{text.noVariants}</li>;
  return variants.map((variant) => {
    const { variantId, title, grantedCount, soldCount, reservedCount } = variant;
    const leftCount = Math.max(0, grantedCount - soldCount - reservedCount);
    return (
      <li key={variantId} class="wall__variant">
        <span class="wall__variant-title">{title}</span>
        <span class="wall__variant-left">{leftCount === 0 ? text.soldOut : text.left(format.number(leftCount))}</span>
        <progress
          class="wall__bar"
          max={Math.max(1, grantedCount)}
          value={soldCount + reservedCount}
          aria-label={title}
        />
        <span class="wall__note">
          {text.soldOf(format.number(soldCount), format.number(grantedCount))}
          {reservedCount > 0 && ` · ${text.held(format.number(reservedCount))}`}
        </span>
      </li>
    );
  });
}

export function Shed({ shed, text, format }: Words & { shed: Pulse['shed'] }) {
  const rows = [
    ['core', text.shedCore],
    ['standard', text.shedStandard],
    ['deferrable', text.shedDeferrable],
  ] as const;
  return rows.map(([importance, name]) => (
    <p key={importance} class="wall__measure">
      <span class="wall__value" data-figure={`shed-${importance}`}>
        {format.number(shed[importance])}
      </span>
      <span class="wall__note">{name}</span>
    </p>
  ));
}

export function Regions({ regions, text, format }: Words & { regions: Pulse['regions'] }) {
  const known = regions.filter(({ countryCode }) => countryCode !== 'ZZ');
  if (known.length === 0) return <li class="wall__none">{text.noRegions}</li>;
  const most = Math.log1p(Math.max(...known.map(({ orderCount }) => orderCount)));
  return known
    .slice(0, regionsMax)
    .toSorted((a, b) => (a.countryCode < b.countryCode ? -1 : 1))
    .map(({ countryCode, orderCount }) => (
      <li key={countryCode} class="wall__country" data-heat={Math.round((5 * Math.log1p(orderCount)) / most)}>
        <abbr title={format.country(countryCode)}>{countryCode}</abbr>
        <span>{format.number(orderCount)}</span>
      </li>
    ));
}

const chartMs = 5 * 60_000;

/** The chart as it stands: a picture for who has no script, and for the moment before it draws. */
export function StillChart({ pulse }: { pulse: Pulse }) {
  const fromMs = pulse.atMs - chartMs;
  const highest = Math.max(4, ...pulse.seconds.map(({ placedCount, paidCount }) => Math.max(placedCount, paidCount)));
  const line = (count: (second: Pulse['seconds'][number]) => number) => {
    const bySecond = new Map(pulse.seconds.map((second) => [second.atMs, count(second)]));
    return Array.from({ length: chartMs / 1000 }, (_, index) => {
      const value = bySecond.get(fromMs + (index + 1) * 1000) ?? 0;
      return `${index},${Math.round(1000 - (960 * value) / highest) / 10}`;
    }).join(' ');
  };
  return (
    <svg class="wall__still" viewBox={`0 0 ${chartMs / 1000} 100`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={line(({ placedCount }) => placedCount)} />
      <polyline class="wall__still-paid" points={line(({ paidCount }) => paidCount)} />
    </svg>
  );
}
