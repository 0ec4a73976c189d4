import type { Pulse } from '../../services/pulse/api.ts';
import type { WallFormat } from '../browser/wall/format.ts';
import type { WallText } from '../browser/wall/text.ts';

interface Words {
  readonly text: WallText;
  readonly format: WallFormat;
}

const variantsMax = 6;
const regionsMax = 24;

/** Sold, held and left of each variant. Without a script a bar is a `progress`; widths by style are not to be had (CSP). */
export function Variants({ variants, text, format }: Words & { variants: Pulse['variants'] }) {
  if (variants.length === 0) return <li class="wall__none">{text.noVariants}</li>;
  return variants.slice(0, variantsMax).map((variant) => {
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
  return known
    .slice(0, regionsMax)
    .toSorted((a, b) => (a.countryCode < b.countryCode ? -1 : 1))
    .map(({ countryCode, orderCount }) => (
      <li key={countryCode} class="wall__country">
        <abbr title={format.country(countryCode)}>{countryCode}</abbr>
        <span>{format.number(orderCount)}</span>
      </li>
    ));
}
