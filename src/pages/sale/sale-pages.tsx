import type { Collection } from '../../services/catalog/api.ts';
import { Picture } from '../card/picture.tsx';
import type { PagesHost } from '../host.ts';
import { localPath, translated } from '../locale.ts';
import { nextChangeMs } from '../sale-book.ts';
import { renderDocument } from '../shell/document.tsx';
import type { Shell } from '../shell/shell.ts';
import { definePageKind, type Loaded, type PageKind } from '../static/page-kind.ts';
import { stockTag } from '../static/stock-tags.ts';
import { tags } from '../static/tags.ts';
import { saleText } from './messages.ts';
import { queueOf, type SaleQueue } from './queue.ts';
import { byUrgency, isSoldOut, loadSales, nextPhaseAtMs, type SaleData } from './sale-data.ts';
import { SaleClock, SalePrice, SaleView } from './sale-view.tsx';

interface SalePageData {
  readonly data: SaleData;
  readonly queue: SaleQueue | undefined;
  readonly collections: readonly Collection[];
  readonly nowMs: number;
}

// A page of a sale is the one page that must be right to the second.
const freshness = { maxAgeS: 1, staleWhileRevalidateS: 5 } as const;
/** Without a script an announced sale is looked at again this often. */
const refreshS = 10;

/** One sale, from its announcement to its end. */
export function createSalePage(host: PagesHost): PageKind {
  const { reads } = host;
  return definePageKind<SalePageData>({
    name: 'sale',
    path: '/sales/:saleId',
    ...freshness,
    async load(wanted) {
      const [book, collections, rooms] = await Promise.all([reads.sales(), reads.collections(), reads.rooms()]);
      const ids = new Set(wanted.map(({ saleId }) => saleId));
      const found = book.sales.filter(({ saleId }) => ids.has(saleId));
      const loaded = await loadSales(reads, book, found, host.ctx.shop.currency);
      const bySale = new Map(loaded.map((data) => [data.sale.saleId, data]));
      return wanted.map(({ saleId = '' }): Loaded<SalePageData> | undefined => {
        const data = bySale.get(saleId);
        if (data === undefined) return undefined;
        const rebuildAtMs = nextPhaseAtMs(data.sale, book.nowMs);
        return {
          data: { data, queue: queueOf(rooms, saleId, book.nowMs), collections, nowMs: book.nowMs },
          tags: [
            ...tagsOf(data),
            tags.rooms,
            ...data.items.map(({ variantId, stock }) => stockTag(variantId, stock.available)),
          ],
          ...(rebuildAtMs !== undefined && { rebuildAtMs }),
        };
      });
    },
    render({ data, queue, collections, nowMs }, locale) {
      const shell = host.shellWith(locale, collections);
      const image = data.items[0]?.product.media[0]?.url;
      return renderDocument(
        shell,
        {
          title: data.sale.name,
          description: saleText(locale).salesAre,
          path: `/sales/${data.sale.saleId}`,
          ...(image !== undefined && { image }),
          ...(data.phase !== 'over' && { refreshS }),
        },
        <SaleView shell={shell} data={data} queue={queue} nowMs={nowMs} />,
      );
    },
    async *all() {
      yield (await reads.sales()).sales.map(({ saleId }) => ({ saleId }));
    },
  });
}

interface SalesPageData {
  readonly sales: readonly SaleData[];
  readonly collections: readonly Collection[];
  readonly nowMs: number;
}

/** All sales that run or are announced. */
export function createSalesPage(host: PagesHost): PageKind {
  const { reads } = host;
  return definePageKind<SalesPageData>({
    name: 'sales',
    path: '/sales',
    ...freshness,
    async load(wanted) {
      const [book, collections] = await Promise.all([reads.sales(), reads.collections()]);
      const current = book.sales.filter(({ endsAtMs }) => endsAtMs > book.nowMs);
      const sales = (await loadSales(reads, book, current, host.ctx.shop.currency)).sort(byUrgency);
      const variantIds = current.flatMap(({ items }) => items.map(({ variantId }) => variantId));
      const rebuildAtMs = nextChangeMs(book, variantIds);
      const loaded = {
        data: { sales, collections, nowMs: book.nowMs },
        tags: [tags.navigation, tags.sales, ...sales.flatMap(tagsOf)],
        ...(rebuildAtMs !== undefined && { rebuildAtMs }),
      };
      return wanted.map(() => loaded);
    },
    render({ sales, collections, nowMs }, locale) {
      const shell = host.shellWith(locale, collections);
      const text = saleText(locale);
      return renderDocument(
        shell,
        { title: text.sales, description: text.salesAre, path: '/sales' },
        <div class="wrap list">
          <header class="list__head">
            <div>
              <h1>{text.sales}</h1>
              <p class="lead">{sales.length > 0 ? text.salesAre : text.noSales}</p>
            </div>
          </header>
          {sales.length === 0 && <p class="notice">{text.noSalesHint}</p>}
          <ul class="sale-list">
            {sales.map((data) => (
              <li key={data.sale.saleId}>
                <SaleTeaser shell={shell} data={data} nowMs={nowMs} headingLevel={2} />
              </li>
            ))}
          </ul>
        </div>,
      );
    },
    async *all() {
      yield [{}];
    },
  });
}

/** A sale in brief, as it stands on the front page and in the list. */
export function SaleTeaser({
  shell,
  data,
  nowMs,
  headingLevel,
}: {
  shell: Shell;
  data: SaleData;
  nowMs: number;
  headingLevel: 2 | 3;
}) {
  const text = saleText(shell.locale);
  const Heading = `h${headingLevel}` as 'h2' | 'h3';
  const path = localPath(shell.locale, `/sales/${data.sale.saleId}`);
  const [first] = data.items;
  return (
    <article class="sale-teaser">
      <div class="sale-teaser__plate">
        <Picture media={first?.product.media[0]} sizes="(min-width: 60rem) 30vw, 90vw" alt="" />
      </div>
      <div class="sale-teaser__side">
        <Heading>
          <a href={path}>{data.sale.name}</a>
        </Heading>
        <SaleClock shell={shell} data={data} nowMs={nowMs} />
        {first && (
          <div class="sale-teaser__thing">
            <p>{translated(first.product, 'title', shell.locale)}</p>
            <SalePrice shell={shell} item={first} isOver={false} />
            <p class="small soft">
              {text.left(shell.format.number(first.stock.available), shell.format.number(first.stock.granted))}
              {data.items.length > 1 && ` · ${text.more(shell.format.number(data.items.length - 1))}`}
            </p>
          </div>
        )}
        <p>
          <a class={isSoldOut(data) ? 'button button--quiet' : 'button button--buoy'} href={path}>
            {text.seeSale}
          </a>
        </p>
      </div>
    </article>
  );
}

function tagsOf({ sale, items }: SaleData): string[] {
  return [
    tags.navigation,
    tags.sale(sale.saleId),
    ...sale.items.map(({ variantId }) => tags.variant(variantId)),
    ...items.map(({ product }) => tags.product(product.slug)),
  ];
}
