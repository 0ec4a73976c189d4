import { isProblem } from '../../platform/api/problem.ts';
import { Refusal } from '../../platform/api/refusal.ts';
import { refuseWhileOff } from '../../platform/api/switched-off.ts';
import type { Pulse } from '../../services/pulse/api.ts';
import { createWallFormat } from '../browser/wall/format.ts';
import { type WallText, wallTexts } from '../browser/wall/text.ts';
import type { PagesHost } from '../host.ts';
import { languageTags, localPath } from '../locale.ts';
import { type Head, renderDocument } from '../shell/document.tsx';
import type { PageReply, PageRequest, PageRoute } from '../site/page-request.ts';
import { WallView } from './wall-view.tsx';

const refreshS = 5;

/** The big screen of the night. The server writes the figures of this second into it; its script keeps them going. */
export function createWallRoute(host: PagesHost): PageRoute {
  return {
    method: 'GET',
    path: '/wall',
    importance: 'deferrable',
    async handle(request) {
      const { locale, query, call } = request;
      const rests = refuseWhileOff(host.features, 'wall');
      if (rests !== undefined) throw new Refusal(rests);
      const key = query.get('key') ?? undefined;
      const reply = await host.peers.pulse.getPulse(
        {},
        { ...callOf(call), ...(key !== undefined && { credential: key }) },
      );
      const text = wallTexts[locale];
      if (isProblem(reply)) return refused(host, request, text);
      return page(host, request, reply.body);
    },
  };
}

function page(host: PagesHost, { locale, query }: PageRequest, pulse: Pulse): PageReply {
  const text = wallTexts[locale];
  const shell = host.shellWith(locale, []);
  const other = locale === 'en' ? 'zh' : 'en';
  const search = query.size > 0 ? `?${query}` : '';
  const body = (
    <WallView
      shopName={shell.shopName}
      locale={locale}
      text={text}
      // The server does not know where the wall hangs; the script does, and says the viewer's time.
      format={createWallFormat(languageTags[locale], 'UTC')}
      pulse={pulse}
      apiKey={query.get('key') ?? undefined}
      otherLanguage={{ tag: languageTags[other], href: `${localPath(other, '/wall')}${search}` }}
    />
  );
  return { kind: 'page', status: 200, html: renderDocument(shell, { ...headOf(text), refreshS }, body) };
}

function refused(host: PagesHost, { locale }: PageRequest, text: WallText): PageReply {
  const body = (
    <main class="wall-refused" id="main">
      <h1>{text.refusedTitle}</h1>
      <p>{text.refused}</p>
      <form method="get" action={localPath(locale, '/wall')}>
        <label for="key">{text.key}</label>
        <input id="key" name="key" type="password" autocomplete="off" required maxLength={200} />
        <button type="submit">{text.open}</button>
      </form>
    </main>
  );
  return { kind: 'page', status: 401, html: renderDocument(host.shellWith(locale, []), headOf(text), body) };
}

function headOf(text: WallText): Head {
  return { title: text.title, path: '/wall', isPrivate: true, isBare: true, entry: 'wall' };
}

function callOf({ requestId, deadlineAtMs }: PageRequest['call']) {
  return { requestId, deadlineAtMs };
}
