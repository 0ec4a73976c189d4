import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import type { RequestOf } from '../../platform/api/contract.ts';
import { createCursorCodec } from '../../platform/api/cursor.ts';
import { type ProblemReply, problem } from '../../platform/api/problem.ts';
import { Uuid } from '../../platform/api/schema.ts';
import type { Context } from '../../platform/context/context.ts';
import type { catalogApi, ProductSummary } from './api.ts';
import { summaryView } from './product-view.ts';
import { byPlace, type Hit } from './search.ts';
import {
  type After,
  findCollectionId,
  type ListedRow,
  type ListFilter,
  listByPrice,
  listByPriceDown,
  listByTitle,
  listNewest,
  listUnpriced,
  loadSummaries,
} from './store-list.ts';
import { countListed } from './store-pages.ts';

export type ListQuery = RequestOf<(typeof catalogApi)['routes']['listProducts']>['query'];
export type CardsQuery = RequestOf<(typeof catalogApi)['routes']['listCards']>['body'];
export type SearchQuery = RequestOf<(typeof catalogApi)['routes']['search']>['query'];
type Sort = NonNullable<ListQuery['sort']>;
type Key = string | number | null;

export interface Page {
  readonly items: ProductSummary[];
  readonly nextCursor?: string;
}

/** A page that can be loaded, or what is wrong with the request for it. */
export type PageRequest =
  | { readonly kind: 'valid'; load(): Promise<Page> }
  | { readonly kind: 'refused'; readonly reply: ProblemReply };

/** Finds what a text finds, in a collection (null: anywhere). */
export type FindHits = (text: string, collectionId: string | null) => Promise<readonly Hit[]>;

const defaultLimit = 24;
// Nobody leafs to a page behind this; the contract bounds the offset likewise.
const totalCountMax = 10_000;

