import type { IncomingMessage } from 'node:http';
import type { ErrorPage } from '../../platform/api/site.ts';
import { isUuid } from '../../platform/database/id.ts';
import { locales } from '../locale.ts';
import { securityHeadersWith } from '../site/headers.ts';
import { ownPath } from '../site/own-path.ts';
import { splitQuery } from '../site/split-query.ts';
import type { RoomPages } from './room-page.ts';

const retryS = 5;

/**
 * What who waits is shown where the shop turned him away or fell over before it came to his page: the page that goes on asking.
 * His ticket is in its cookie. Undefined for every other address, and for what waiting does not mend.
 */
export function roomErrorPage(
  pages: RoomPages,
  { url = '/' }: Pick<IncomingMessage, 'url'>,
  status: number,
  nowMs: number,
): ErrorPage | undefined {
  const [path, query] = splitQuery(url);
  const [, prefix, roomId = ''] = /^(?:\/([a-z]+))?\/waiting-room\/([\w-]+)$/.exec(path) ?? [];
  const locale = locales.find((each) => each === (prefix ?? 'en'));
  if (locale === undefined || !isUuid(roomId) || (status !== 429 && status < 500)) return undefined;
  const to = ownPath(new URLSearchParams(query).get('to')) ?? path;
  const view = { kind: 'busy' } as const;
  const page = { roomId, roomName: undefined, view, to, salePath: undefined, nowMs, pollAfterS: retryS };
  return { headers: securityHeadersWith(pages.contentSecurityPolicy), html: pages.render(locale, page) };
}
