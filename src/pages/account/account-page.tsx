import type { PagesHost } from '../host.ts';
import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import { definePageKind, type PageKind } from '../static/page-kind.ts';
import { tags } from '../static/tags.ts';
import { accountText } from './messages.ts';

/** What stands where signing in will be. The same for everyone, so it is kept. */
export function createAccountPage(host: PagesHost): PageKind {
  return definePageKind({
    name: 'account',
    path: '/account',
    maxAgeS: 60,
    staleWhileRevalidateS: 600,
    async load(wanted) {
      const collections = await host.reads.collections();
      const loaded = { data: { collections }, tags: [tags.navigation] };
      return wanted.map(() => loaded);
    },
    render({ collections }, locale) {
      const text = accountText(locale);
      return renderDocument(
        host.shellWith(locale, collections),
        { title: text.title, path: '/account', isPrivate: true },
        <section class="message-page account">
          <h1>{text.heading}</h1>
          <p class="lead">{text.lead}</p>
          <div class="prose account__find">
            <h2>{text.findTitle}</h2>
            <p>{text.find}</p>
            <p>
              <a href={localPath(locale, '/orders')}>{text.toOrders}</a>
            </p>
            <p class="soft">{text.why}</p>
          </div>
          <p class="actions">
            <a class="button" href={localPath(locale, '/cart')}>
              {text.toCart}
            </a>
            <a class="button button--quiet" href={localPath(locale, '/')}>
              {text.toShop}
            </a>
          </p>
        </section>,
      );
    },
    async *all() {
      yield [{}];
    },
  });
}
