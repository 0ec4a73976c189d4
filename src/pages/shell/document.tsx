import type { ComponentChildren, VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { previewUrl } from '../../services/media/picture.ts';
import { absoluteUrl } from '../absolute-url.ts';
import type { EntryName } from '../assets/assets.ts';
import { languageTags, locales, localPath, openGraphLocales } from '../locale.ts';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { shellText } from './messages.ts';
import type { Shell } from './shell.ts';

/** What the head of one page says. */
export interface Head {
  readonly title: string;
  readonly description?: string;
  /** The page's own path without locale, for its canonical address and its other languages. */
  readonly path: string;
  /** What follows the path in the links to its other languages, `?` included: the same search, the same order. */
  readonly query?: string;
  /** Search engines are to leave it: it is one visitor's, or one of many views of a list. */
  readonly isPrivate?: true;
  /** Of this page, for who shares its link: the URL of a picture as the catalogue has it. */
  readonly image?: string;
  /** Schema.org, as JSON-LD. */
  readonly structuredData?: readonly object[];
  readonly entry?: EntryName;
  /** Without scripts the page is loaded again after this long: it waits for something. */
  readonly refreshS?: number;
  /** Then another address is loaded: a path of the shop. */
  readonly refreshTo?: string;
  /** The page stands alone, without header and footer. */
  readonly isBare?: true;
}

/** A whole page as HTML. */
export function renderDocument(shell: Shell, head: Head, body: ComponentChildren): string {
  return `<!doctype html>${render(<Document shell={shell} head={head} body={body} />)}`;
}

function Document({ shell, head, body }: { shell: Shell; head: Head; body: ComponentChildren }): VNode {
  const { assets, locale, publicUrl, shopName } = shell;
  const text = shellText(locale);
  const entry = assets.entry(head.entry ?? 'storefront');
  const title = head.title === shopName ? shopName : `${head.title} · ${shopName}`;
  const image = head.image === undefined ? undefined : absoluteUrl(previewUrl(head.image), publicUrl);
  const address = (each: typeof locale) => `${publicUrl}${localPath(each, head.path)}`;
  return (
    <html lang={languageTags[locale]}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        {head.description && <meta name="description" content={head.description} />}
        {entry.fonts.map((href) => (
          <link key={href} rel="preload" href={href} as="font" type="font/woff2" crossorigin="anonymous" />
        ))}
        {entry.styles.map((href) => (
          <link key={href} rel="stylesheet" href={href} />
        ))}
        <script type="module" src={entry.script} />
        {head.isPrivate ? (
          <meta name="robots" content="noindex" />
        ) : (
          <Addresses canonical={address(locale)} address={address} />
        )}
        <meta property="og:site_name" content={shopName} />
        <meta property="og:title" content={head.title} />
        {head.description && <meta property="og:description" content={head.description} />}
        <meta property="og:type" content="website" />
        <meta property="og:locale" content={openGraphLocales[locale]} />
        {!head.isPrivate && <meta property="og:url" content={address(locale)} />}
        {image !== undefined && <meta property="og:image" content={image} />}
        <meta name="twitter:card" content={image === undefined ? 'summary' : 'summary_large_image'} />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="manifest" href={localPath(locale, '/site.webmanifest')} />
        <link
          rel="alternate"
          type="application/rss+xml"
          title={text.newProducts}
          href={localPath(locale, '/new.rss')}
        />
        {head.refreshS !== undefined && (
          <noscript>
            <meta
              http-equiv="refresh"
              content={head.refreshTo === undefined ? String(head.refreshS) : `${head.refreshS}; url=${head.refreshTo}`}
            />
          </noscript>
        )}
        {head.structuredData?.map((data, index) => (
          <script key={index} type="application/ld+json" dangerouslySetInnerHTML={{ __html: jsonForHtml(data) }} />
        ))}
      </head>
      <body>
        {head.isBare ? (
          body
        ) : (
          <>
            <a class="skip" href="#main">
              {text.skip}
            </a>
            <Header shell={shell} path={head.path} query={head.query ?? ''} />
            <main id="main" tabindex={-1}>
              {body}
            </main>
            <Footer shell={shell} path={head.path} query={head.query ?? ''} />
          </>
        )}
      </body>
    </html>
  );
}

function Addresses({
  canonical,
  address,
}: {
  canonical: string;
  address: (locale: (typeof locales)[number]) => string;
}) {
  return (
    <>
      <link rel="canonical" href={canonical} />
      {locales.map((each) => (
        <link key={each} rel="alternate" hreflang={languageTags[each]} href={address(each)} />
      ))}
      <link rel="alternate" hreflang="x-default" href={address('en')} />
    </>
  );
}

/** JSON inside an element: `<` could begin `</script>` or a comment. */
function jsonForHtml(data: object): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}
