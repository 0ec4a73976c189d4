import type { Queryable } from '../../platform/database/sql.ts';
import {
  allButOneQuery,
  anyWordQuery,
  codeMarksQuery,
  joinedQuery,
  parseSearch,
  type SearchQuery,
  titleMarksQuery,
  titleScore,
  wordsQuery,
} from './search-query.ts';
import type { Term } from './search-text.ts';
import { candidatesFor, choose, errorsAllowed, isDoubtful, neighbours } from './spelling.ts';
import { countProductsWith, findByMarks, findByWords, findSimilarWords } from './store-search.ts';

/** A found product and its place: tiers one after the other, in each the higher score first. */
export interface Hit {
  readonly productId: string;
  readonly tier: number;
  readonly score: number;
}

// Nobody leafs through more; who wants all of something has lists and filters.
const hitsMax = 300;
// Of the products that fit equally well by what an index knows, so many are looked at closely.
const candidatesMax = 1000;
// A word that stands in so many products is common.
const countedMax = 200;
// With fewer hits than this, what was typed may be misspelt.
const hitsWanted = 6;

/**
 * The products that a text finds, best first, in tiers: (0) its SKU or barcode is that, (1) title and vendor have all the
 * words, (2) all the words stand somewhere, (3) so do words that the typed ones may have been meant for: another spelling,
 * two written together, (4) all the words but one do, (5) at least one does. Later tiers are tried only where earlier ones leave room for doubt.
 */
export async function findHits(on: Queryable, text: string, collectionId: string | null): Promise<Hit[]> {
  const query = parseSearch(text);
  if (query.terms.length === 0) return [];
  const [coded, titled] = await Promise.all([byCode(on, query, collectionId), byTitle(on, query, collectionId)]);
  const hits = merged([...coded, ...titled]);
  if (hits.length < hitsMax) hits.push(...(await byWords(on, wordsQuery(query), collectionId, 2)));
  if (merged(hits).length < hitsWanted) {
    const joined = joinedQuery(query);
    const [corrected, together] = await Promise.all([
      correct(on, query),
      joined === undefined ? [] : byWords(on, joined, collectionId, 3),
    ]);
    hits.push(...together);
    if (corrected !== undefined) hits.push(...(await byWords(on, wordsQuery(corrected), collectionId, 3)));
    if (hits.length === 0) hits.push(...(await bySomeWords(on, corrected ?? query, collectionId)));
  }
  return merged(hits).slice(0, hitsMax);
}

async function byCode(on: Queryable, query: SearchQuery, collectionId: string | null): Promise<Hit[]> {
  const marks = codeMarksQuery(query);
  if (marks === undefined) return [];
  const rows = await findByMarks(on, marks, collectionId, hitsMax);
  return rows.map((row) => ({ productId: row.productId, tier: 0, score: titleScore(query, row) }));
}

async function byTitle(on: Queryable, query: SearchQuery, collectionId: string | null): Promise<Hit[]> {
  const rows = await findByMarks(on, titleMarksQuery(query), collectionId, candidatesMax);
  return rows.map((row) => ({ productId: row.productId, tier: 1, score: titleScore(query, row) }));
}

async function byWords(
  on: Queryable,
  query: ReturnType<typeof wordsQuery>,
  collectionId: string | null,
  tier: number,
): Promise<Hit[]> {
  const rows = await findByWords(on, query, collectionId, candidatesMax);
  return rows.map((row) => ({ productId: row.productId, tier, score: row.rank }));
}

async function bySomeWords(
  on: Queryable,
  query: { terms: readonly Term[] },
  collectionId: string | null,
): Promise<Hit[]> {
  const allButOne = allButOneQuery(query);
  if (allButOne === undefined) return [];
  const hits = await byWords(on, allButOne, collectionId, 4);
  return hits.length >= hitsWanted ? hits : [...hits, ...(await byWords(on, anyWordQuery(query), collectionId, 5))];
}

/** The query with each word or what it may have been meant for; undefined where there is no such word. */
async function correct(on: Queryable, query: SearchQuery): Promise<{ terms: Term[] } | undefined> {
  const typed = [...new Set(query.terms.flatMap((term) => correctable(term) ?? []))];
  if (typed.length === 0) return undefined;
  const similar = await findSimilarWords(on, typed, typed.flatMap(neighbours));
  const candidates = new Map(typed.map((word) => [word, candidatesFor(word, similar)]));
  const words = [...candidates.values()].flatMap((some) => some.map(({ word }) => word));
  if (words.length === 0) return undefined;
  const productCounts = await countProductsWith(on, [...new Set([...typed, ...words])], countedMax);
  const doubted = new Set(typed.filter((word) => isDoubtful(word, candidates.get(word) ?? [], productCounts)));
  if (doubted.size === 0) return undefined;
  const terms = query.terms.map((term): Term => {
    const word = correctable(term);
    if (word === undefined || !doubted.has(word)) return term;
    const meant = choose(word, candidates.get(word) ?? [], productCounts);
    return { alternatives: [...term.alternatives, ...meant.map((one) => [one])] };
  });
  return { terms };
}

function correctable({ alternatives }: Term): string | undefined {
  const [word] = alternatives[0] ?? [];
  return alternatives[0]?.length === 1 && word !== undefined && errorsAllowed(word) > 0 ? word : undefined;
}

/** Each product once, at its best place. */
function merged(hits: readonly Hit[]): Hit[] {
  const best = new Map<string, Hit>();
  for (const hit of [...hits].sort(byPlace)) if (!best.has(hit.productId)) best.set(hit.productId, hit);
  return [...best.values()];
}

/** A total order, so that a page can go on behind a hit even when others have come or gone. */
export function byPlace(one: Hit, other: Hit): number {
  return one.tier - other.tier || other.score - one.score || (one.productId < other.productId ? 1 : -1);
}
