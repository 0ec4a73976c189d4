import { isProblem, type ProblemReply } from '../../platform/api/problem.ts';
import { refuse } from '../../platform/api/refusal.ts';
import type { ProductSummary } from '../../services/catalog/api.ts';
import { CardGrid } from '../card/card.tsx';
import { challengePage, isChallenge, solutionOf, withSolution } from '../challenge/challenge-page.tsx';
import type { PagesHost } from '../host.ts';
import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import type { Shell } from '../shell/shell.ts';
import type { PageReply, PageRequest, PageRoute } from '../site/page-request.ts';
import { tags } from '../static/tags.ts';
import { pageSize } from './filter.ts';
import { listText } from './messages.ts';

type Results =
  | { readonly kind: 'nothing-asked' }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'switched-off' }
  | { readonly kind: 'work'; readonly reply: ProblemReply }
  | { readonly kind: 'found'; readonly products: readonly ProductSummary[]; readonly nextCursor: string | undefined };

const wordsMax = 200;
const workCookie = 'work';
/** As long as a solution is good. */
const solutionKeptS = 600;

/** What the shop has for some words. Any words: they are data on the way in and text on the way out. */
export function createSearchRoute(host: PagesHost): PageRoute {
  async function find(request: PageRequest, words: string, cursor: string | null): Promise<Results> {
    if (words === '') return { kind: 'nothing-asked' };
    if (words.length > wordsMax) return { kind: 'too-long' };
    if (!host.features.isOn('search')) return { kind: 'switched-off' };
    const query = { q: words, limit: pageSize, ...(cursor !== null && { cursor: cursor.slice(0, 2000) }) };
    const solution = solutionOf(request) ?? request.cookies.get(workCookie);
    const reply = await host.peers.catalog.search({ query }, withSolution(request.call, solution));
    if (isProblem(reply) && isChallenge(reply)) return { kind: 'work', reply };
    // Only a cursor that is not ours is refused: that link is broken, the words are not.
    if (isProblem(reply)) throw refuse('bad-request', { detail: 'This link is not whole. Search again.' });
    const products = await host.mediaSizes.fill(reply.body.items);
    return { kind: 'found', products, nextCursor: reply.body.nextCursor };
  }

  return {
    method: 'GET',
    path: '/search',
    importance: 'deferrable',
    costUnits: 6,
    async handle(request: PageRequest): Promise<PageReply> {
      const { locale, query } = request;
      const words = searchable(query.get('q') ?? '');
      const cursor = query.get('after');
      const [shell, results] = await Promise.all([host.shell(locale), find(request, words, cursor)]);
      const fields = { q: words, ...(cursor !== null && { after: cursor }) };
      if (results.kind === 'work') {
        const resend = { method: 'get' as const, path: '/search', fields };
        return challengePage(host, request, { purpose: 'search', reply: results.reply, resend });
      }
      // The solution is no part of the address that somebody copies.
      const solution = solutionOf(request);
      if (solution !== undefined) return keepWork(request, solution, fields);
      const text = listText(locale);
      const title = words === '' ? text.search : text.searchFor(words.slice(0, 60));
      const html = renderDocument(
        shell,
        {
          title,
          path: '/search',
          query: words === '' ? '' : `?${new URLSearchParams({ q: words.slice(0, wordsMax) })}`,
          isPrivate: true,
        },
        <SearchView shell={shell} words={words} results={results} />,
      );
      if (results.kind === 'switched-off') {
        return { kind: 'page', status: 503, html, retryAfterS: host.features.retryAfterS('search') };
      }
      const status = results.kind === 'too-long' ? 400 : 200;
      return {
        kind: 'page',
        status,
        html,
        cacheControl: 'public, max-age=5, stale-while-revalidate=30',
        tags: [tags.products, tags.navigation, tags.searches],
      };
    },
  };
}

/** Who has worked goes on searching without. */
function keepWork({ locale }: PageRequest, solution: string, fields: Record<string, string>): PageReply {
  const to = `${localPath(locale, '/search')}?${new URLSearchParams(fields)}`;
  // A cookie takes no more, and Base64 is all that a solution has; anything else is of no use.
  const isKept = /^[\w+/=.-]{1,3000}$/.test(solution);
  const cookies = isKept ? [{ name: workCookie, value: solution, maxAgeS: solutionKeptS }] : [];
  return { kind: 'redirect', to, cookies };
}

/** Without what no text can hold: NUL and halves of characters. */
function searchable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().trim();
}

function SearchView({ shell, words, results }: { shell: Shell; words: string; results: Results }) {
  const text = listText(shell.locale);
  const to = (path: string) => localPath(shell.locale, path);
  return (
    <div class="wrap list">
      <header class="list__head">
        <div>
          <h1>
            {results.kind === 'found' ? (
              <>
                <span class="list__over">{text.resultsFor}</span> {words}
              </>
            ) : (
              text.search
            )}
          </h1>
        </div>
      </header>
      <search class="list__search">
        <form action={to('/search')}>
          <label class="visually-hidden" for="words">
            {text.search}
          </label>
          <input
            class="input"
            id="words"
            name="q"
            type="search"
            value={words.slice(0, wordsMax)}
            maxlength={wordsMax}
            required
          />
          <button class="button" type="submit">
            {text.search}
          </button>
        </form>
      </search>
      {results.kind === 'nothing-asked' && <p class="lead">{text.searchHint}</p>}
      {results.kind === 'too-long' && <p class="notice notice--bad">{text.tooLong}</p>}
      {results.kind === 'switched-off' && (
        <div class="notice">
          <p class="notice__title">{text.searchRests}</p>
          <p>{text.searchRestsHint}</p>
          <p>
            <a href={to('/browse')}>{text.browseAll}</a>
          </p>
        </div>
      )}
      {results.kind === 'found' && results.products.length === 0 && (
        <div class="notice">
          <p class="notice__title">{text.noResults(words)}</p>
          <p>{text.noResultsHint}</p>
          <p>
            <a href={to('/browse')}>{text.browseAll}</a>
          </p>
        </div>
      )}
      {results.kind === 'found' && results.products.length > 0 && (
        <>
          <CardGrid shell={shell} products={results.products} firstCount={4} />
          {results.nextCursor !== undefined && (
            <nav class="pages" aria-label={text.pages}>
              <a
                class="button button--quiet"
                rel="next"
                href={`${to('/search')}?${new URLSearchParams({ q: words, after: results.nextCursor })}`}
              >
                {text.more}
              </a>
            </nav>
          )}
        </>
      )}
    </div>
  );
}
