import { minorUnitDigits } from '../../platform/money/currency.ts';
import type { Collection, Facets, ProductSummary } from '../../services/catalog/api.ts';
import { CardGrid } from '../card/card.tsx';
import { Picture } from '../card/picture.tsx';
import { localPath, translated } from '../locale.ts';
import { Breadcrumbs } from '../shell/breadcrumbs.tsx';
import type { Shell } from '../shell/shell.ts';
import { type Filter, filterQuery, pageNumbers, pageSize, sorts } from './filter.ts';
import { listText } from './messages.ts';

/** A list of products with what it may be narrowed down by. */
export interface ListData {
  /** Undefined: all products. */
  readonly collection: Collection | undefined;
  /** Those above it, from the top. */
  readonly trail: readonly Collection[];
  /** Those right below it that have products. */
  readonly children: readonly Collection[];
  /** Undefined while lists cannot be narrowed down. */
  readonly facets: Facets | undefined;
  readonly filter: Filter;
  readonly products: readonly ProductSummary[];
  readonly totalCount: number;
}

export function ListView({ shell, list }: { shell: Shell; list: ListData }) {
  const text = listText(shell.locale);
  const { collection } = list;
  const title = collection === undefined ? text.everything : translated(collection, 'title', shell.locale);
  const description =
    collection === undefined ? text.everythingIs : translated(collection, 'description', shell.locale);
  return (
    <div class="wrap list">
      <Breadcrumbs shell={shell} trail={list.trail} label={text.breadcrumbs} />
      <header class={collection?.media ? 'list__head list__head--pictured' : 'list__head'}>
        <div>
          <h1>{title}</h1>
          {description && <p class="lead">{description}</p>}
        </div>
        {collection?.media && (
          <div class="list__cover">
            <Picture media={collection.media} sizes="(min-width: 60rem) 40vw, 100vw" isFirst alt="" />
          </div>
        )}
      </header>
      {list.children.length > 0 && (
        <nav aria-label={text.within} class="list__children">
          <ul>
            {list.children.map((child) => (
              <li key={child.path}>
                <a class="button button--quiet" href={localPath(shell.locale, `/collections/${child.path}`)}>
                  {translated(child, 'title', shell.locale)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {list.facets === undefined ? (
        <p class="notice">{text.filtersRest}</p>
      ) : (
        <FilterForm shell={shell} list={list} facets={list.facets} />
      )}
      {list.products.length === 0 ? (
        <p class="notice">{text.empty}</p>
      ) : (
        <CardGrid shell={shell} products={list.products} firstCount={collection?.media ? 0 : 4} />
      )}
      <Pages shell={shell} list={list} />
    </div>
  );
}

/** Where the narrowed-down views of a list are. */
export function browsePath(shell: Pick<Shell, 'locale'>, collection: Pick<Collection, 'path'> | undefined): string {
  return localPath(shell.locale, collection === undefined ? '/browse' : `/browse/${collection.path}`);
}

function FilterForm({ shell, list, facets }: { shell: Shell; list: ListData; facets: Facets }) {
  const text = listText(shell.locale);
  const { filter, collection } = list;
  const digits = minorUnitDigits(shell.currency) ?? 2;
  const amount = (minor: number | undefined) => (minor === undefined ? '' : String(minor / 10 ** digits));
  const isNarrowed = filterQuery({ ...filter, page: 1 }, digits) !== '';
  const plain = collection === undefined ? '/browse' : `/collections/${collection.path}`;
  return (
    <div class="filter">
      <p class="filter__count">{text.count(shell.format.number(list.totalCount))}</p>
      <details class="filter__conditions" open={isNarrowed}>
        <summary class="button button--quiet">{text.filter}</summary>
        <form class="filter__form" action={browsePath(shell, collection)} aria-label={text.filter}>
          {facets.vendors.length > 1 && (
            <div class="field">
              <label for="maker">{text.maker}</label>
              <select class="select" id="maker" name="maker">
                <option value="">{text.anyMaker}</option>
                {facets.vendors.map(({ vendor, productCount }) => (
                  <option key={vendor} value={vendor} selected={vendor === filter.vendor}>
                    {`${vendor} (${shell.format.number(productCount)})`}
                  </option>
                ))}
              </select>
            </div>
          )}
          <div class="field filter__price">
            <label for="from">{text.priceFrom(shell.currency)}</label>
            <input
              class="input figures"
              id="from"
              name="from"
              inputmode="decimal"
              value={amount(filter.priceMinMinor)}
              placeholder={amount(facets.priceMinMinor)}
            />
          </div>
          <div class="field filter__price">
            <label for="to">{text.priceTo(shell.currency)}</label>
            <input
              class="input figures"
              id="to"
              name="to"
              inputmode="decimal"
              value={amount(filter.priceMaxMinor)}
              placeholder={amount(facets.priceMaxMinor)}
            />
          </div>
          <div class="field">
            <label for="sort">{text.sort}</label>
            <select class="select" id="sort" name="sort">
              {sorts.map((sort) => (
                <option key={sort} value={sort} selected={sort === filter.sort}>
                  {text.sorts[sort]}
                </option>
              ))}
            </select>
          </div>
          <div class="filter__actions">
            <button class="button button--quiet" type="submit">
              {text.apply}
            </button>
            {isNarrowed && <a href={localPath(shell.locale, plain)}>{text.clear}</a>}
          </div>
        </form>
      </details>
    </div>
  );
}

function Pages({ shell, list }: { shell: Shell; list: ListData }) {
  const text = listText(shell.locale);
  const { filter, totalCount, collection } = list;
  const pageCount = Math.ceil(totalCount / pageSize);
  if (pageCount <= 1) return null;
  const digits = minorUnitDigits(shell.currency) ?? 2;
  const to = (page: number) => {
    const query = filterQuery({ ...filter, page }, digits);
    const plain = collection === undefined ? '/browse' : `/collections/${collection.path}`;
    return query === '' ? localPath(shell.locale, plain) : `${browsePath(shell, collection)}${query}`;
  };
  return (
    <nav class="pages" aria-label={text.pages}>
      {filter.page > 1 && (
        <a class="button button--quiet" rel="prev" href={to(filter.page - 1)}>
          {text.previous}
        </a>
      )}
      <ol>
        {pageNumbers(filter.page, pageCount).map((number, index) =>
          number === undefined ? (
            <li key={`gap-${index}`} aria-hidden="true">
              …
            </li>
          ) : (
            <li key={number}>
              <a
                href={to(number)}
                aria-label={text.page(shell.format.number(number))}
                aria-current={number === filter.page ? 'page' : undefined}
              >
                {shell.format.number(number)}
              </a>
            </li>
          ),
        )}
      </ol>
      {filter.page < pageCount && (
        <a class="button button--quiet" rel="next" href={to(filter.page + 1)}>
          {text.next}
        </a>
      )}
    </nav>
  );
}
