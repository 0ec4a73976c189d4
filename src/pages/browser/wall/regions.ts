import { make, write } from './elements.ts';
import type { Figures } from './figures.ts';
import type { WallFormat } from './format.ts';
import type { WallText } from './text.ts';

const shownMax = 24;

/**
 * Orders by country: a matrix in which a country keeps its place, by the alphabet, and glows by how much it orders. On a
 * scale of logarithms: next to the largest the others would else be dark.
 */
export function createRegions(list: HTMLElement, { text, format }: { text: WallText; format: WallFormat }) {
  const tiles = new Map<string, { element: HTMLElement; count: HTMLElement; before: number }>();

  return {
    show(regions: Figures['regions']): void {
      const shown = regions.filter(({ countryCode }) => countryCode !== 'ZZ').slice(0, shownMax);
      const wanted = new Set(shown.map(({ countryCode }) => countryCode));
      for (const [code, { element }] of tiles) {
        if (wanted.has(code)) continue;
        element.remove();
        tiles.delete(code);
      }
      if (shown.length === 0) {
        list.replaceChildren(make('li', 'wall__none', text.noRegions));
        return;
      }
      if (tiles.size === 0) list.replaceChildren();
      const most = Math.log1p(Math.max(...shown.map(({ orderCount }) => orderCount)));
      for (const { countryCode, orderCount } of shown) {
        let tile = tiles.get(countryCode);
        if (tile === undefined) {
          const code = make('abbr', '', countryCode);
          code.title = format.country(countryCode);
          const count = make('span', '');
          const element = make('li', 'wall__country', code, count);
          tile = { element, count, before: orderCount };
          tiles.set(countryCode, tile);
          const after = [...tiles.keys()].filter((each) => each > countryCode).sort()[0];
          list.insertBefore(element, (after === undefined ? undefined : tiles.get(after)?.element) ?? null);
        }
        write(tile.count, format.number(orderCount));
        tile.element.style.setProperty('--heat', String(most > 0 ? Math.log1p(orderCount) / most : 0));
        if (orderCount > tile.before) flash(tile.element);
        tile.before = orderCount;
      }
    },
  };
}

/** Lights up for a moment; again from the start if it still glows. */
function flash(element: HTMLElement): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const lit = 'color-mix(in oklab, var(--wall-hot) 62%, var(--wall-rise))';
  element.animate([{ backgroundColor: lit }, {}], { duration: 600, easing: 'ease-out' });
}
