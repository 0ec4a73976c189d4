import type { Collection, ProductSummary } from '../../services/catalog/api.ts';
import { CardGrid } from '../card/card.tsx';
import { Picture } from '../card/picture.tsx';
import { localPath, translated } from '../locale.ts';
import type { SaleData } from '../sale/sale-data.ts';
import { SaleTeaser } from '../sale/sale-pages.tsx';
import { ArrowIcon } from '../shell/icons.tsx';
import type { Shell } from '../shell/shell.ts';
import { frontPath } from './front.ts';
import { homeText } from './messages.ts';
import { wideTiles } from './mosaic.ts';

export interface HomeData {
  readonly collections: readonly Collection[];
  /** The collection `front`: its words and picture open the page, its products are shown first. */
  readonly front: Collection | undefined;
  readonly featured: readonly ProductSummary[];
  readonly newest: readonly ProductSummary[];
  /** The sale that runs, else the next. */
  readonly sale: SaleData | undefined;
  readonly nowMs: number;
}

export function HomeView({ shell, data }: { shell: Shell; data: HomeData }) {
  const text = homeText(shell.locale);
  const to = (path: string) => localPath(shell.locale, path);
  return (
    <>
      <Hero shell={shell} data={data} />
      {data.sale !== undefined && (
        <section class="home-sale">
          <div class="wrap">
            <SaleTeaser shell={shell} data={data.sale} nowMs={data.nowMs} headingLevel={2} />
          </div>
        </section>
      )}
      {data.featured.length > 0 && (
        <section class="section">
          <div class="wrap">
            <div class="section__head">
              <h2>{text.featured}</h2>
            </div>
            <CardGrid shell={shell} products={data.featured} headingLevel={3} />
          </div>
        </section>
      )}
      <CollectionMosaic shell={shell} collections={data.collections} />
      <section class="section">
        <div class="wrap">
          <div class="section__head">
            <h2>{text.newest}</h2>
            <a href={to('/browse')}>{text.all}</a>
          </div>
          <CardGrid shell={shell} products={data.newest} headingLevel={3} />
        </div>
      </section>
      <section class="home-promise">
        <div class="wrap">
          <h2>{text.promiseTitle}</h2>
          <p class="lead">{text.promise}</p>
        </div>
      </section>
    </>
  );
}

function Hero({ shell, data: { front } }: { shell: Shell; data: HomeData }) {
  const text = homeText(shell.locale);
  const title = front === undefined ? shell.shopName : translated(front, 'title', shell.locale);
  const description = front && translated(front, 'description', shell.locale);
  return (
    <section class={front?.media ? 'hero hero--pictured' : 'hero'}>
      {front?.media && (
        <div class="hero__scene">
          <Picture media={front.media} sizes="100vw" isFirst alt="" />
        </div>
      )}
      <div class="wrap hero__words">
        <h1>{title}</h1>
        {description && <p class="lead">{description}</p>}
        <p class="actions">
          <a class="button button--large" href={localPath(shell.locale, '/browse')}>
            {text.look}
            <ArrowIcon />
          </a>
        </p>
      </div>
    </section>
  );
}

function CollectionMosaic({ shell, collections }: { shell: Shell; collections: readonly Collection[] }) {
  const text = homeText(shell.locale);
  const shown = leaves(collections);
  if (shown.length === 0) return null;
  const wide = wideTiles(shown.length);
  const isPictured = shown.some(({ media }) => media);
  return (
    <section class="section mosaic-section">
      <div class="wrap">
        <div class="section__head">
          <h2>{text.collections}</h2>
        </div>
        <ul class={isPictured ? 'mosaic' : 'mosaic mosaic--words'}>
          {shown.map((collection, index) => (
            <li key={collection.path} class={wide.has(index) ? 'mosaic__tile mosaic__tile--wide' : 'mosaic__tile'}>
              {isPictured && (
                <div class="mosaic__plate">
                  <Picture media={collection.media} sizes="(min-width: 60rem) 33vw, 50vw" alt="" />
                </div>
              )}
              <h3>
                <a href={localPath(shell.locale, `/collections/${collection.path}`)}>
                  {translated(collection, 'title', shell.locale)}
                </a>
              </h3>
              <p class="small soft">{text.count(shell.format.number(collection.productCount))}</p>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

/** Collections that hold products and have none below them that do. */
function leaves(collections: readonly Collection[]): Collection[] {
  const filled = collections.filter(({ productCount, path }) => productCount > 0 && path !== frontPath);
  const parents = new Set(filled.map(({ parentPath }) => parentPath));
  return filled.filter(({ path }) => !parents.has(path));
}
