import type { ProductSummary } from '../../services/catalog/api.ts';
import { localPath, translated } from '../locale.ts';
import type { Shell } from '../shell/shell.ts';
import { cardText } from './messages.ts';
import { Picture } from './picture.tsx';

const cardSizes = '(min-width: 80rem) 20vw, (min-width: 48rem) 30vw, 46vw';

/** Products side by side. The first few are seen at once. */
export function CardGrid({
  shell,
  products,
  firstCount = 0,
  headingLevel = 2,
}: {
  shell: Shell;
  products: readonly ProductSummary[];
  firstCount?: number;
  headingLevel?: 2 | 3;
}) {
  return (
    <ul class="cards">
      {products.map((product, index) => (
        <li key={product.productId}>
          <Card shell={shell} product={product} isFirst={index < firstCount} headingLevel={headingLevel} />
        </li>
      ))}
    </ul>
  );
}

function Card({
  shell,
  product,
  isFirst,
  headingLevel,
}: {
  shell: Shell;
  product: ProductSummary;
  isFirst: boolean;
  headingLevel: 2 | 3;
}) {
  const Heading = `h${headingLevel}` as 'h2' | 'h3';
  return (
    <article class="card">
      <div class="card__plate">
        <Picture media={product.media} sizes={cardSizes} isFirst={isFirst} alt="" />
      </div>
      <div class="card__caption">
        {product.vendor && <p class="card__maker">{product.vendor}</p>}
        <Heading class="card__title">
          <a href={localPath(shell.locale, `/products/${product.slug}`)}>
            {translated(product, 'title', shell.locale)}
          </a>
        </Heading>
        <CardPrice shell={shell} product={product} />
      </div>
    </article>
  );
}

function CardPrice({ shell, product }: { shell: Shell; product: ProductSummary }) {
  const text = cardText(shell.locale);
  const price = product.fromPrice;
  if (price === undefined) return <p class="card__price soft">{text.noPrice}</p>;
  const now = shell.format.money(price.amountMinor, price.currency);
  const was = price.compareAtMinor === undefined ? undefined : shell.format.money(price.compareAtMinor, price.currency);
  return (
    <p class="card__price">
      <span class={was === undefined ? 'price' : 'price price--sale'}>
        {product.variantCount > 1 ? text.from(now) : now}
      </span>
      {was !== undefined && (
        <s class="price price--was">
          <span class="visually-hidden">{text.was('')}</span>
          {was}
        </s>
      )}
    </p>
  );
}
