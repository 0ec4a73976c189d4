import { make, write } from './elements.ts';
import type { FiguredVariant } from './figures.ts';
import type { WallFormat } from './format.ts';
import type { WallText } from './text.ts';

const shownMax = 5;

/**
 * One bar for each hot variant: sold, held, left. What is on sale stands first; else a row stays where it is for as long as its
 * variant is hot, for nobody can read what changes places each second.
 */
export function createVariants(list: HTMLElement, { text, format }: { text: WallText; format: WallFormat }) {
  const rows = new Map<string, Row>();

  function show(variants: readonly FiguredVariant[]): void {
    const shown = variants.slice(0, shownMax);
    const wanted = new Set(shown.map(({ variantId }) => variantId));
    for (const [variantId, { element }] of rows) {
      if (wanted.has(variantId)) continue;
      element.remove();
      rows.delete(variantId);
    }
    if (shown.length === 0) {
      list.replaceChildren(make('li', 'wall__none', text.noVariants));
      return;
    }
    if (rows.size === 0) list.replaceChildren();
    for (const variant of shown) {
      let row = rows.get(variant.variantId);
      if (row === undefined) {
        row = createRow();
        rows.set(variant.variantId, row);
        list.append(row.element);
      }
      row.show(variant);
    }
    arrange(shown);
    list.dataset.count = String(shown.length);
  }

  function arrange(shown: readonly FiguredVariant[]): void {
    const inSale = new Set(shown.filter(({ isInSale }) => isInSale).map(({ variantId }) => variantId));
    const places = [...rows.keys()].sort((a, b) => Number(inSale.has(b)) - Number(inSale.has(a)));
    const elements = places.flatMap((variantId) => rows.get(variantId)?.element ?? []);
    if (elements.some((element, index) => list.children[index] !== element)) list.append(...elements);
  }

  function createRow(): Row {
    const title = make('span', 'wall__variant-title');
    const leftText = make('span', 'wall__variant-left');
    const note = make('span', 'wall__note');
    const sold = make('span', 'wall__bar-sold');
    const held = make('span', 'wall__bar-held');
    const bar = make('span', 'wall__bar', sold, held);
    bar.ariaHidden = 'true';
    const element = make('li', 'wall__variant', title, leftText, bar, note);
    return {
      element,
      show({ title: name, grantedCount, reservedCount, soldCount }) {
        const leftCount = Math.max(0, grantedCount - reservedCount - soldCount);
        const share = (count: number) => String(grantedCount > 0 ? Math.max(0, count / grantedCount) : 0);
        write(title, name);
        write(leftText, leftCount === 0 ? text.soldOut : text.left(format.number(leftCount)));
        const heldText = reservedCount > 0 ? ` · ${text.held(format.number(reservedCount))}` : '';
        write(note, text.soldOf(format.number(soldCount), format.number(grantedCount)) + heldText);
        sold.style.setProperty('--share', share(soldCount));
        held.style.setProperty('--share', share(reservedCount));
        held.style.setProperty('--from', share(soldCount));
        element.classList.toggle('wall__variant--gone', leftCount === 0);
      },
    };
  }

  return { show };
}

interface Row {
  readonly element: HTMLElement;
  show(variant: FiguredVariant): void;
}
