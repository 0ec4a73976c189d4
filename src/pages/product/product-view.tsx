import type { Product } from '../../services/catalog/api.ts';
import { CardGrid } from '../card/card.tsx';
import { Picture } from '../card/picture.tsx';
import { Breadcrumbs } from '../shell/breadcrumbs.tsx';
import type { Shell } from '../shell/shell.ts';
import { BuyBox } from './buy-box.tsx';
import { productText } from './messages.ts';
import type { ProductPageData } from './product-data.ts';
import { attributesIn } from './translated.ts';

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
            <div class="product__words prose">
              {paragraphs(description).map((paragraph, index) => (
                <p key={index}>{paragraph}</p>
              ))}
            </div>
            <ul class="product__promises">
              <li>{text.delivery}</li>
              <li>{text.proof}</li>
            </ul>
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

/** All pictures below each other on a desk, side by side under the thumb on a phone: no script, no arrows. */
function Gallery({ product, title, label }: { product: Product; title: string; label: string }) {
  const many = product.media.length > 1;
  return (
    // What scrolls must be reachable by keyboard.
    <section class="gallery" aria-label={label} tabindex={many ? 0 : undefined}>
      {product.media.slice(0, 12).map((media, index) => (
        <div class="gallery__plate" key={media.url}>
          <Picture
            media={media}
            sizes="(min-width: 60rem) 52vw, 100vw"
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

function Specifications({ shell, product }: { shell: Shell; product: Product }) {
  const text = productText(shell.locale);
  const facts = Object.entries(attributesIn(product, shell.locale));
  const [variant] = product.variants;
  const weight = product.variants.find(({ weightGrams }) => weightGrams !== undefined)?.weightGrams;
  const value = (fact: string | number | boolean) =>
    typeof fact === 'boolean'
      ? fact
        ? text.yes
        : text.no
      : typeof fact === 'number'
        ? shell.format.number(fact)
        : fact;
  return (
    <section class="product__facts" aria-labelledby="specifications">
      <h2 id="specifications">{text.specifications}</h2>
      <table>
        <tbody>
          {facts.map(([name, fact]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value(fact)}</td>
            </tr>
          ))}
          {weight !== undefined && (
            <tr>
              <th scope="row">{text.weight}</th>
              <td>{text.grams(shell.format.number(weight))}</td>
            </tr>
          )}
          {variant && product.variants.length === 1 && (
            <tr>
              <th scope="row">{text.sku}</th>
              <td class="figures">{variant.sku}</td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

function paragraphs(text: string): string[] {
  return text.split(/\n{1,}/).filter((line) => line.trim() !== '');
}