/** Pages of what the shop shows: of lists, in an order that an index has, and of what searches find. */
export function createPages(ctx: Pick<Context, 'database' | 'signer' | 'shop'>, findHits: FindHits) {
  const { database, shop } = ctx;
  // Which list it is of, what its last row was sorted by, and which row that was.
  const listCursors = createCursorCodec(
    Type.Tuple([Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]), Uuid]),
    ctx.signer,
  );
  const searchCursors = createCursorCodec(Type.Tuple([Type.String(), Type.Integer(), Type.Number(), Uuid]), ctx.signer);

  function listPage(query: ListQuery): PageRequest {
    const { sort = 'newest', collection, vendor, currency = shop.currency, priceMinMinor, priceMaxMinor } = query;
    const listId = idOf([sort, collection, vendor, currency, priceMinMinor, priceMaxMinor]);
    const cursor = listCursors.parse(query.cursor);
    if (cursor.kind === 'bad') return { kind: 'refused', reply: cursor.reply };
    if (cursor.kind === 'after' && cursor.after[0] !== listId) return otherList;
    const after = cursor.kind === 'after' ? { key: cursor.after[1], productId: cursor.after[2] } : undefined;
    const limit = query.limit ?? defaultLimit;

    const load = async () => {
      const filter = await filterOf(query);
      if (filter === undefined) return { items: [] };
      const rows = await listRows(sort, filter, after, limit + 1);
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return pageOf(rows.slice(0, limit), currency, last && listCursors.encode([listId, last.key, last.productId]));
    };
    return { kind: 'valid', load };
  }

  /** A page by its offset, and how many products the list has. */
  async function cardPage(query: CardsQuery): Promise<{ items: ProductSummary[]; totalCount: number }> {
    const { sort = 'newest', limit = defaultLimit, offset = 0 } = query;
    const filter = await filterOf(query);
    if (filter === undefined) return { items: [], totalCount: 0 };
    const [rows, totalCount] = await Promise.all([
      listRowsAt(sort, filter, limit, offset),
      countListed(database, filter, { countMax: totalCountMax, isPriced: false }),
    ]);
    return { ...(await pageOf(rows, filter.currency, undefined)), totalCount };
  }

  /** Undefined: there is no such collection. */
  async function filterOf(query: Omit<ListQuery, 'cursor'>): Promise<ListFilter | undefined> {
    const { collection, vendor, currency = shop.currency, priceMinMinor, priceMaxMinor } = query;
    const collectionId = collection === undefined ? null : await findCollectionId(database, collection);
    if (collectionId === undefined) return undefined;
    return {
      collectionId,
      vendor: vendor ?? null,
      currency,
      priceMinMinor: priceMinMinor ?? null,
      priceMaxMinor: priceMaxMinor ?? null,
    };
  }

  async function listRowsAt(
    sort: Sort,
    filter: ListFilter,
    countMax: number,
    offset: number,
  ): Promise<readonly ListedRow<Key>[]> {
    if (sort === 'newest') return listNewest(database, filter, undefined, countMax, offset);
    if (sort === 'title') return listByTitle(database, filter, undefined, countMax, offset);
    const list = sort === 'price' ? listByPrice : listByPriceDown;
    const priced = await list(database, filter, undefined, countMax, offset);
    if (isRanged(filter) || priced.length === countMax) return priced;
    // Behind the last that has a price: where none is on this page, how many were on those before it must be known.
    const before =
      priced.length > 0 ? offset : await countListed(database, filter, { countMax: offset, isPriced: true });
    return [...priced, ...(await listUnpriced(database, filter, undefined, countMax - priced.length, offset - before))];
  }

  async function listRows(
    sort: Sort,
    filter: ListFilter,
    after: After<Key>,
    countMax: number,
  ): Promise<readonly ListedRow<Key>[]> {
    if (sort === 'newest') return listNewest(database, filter, after as After<null>, countMax);
    if (sort === 'title') return listByTitle(database, filter, after as After<string>, countMax);
    // What has no price in the currency ends the list, in either direction; its rows have no key.
    if (after?.key === null)
      return isRanged(filter) ? [] : listUnpriced(database, filter, after as After<null>, countMax);
    const list = sort === 'price' ? listByPrice : listByPriceDown;
    const priced = await list(database, filter, after as After<number>, countMax);
    if (isRanged(filter) || priced.length === countMax) return priced;
    return [...priced, ...(await listUnpriced(database, filter, undefined, countMax - priced.length))];
  }

  function searchPage(query: SearchQuery): PageRequest {
    const listId = idOf([query.q, query.collection]);
    const cursor = searchCursors.parse(query.cursor);
    if (cursor.kind === 'bad') return { kind: 'refused', reply: cursor.reply };
    if (cursor.kind === 'after' && cursor.after[0] !== listId) return otherList;
    const limit = query.limit ?? defaultLimit;

    const load = async () => {
      const collectionId = query.collection === undefined ? null : await findCollectionId(database, query.collection);
      if (collectionId === undefined) return { items: [] };
      const hits = await findHits(query.q, collectionId);
      const from = cursor.kind === 'after' ? placeBehind(hits, cursor.after) : 0;
      const shown = hits.slice(from, from + limit);
      const last = hits.length > from + limit ? shown.at(-1) : undefined;
      const nextCursor = last && searchCursors.encode([listId, last.tier, last.score, last.productId]);
      return pageOf(shown, shop.currency, nextCursor);
    };
    return { kind: 'valid', load };
  }

  async function pageOf(
    rows: readonly { readonly productId: string }[],
    currency: string,
    nextCursor: string | undefined,
  ): Promise<Page> {
    const productIds = rows.map((row) => row.productId);
    const summaries = productIds.length === 0 ? [] : await loadSummaries(database, productIds, currency);
    const items = summaries.map(summaryView);
    return nextCursor === undefined ? { items } : { items, nextCursor };
  }

  return { listPage, cardPage, searchPage };
}

// What has no price is in no range.
function isRanged({ priceMinMinor, priceMaxMinor }: ListFilter): boolean {
  return priceMinMinor !== null || priceMaxMinor !== null;
}

/** Where the hits go on behind one that may not be among them any more. */
function placeBehind(hits: readonly Hit[], [, tier, score, productId]: [string, number, number, string]): number {
  const last = { tier, score, productId };
  const place = hits.findIndex((hit) => byPlace(hit, last) > 0);
  return place < 0 ? hits.length : place;
}

const otherList: PageRequest = {
  kind: 'refused',
  reply: problem('bad-request', {
    detail: 'The cursor belongs to another list.',
    errors: [{ pointer: '#query/cursor', detail: 'must be sent with the same parameters as the page before' }],
  }),
};

function idOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 11);
}
