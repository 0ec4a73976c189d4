import type { ErrorPage, Site } from '../../platform/api/site.ts';
import type { PagesHost } from '../host.ts';
import { type Locale, locales, localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import { securityHeaders } from '../site/headers.ts';
import { errorText } from './messages.ts';

/**
 * What a visitor is shown where a program would get a problem document. It asks nobody: what failed may be the database. Each
 * is rendered once: under a flood most answers are one of these.
 */
export function createErrorPages(host: PagesHost): Site['errorPage'] {
  const made = new Map<string, ErrorPage>();
  return (request, status, slug) => {
    const locale = localeOf(request.url ?? '/');
    // As few as there are kinds of problems. The shop learns its address, which is on every page, when it listens.
    const canSearch = host.features.isOn('search');
    const key = `${host.ctx.publicUrl()} ${locale} ${status} ${slug} ${canSearch}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const page = errorPage(host, locale, { status, slug, canSearch });
    made.set(key, page);
    return page;
  };
}

function errorPage(
  host: PagesHost,
  locale: Locale,
  { status, slug, canSearch }: { readonly status: number; readonly slug: string; readonly canSearch: boolean },
): ErrorPage {
  const text = errorText(locale);
  const { title, says } = wordsFor(status, slug, text);
  const html = renderDocument(
    host.shellWith(locale, []),
    { title, path: '/', isPrivate: true },
    <section class="message-page">
      <p class="message-page__code">{status}</p>
      <h1>{title}</h1>
      <p class="lead">{says}</p>
      <p class="actions">
        <a class="button" href={localPath(locale, '/')}>
          {text.toHome}
        </a>
        <a class="button button--quiet" href={localPath(locale, canSearch ? '/search' : '/browse')}>
          {canSearch ? text.toSearch : text.toAll}
        </a>
      </p>
    </section>,
  );
  return { headers: securityHeaders, html };
}

function wordsFor(status: number, slug: string, text: ReturnType<typeof errorText>) {
  if (status === 404) return { title: text.notFoundTitle, says: text.notFound };
  if (slug === 'switched-off') return { title: text.restsTitle, says: text.rests };
  if (slug === 'unavailable') return { title: text.awayTitle, says: text.away };
  if (status === 429 || status === 503 || status === 504) return { title: text.busyTitle, says: text.busy };
  if (status >= 500) return { title: text.brokenTitle, says: text.broken };
  return { title: text.refusedTitle, says: text.refused };
}

// Longer than any.
const localeLengthMax = 12;

function localeOf(url: string): Locale {
  const [first = ''] = url.slice(1, 1 + localeLengthMax).split(/[/?]/, 1);
  return locales.find((locale) => locale !== 'en' && locale === first) ?? 'en';
}
