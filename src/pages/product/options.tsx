import type { Product } from '../../services/catalog/api.ts';
import type { Locale } from '../locale.ts';
import { type Choosable, inOrder, valueState } from './choice.ts';
import { productText } from './messages.ts';
import { optionText } from './translated.ts';

type Chosen = Choosable['options'];

/** A row of values for each option. Those that cannot be had with what is chosen say so; the script keeps that up to date. */
export function Options({
  locale,
  product,
  variants,
  first,
}: {
  locale: Locale;
  product: Product;
  variants: readonly Choosable[];
  first: Chosen;
}) {
  const text = productText(locale);
  const words = { available: '', 'sold-out': text.valueSoldOut, 'not-made': text.valueNotMade };
  const chosen = first.map((value) => value ?? undefined);
  return (
    <>
      {product.optionNames.map((name, index) => (
        <fieldset class="buy-box__option" key={name}>
          <legend class="label">{optionText(product, name, locale)}</legend>
          <div class="chips">
            {inOrder(valuesOf(variants, index)).map((value) => {
              const state = valueState(variants, chosen, index, value);
              return (
                <label class="chip" key={value} data-state={state}>
                  <input
                    type="radio"
                    name={`option-${index}`}
                    value={value}
                    checked={value === first[index]}
                    required
                  />
                  <span>
                    {optionText(product, value, locale)}
                    <small class="visually-hidden">{words[state]}</small>
                  </span>
                </label>
              );
            })}
          </div>
        </fieldset>
      ))}
    </>
  );
}

function valuesOf(variants: readonly Choosable[], index: number): string[] {
  return [...new Set(variants.map(({ options }) => options[index]))].filter((value) => typeof value === 'string');
}
