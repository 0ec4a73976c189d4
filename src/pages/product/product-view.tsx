import type { Product } from '../../services/catalog/api.ts';
import { CardGrid } from '../card/card.tsx';
import { Picture } from '../card/picture.tsx';
import { Breadcrumbs } from '../shell/breadcrumbs.tsx';
import type { Shell } from '../shell/shell.ts';
import { BuyBox } from './buy-box.tsx';
import { blocks } from './description.ts';
import { productText } from './messages.ts';
import type { ProductPageData } from './product-data.ts';
import { Specifications } from './specifications.tsx';

export function ProductView({
  shell,
  data,
  title,
  description,
}: {
  shell: Shell;
  data: ProductPageData;
  title: string;
  description: string;
}) {
  const text = productText(shell.locale);
  const { product } = data;
  return (
    <>
      <div class="wrap">
        <Breadcrumbs shell={shell} trail={data.trail} label={text.breadcrumbs} />
        <article class="product">
          <Gallery product={product} title={title} label={text.pictures} />
          <div class="product__side">
            <header class="product__head">
              {product.vendor && <p class="product__maker">{text.by(product.vendor)}</p>}
              <h1>{title}</h1>
            </header>
            <BuyBox shell={shell} product={product} variants={data.variants} />
            <Description text={description} />
            {data.variants.some(({ price, soldFrom }) => price !== undefined || soldFrom !== undefined) && (
              <ul class="product__promises">
                <li>{text.delivery}</li>
                <li>{text.proof}</li>
              </ul>
            )}
          </div>
          <Specifications shell={shell} product={product} />
        </article>
      </div>
      {data.related.length > 0 && (
        <section class="section related">
          <div class="wrap">
            <h2>{text.related}</h2>
            <CardGrid shell={shell} products={data.related} headingLevel={3} />
          </div>
        </section>
      )}
    </>
  );
}

const firstSizes = '(min-width: 45rem) 52vw, 100vw';
const furtherSizes = '(min-width: 45rem) 26vw, 88vw';

/** The first picture large and the others below it in pairs on a desk, side by side under the thumb on a phone: no script. */
function Gallery({ product, title, label }: { product: Product; title: string; label: string }) {
  const many = product.media.length > 1;
  return (
    // What scrolls must be reachable by keyboard.
    <section class="gallery" aria-label={label} tabindex={many ? 0 : undefined}>
      {product.media.slice(0, 12).map((media, index) => (
        <div class="gallery__plate" key={media.url}>
          <Picture
            media={media}
            sizes={index === 0 ? firstSizes : furtherSizes}
            isFirst={index === 0}
            alt={media.alt ?? title}
          />
        </div>
      ))}
      {product.media.length === 0 && (
        <div class="gallery__plate">
          <Picture media={undefined} sizes="" />
        </div>
      )}
    </section>
  );
}

function Description({ text }: { text: string }) {
  const parts = blocks(text);
  if (parts.length === 0) return null;
  return (
    <div class="product__words prose">
      {parts.map((part, index) =>
        part.kind === 'paragraph' ? (
          <p key={index}>{part.text}</p>
        ) : (
          <ul key={index}>
            {part.items.map((item, at) => (
              <li key={at}>{item}</li>
            ))}
          </ul>
        ),
      )}
    </div>
  );
}
