import type { PagesHost } from '../host.ts';
import { defineText } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import { definePageKind, type PageKind } from '../static/page-kind.ts';

const offlineText = defineText({
  en: {
    title: 'No connection',
    says: 'The shop cannot be reached from here just now. Your cart and your orders are kept by the shop, not by this device: nothing is lost.',
    retry: 'Try again',
  },
  zh: {
    title: '没有网络连接',
    says: '现在连接不到商店。您的购物车和订单都保存在商店里，而不在这台设备上，什么都不会丢。',
    retry: '重试',
  },
});

/** What the service worker shows where there is no network. Kept by browsers, so it shows nothing that changes. */
export function createOfflinePage(host: PagesHost): PageKind {
  return definePageKind<null>({
    name: 'offline',
    path: '/offline',
    maxAgeS: 3600,
    staleWhileRevalidateS: 86_400,
    async load(wanted) {
      return wanted.map(() => ({ data: null, tags: [] }));
    },
    render(_, locale) {
      const text = offlineText(locale);
      return renderDocument(
        host.shellWith(locale, []),
        { title: text.title, path: '/offline', isPrivate: true },
        <section class="message-page">
          <h1>{text.title}</h1>
          <p class="lead">{text.says}</p>
          {/* A form without an address asks for the page that could not be shown. */}
          <form class="actions">
            <button class="button" type="submit">
              {text.retry}
            </button>
          </form>
        </section>,
      );
    },
    async *all() {
      yield [{}];
    },
  });
}
