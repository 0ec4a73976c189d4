import { languageNames, languageTags, locales, localPath } from '../locale.ts';
import { shellText } from './messages.ts';
import type { Shell } from './shell.ts';

export function Footer({ shell, path, query }: { shell: Shell; path: string; query: string }) {
  const { locale, navigation, shopName } = shell;
  const text = shellText(locale);
  const to = (each: string) => localPath(locale, each);
  return (
    <footer class="site-footer">
      <div class="site-footer__inner">
        <p class="site-footer__promise">{text.proof}</p>
        <nav aria-label={text.everything}>
          <ul>
            {navigation.map((item) => (
              <li key={item.path}>
                <a href={to(`/collections/${item.path}`)}>{item.title}</a>
              </li>
            ))}
          </ul>
        </nav>
        <nav aria-label={text.help}>
          <ul>
            <li>
              <a href={to('/sales')}>{text.sale}</a>
            </li>
            <li>
              <a href={to('/account')}>{text.account}</a>
            </li>
            <li>
              <a href={to('/new.rss')}>{text.newProducts}</a>
            </li>
            <li>
              <a href="/docs/">{text.apiDocs}</a>
            </li>
          </ul>
        </nav>
        <nav aria-label={text.language}>
          <ul>
            {locales.map((each) => (
              <li key={each}>
                <a
                  href={localPath(each, path) + query}
                  lang={languageTags[each]}
                  hreflang={languageTags[each]}
                  aria-current={each === locale ? 'true' : undefined}
                >
                  {languageNames[each]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <p class="site-footer__small">
          {text.privacy} {shopName}. {text.poweredBy}.
        </p>
      </div>
    </footer>
  );
}
