import { languageNames, languageTags, locales, localPath } from '../locale.ts';
import { CartIcon, Mark, SearchIcon } from './icons.tsx';
import { shellText } from './messages.ts';
import type { Shell } from './shell.ts';

export function Header({ shell, path, query }: { shell: Shell; path: string; query: string }) {
  const { locale, navigation, shopName } = shell;
  const text = shellText(locale);
  const to = (each: string) => localPath(locale, each);
  return (
    <header class="site-header">
      <div class="site-header__bar">
        <a class="brand" href={to('/')} aria-label={text.home(shopName)}>
          <Mark />
          <span class="brand__name">{shopName}</span>
        </a>
        <search-box class="site-search" data-suggest={to('/search/suggestions')}>
          <search>
            <form action={to('/search')}>
              <label class="visually-hidden" for="q">
                {text.search}
              </label>
              <input
                id="q"
                name="q"
                type="search"
                maxlength={200}
                autocomplete="off"
                placeholder={text.searchPlaceholder}
                required
              />
              <button type="submit" aria-label={text.searchSubmit}>
                <SearchIcon />
              </button>
            </form>
          </search>
        </search-box>
        <nav class="site-tools" aria-label={text.account}>
          {locales
            .filter((each) => each !== locale)
            .map((each) => (
              <a
                key={each}
                href={localPath(each, path) + query}
                lang={languageTags[each]}
                hreflang={languageTags[each]}
              >
                {languageNames[each]}
              </a>
            ))}
          <a href={to('/account')}>{text.account}</a>
          <a class="cart-link" href={to('/cart')}>
            <CartIcon />
            <span>{text.cart}</span>
            <cart-count class="cart-link__count" hidden />
          </a>
        </nav>
      </div>
      <nav class="site-nav" aria-label={text.menu}>
        <ul>
          {navigation.map((item) => (
            <li key={item.path}>
              <a
                href={to(`/collections/${item.path}`)}
                aria-current={path === `/collections/${item.path}` ? 'page' : undefined}
              >
                {item.title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}
