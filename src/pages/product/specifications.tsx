import type { Product } from '../../services/catalog/api.ts';
import type { Shell } from '../shell/shell.ts';
import { productText } from './messages.ts';
import { attributesIn } from './translated.ts';

interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Seen at once; more than these are for those who ask. */
const shownAtOnce = 24;

/** Facts in two columns from here on: fewer read better below each other. */
const twoColumnsFrom = 9;

/** What was written of a product, name by name. Nothing at all where nothing was written. */
export function Specifications({ shell, product }: { shell: Shell; product: Product }) {
  const text = productText(shell.locale);
  const facts = factsOf(shell, product);
  if (facts.length === 0) return null;
  const further = facts.slice(shownAtOnce);
  return (
    <section class="product__facts" aria-labelledby="specifications">
      <h2 id="specifications">{text.specifications}</h2>
      <div>
        <Facts facts={facts.slice(0, shownAtOnce)} />
        {further.length > 0 && (
          <details class="product__further">
            <summary>{text.furtherFacts(further.length)}</summary>
            <Facts facts={further} />
          </details>
        )}
      </div>
    </section>
  );
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class={facts.length < twoColumnsFrom ? 'fact-list' : 'fact-list fact-list--many'}>
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function factsOf(shell: Shell, product: Product): Fact[] {
  const text = productText(shell.locale);
  const facts = Object.entries(attributesIn(product, shell.locale)).map(([name, fact]) => {
    if (typeof fact === 'boolean') return { name, value: fact ? text.yes : text.no };
    return { name, value: typeof fact === 'number' ? shell.format.number(fact) : fact };
  });
  const [variant] = product.variants;
  const weight = product.variants.find(({ weightGrams }) => weightGrams !== undefined)?.weightGrams;
  if (weight !== undefined) facts.push({ name: text.weight, value: text.grams(shell.format.number(weight)) });
  if (variant && product.variants.length === 1) facts.push({ name: text.sku, value: variant.sku });
  return facts;
}
