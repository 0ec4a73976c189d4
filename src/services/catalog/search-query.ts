import { codeKey, type Term, terms } from './search-text.ts';
import type { WordsQuery } from './store-search.ts';

/** What somebody typed, understood. */
export interface SearchQuery {
  /** The same for all that is understood alike. */
  readonly key: string;
  /** As a SKU or barcode. */
  readonly code: string;
  readonly terms: readonly Term[];
}

// Who types more words than this has pasted a text.
const termsMax = 12;

// Words that say nothing, unless nothing else is said.
const emptyWords = new Set(
  'a an and are as at by for from in is it my of on or our the to with your without'.split(' '),
);

export function parseSearch(text: string): SearchQuery {
  const all = new Map(terms(text).map((term) => [keyOf(term), term]));
  const telling = [...all].filter(([key]) => !emptyWords.has(key));
  const used = (telling.length > 0 ? telling : [...all]).slice(0, termsMax);
  const code = codeKey(text);
  // The code is made of all that was typed: `a-b` and `a b` are the same words, and one code.
  return { key: `${code} ${used.map(([key]) => key).join(' ')}`, code, terms: used.map(([, term]) => term) };
}

function keyOf({ alternatives }: Term): string {
  return alternatives.map((alternative) => alternative.join('+')).join('|');
}

/** Finds the SKU or barcode as a whole. Undefined where nothing was typed that could be one. */
export function codeMarksQuery({ code }: SearchQuery): string | undefined {
  return code === '' ? undefined : quoted(`#${code}`);
}

/** All words in title or vendor; the last may be unfinished. */
export function titleMarksQuery({ terms }: Pick<SearchQuery, 'terms'>): string {
  return allOf(terms, '=', true);
}

/** All words anywhere; the last may be unfinished. */
export function wordsQuery({ terms }: Pick<SearchQuery, 'terms'>): WordsQuery {
  const finished = terms.slice(0, -1);
  return {
    words: allOf(terms, '', true),
    finished: finished.length === 0 ? null : allOf(finished, '', false),
    unfinishedMarks: allOf(terms.slice(-1), '=', true),
  };
}

/** All words, two neighbours of them written together: `tea pot` is `teapot`. Undefined where no two could be. */
export function joinedQuery({ terms }: Pick<SearchQuery, 'terms'>): WordsQuery | undefined {
  const joined = terms.slice(1).flatMap((second, index) => {
    const word = joinedWord(terms[index], second);
    if (word === undefined) return [];
    return [`(${allOf(terms.toSpliced(index, 2, { alternatives: [[word]] }), '', true)})`];
  });
  return joined.length === 0 ? undefined : { words: joined.join(' | '), finished: null, unfinishedMarks: null };
}

/** Words of letters with spaces between them: others are cut where they may be cut anyhow. */
function joinedWord(first: Term | undefined, second: Term): string | undefined {
  const parts = [first, second].map((term) => (term?.alternatives.length === 1 ? term.alternatives[0] : undefined));
  const isPlain = parts.every((part) => part?.length === 1 && spacedWord.test(part[0] ?? ''));
  return isPlain ? parts.flat().join('') : undefined;
}

const spacedWord = /^[a-z\u00df-\u052f]{2,30}$/;

/** All words but one, whichever; of two words, either. Undefined where that would say nothing. */
export function allButOneQuery({ terms }: Pick<SearchQuery, 'terms'>): WordsQuery | undefined {
  if (terms.length < 2) return undefined;
  const lacking = terms.map((left) => terms.filter((term) => term !== left));
  const words = lacking.map((some) => `(${allOf(some, '', false)})`).join(' | ');
  return { words, finished: null, unfinishedMarks: null };
}

/** Any of the words anywhere. */
export function anyWordQuery({ terms }: Pick<SearchQuery, 'terms'>): WordsQuery {
  const words = terms.map((term) => anyOf(term, '', false)).join(' | ');
  return { words, finished: null, unfinishedMarks: null };
}

function allOf(terms: readonly Term[], prefix: string, isLastUnfinished: boolean): string {
  return terms.map((term, index) => anyOf(term, prefix, isLastUnfinished && index === terms.length - 1)).join(' & ');
}

function anyOf({ alternatives }: Term, prefix: string, isUnfinished: boolean): string {
  const each = alternatives.map((words) =>
    words
      .map((word, index) => {
        // One letter begins too many words to be of use.
        const isOpen = isUnfinished && index === words.length - 1 && (word.length > 1 || word > '\u024f');
        return `${quoted(`${prefix}${word}`)}${isOpen ? ':*' : ''}`;
      })
      .join(' & '),
  );
  return `(${each.map((one) => `(${one})`).join(' | ')})`;
}

// Terms hold letters, digits, marks and full stops only, so that there is nothing to escape.
function quoted(word: string): string {
  return `'${word}'`;
}

/** How well a product fits whose title has all the words, by the language in which it fits best. */
export function titleScore(
  query: Pick<SearchQuery, 'terms'>,
  title: { readonly titleKey: string; readonly translatedTitleKeys: readonly string[]; readonly isPriced: boolean },
): number {
  const scores = [title.titleKey, ...title.translatedTitleKeys].map((titleKey) => fitOf(query.terms, titleKey));
  return Math.max(...scores) + (title.isPriced ? 0.1 : 0);
}

/** Titles that are little else than what was typed, and begin with it, fit best. */
function fitOf(typed: readonly Term[], titleKey: string): number {
  const titleTerms = terms(titleKey);
  const titleWords = titleTerms.flatMap(({ alternatives }) => alternatives.flat());
  const has = new Set(titleWords);
  const wholeCount = typed.filter(({ alternatives }) =>
    alternatives.some((words) => words.every((word) => has.has(word))),
  ).length;
  const whole = wholeCount / typed.length;
  const covered = lengthOf(typed) / Math.max(lengthOf(typed), lengthOf(titleTerms));
  const begins = typed[0]?.alternatives.some((words) => words[0] === titleWords[0]) ? 0.25 : 0;
  return 2 * whole + covered + begins;
}

/** In words; of scripts without spaces, in pairs of characters. */
function lengthOf(some: readonly Term[]): number {
  return some.reduce((sum, { alternatives }) => sum + (alternatives[0]?.length ?? 0), 0);
}
