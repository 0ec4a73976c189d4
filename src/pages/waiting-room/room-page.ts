import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Assets } from '../assets/assets.ts';
import { createFormat, type Format } from '../format.ts';
import { type Locale, languageNames, languageTags, locales, localPath, splitPath } from '../locale.ts';
import { clockParts, shownUnits } from '../sale/clock.ts';
import { type RoomText, roomText } from './messages.ts';
import { newsOf, titleOf } from './news.ts';
import { leavePath, waitingRoomPath } from './room-path.ts';
import { buoyAt, type RoomView } from './room-view.ts';
import { keptWords } from './wait-words.ts';

export interface RoomPage {
  readonly roomId: string;
  /** Undefined where the room cannot be read now. */
  readonly roomName: string | undefined;
  readonly view: RoomView;
  /** Where the visitor wants to go: a path of this site. */
  readonly to: string;
  /** Where there is something to look at when there is nothing to wait for. */
  readonly salePath: string | undefined;
  readonly nowMs: number;
  readonly pollAfterS: number;
}

export interface RoomPages {
  render(locale: Locale, page: RoomPage): string;
  format(locale: Locale): Format;
  /** Of these pages alone: their style and script stand in them, and are known by their hashes. */
  readonly contentSecurityPolicy: string;
}

const bird = 'M2 15c8-2 14 0 19 6 2-8 8-13 18-16-5 5-8 10-9 16l9 3-10 2c-2 4-6 6-11 6l5-4c-3-1-5-3-6-5-4-5-9-7-15-8z';
const water = 'M4 39c5-3 9-3 13 0s9 3 13 0 9-3 14 0';
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><path fill="#d9541e" d="${bird}"/><path fill="none" stroke="#5b8fa3" stroke-width="4" d="${water}"/></svg>`;

/**
 * The page of the waiting room, whole in one answer of at most 10 KB: who has come in a crowd is asked for one request. Its
 * frame is made once for each language; what is one visitor's is put between.
 */
export function createRoomPages(given: { readonly assets: Assets; readonly shopName: string }): RoomPages {
  const { assets, shopName } = given;
  const { script, styles } = assets.entry('waiting-room');
  const js = textOf(assets, script).trim();
  const css = styles.map((url) => textOf(assets, url).trim()).join('');
  assert(!/<\/(script|style)/i.test(js + css), 'what is put into the page does not end its own element');
  const formats = new Map(locales.map((locale) => [locale, createFormat(locale)]));
  const formatOf = (locale: Locale) => formats.get(locale) as Format;

  function frame(locale: Locale) {
    const text = roomText(locale);
    const home = localPath(locale, '/');
    const iconUrl = `data:image/svg+xml,${icon.replaceAll('#', '%23').replaceAll('"', "'")}`;
    return {
      head: `<!doctype html><html lang="${languageTags[locale]}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><link rel="icon" href="${iconUrl}"><style>${css}</style>`,
      header: `<header><a href="${home}" aria-label="${html(text.home(shopName))}"><svg viewBox="0 0 48 48" width="40" height="40" aria-hidden="true"><path d="${bird}"/><path d="${water}"/></svg>${html(shopName)}</a>`,
      footer: `</main><p id="said" class="vh" role="status"></p><footer class="small"><p>${html(text.promise)}</p></footer><script type="module">${js}</script></body></html>`,
    };
  }

  const frames = new Map(locales.map((locale) => [locale, frame(locale)]));

  function render(locale: Locale, page: RoomPage): string {
    const { head, header, footer } = frames.get(locale) as ReturnType<typeof frame>;
    const { view, roomId, roomName, to, nowMs, pollAfterS } = page;
    const text = roomText(locale);
    const format = formatOf(locale);
    const news = newsOf({ view, text, format, nowMs, pollAfterS });
    const refreshS = refreshOf(page);
    const isPassing = view.kind === 'off' || view.kind === 'entering';
    const onward = onwardOf(locale, page);
    const refresh =
      refreshS === undefined
        ? ''
        : `<noscript><meta http-equiv="refresh" content="${refreshS}${onward === undefined ? '' : `;url=${html(onward)}`}"></noscript>`;
    const data = [
      `data-view="${view.kind}"`,
      `data-now="${nowMs}"`,
      ...(isPassing && onward !== undefined
        ? [`data-go="${html(onward)}"`]
        : refreshS === undefined
          ? []
          : [`data-poll="${pollAfterS}"`]),
      ...(view.kind === 'before' && view.opensAtMs !== undefined ? [`data-at="${view.opensAtMs}"`] : []),
    ].join(' ');
    const others = locales
      .filter((each) => each !== locale)
      .map((each) => {
        // Who changes the language here goes on in it when he is let in.
        const href = localPath(each, waitingRoomPath(roomId, localPath(each, splitPath(to).bare)));
        return `<a href="${html(href)}" lang="${languageTags[each]}" hreflang="${languageTags[each]}">${languageNames[each]}</a>`;
      });
    const main = [
      `<div>${roomName === undefined ? '' : `<p class="room">${html(roomName)}</p>`}<h1>${html(titleOf(view, text))}</h1></div>`,
      ...body(page, { locale, text, format, slots: news.slots }),
      `<p id="net" role="status" hidden>${html(text.offline)}</p>`,
      ...(refreshS === undefined || isPassing
        ? []
        : [
            `<p class="small">${html(text.looked)} <time data-slot="looked" data-ms="${nowMs}">${new Date(nowMs).toISOString().slice(11, 19)} UTC</time></p>`,
          ]),
    ];
    return `${head}${refresh}<title>${html(news.title)}</title></head><body ${data}>${header}${others.join('')}</header><main>${main.join('')}${footer}`;
  }

  return {
    render,
    format: formatOf,
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src '${hashOf(js)}'`,
      `style-src '${hashOf(css)}'`,
      'img-src data:',
      "connect-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
  };
}

interface Words {
  readonly locale: Locale;
  readonly text: RoomText;
  readonly format: Format;
  readonly slots: Readonly<Record<string, string>>;
}

/** What stands below the heading. */
function body(page: RoomPage, { locale, text, format, slots }: Words): string[] {
  const { view, roomId, to, salePath } = page;
  const lead = (words: string) => `<p class="lead">${html(words)}</p>`;
  const link = (path: string, words: string) => `<p><a class="button" href="${html(path)}">${html(words)}</a></p>`;
  const keepOrLeave = (keptS: number) =>
    `<div><p class="hint">${html(text.keep(keptWords(keptS, text)))}</p><p><a href="${html(localPath(locale, leavePath(roomId, to)))}">${html(text.leave)}</a></p></div>`;
  const post = (name: 'tickets' | 'leave', button: string) =>
    `<form method="post" action="${localPath(locale, `/waiting-room/${roomId}/${name}`)}"><input type="hidden" name="to" value="${html(to)}">${button}</form>`;
  // To the address of this page, without anything else that stands in it.
  const again = `<form><input type="hidden" name="to" value="${html(to)}"><button>${html(text.retry)}</button></form>`;
  switch (view.kind) {
    case 'before':
      return [lead(text.before), ...clock(view.opensAtMs, page.nowMs, text, format), keepOrLeave(view.keptS)];
    case 'waiting':
      return [bigNumber(slots), way(view.share, text), facts(['place', 'wait'], text, slots), keepOrLeave(view.keptS)];
    case 'promised':
      return [lead(text.promised), facts(['place'], text, slots), keepOrLeave(view.keptS)];
    case 'entering':
      return [lead(text.entering), link(localPath(locale, waitingRoomPath(roomId, to)), text.goOn)];
    case 'cookieless':
      return [lead(text.cookieless), again];
    case 'called':
      return [lead(text.called), link(localPath(locale, waitingRoomPath(roomId, to)), text.goIn)];
    case 'over':
      return [
        lead(text.over),
        link(salePath ?? localPath(locale, '/'), salePath === undefined ? text.toShop : text.toSale),
      ];
    case 'off':
      return [lead(text.off), link(to, text.goOn)];
    case 'leaving':
      return [
        lead(text.leaving),
        ways(
          link(localPath(locale, waitingRoomPath(roomId, to)), text.stay),
          post('leave', `<button class="quiet">${html(text.leave)}</button>`),
        ),
      ];
    case 'left':
    case 'used':
      return [
        lead(text[view.kind]),
        ways(
          link(salePath ?? localPath(locale, '/'), salePath === undefined ? text.toShop : text.toSale),
          post('tickets', `<button class="quiet">${html(text.newPlace)}</button>`),
        ),
      ];
    case 'missed':
    case 'lost':
      return [lead(text[view.kind]), post('tickets', `<button>${html(text.newPlace)}</button>`)];
    case 'busy':
      return [lead(text.busy), again];
  }
}

/** What can be done, side by side where there is room. */
function ways(...each: readonly string[]): string {
  return `<div class="ways">${each.join('')}</div>`;
}

function bigNumber({ ahead = '', caption = '' }: Words['slots']): string {
  return `<p class="big"><b data-slot="ahead">${html(ahead)}</b> <span data-slot="caption">${html(caption)}</span></p>`;
}

/** A wave, and a buoy that drifts along it. */
function way(share: number, text: RoomText): string {
  const { x, y } = buoyAt(share);
  const swells = 't50 0'.repeat(11);
  return `<div class="way" role="progressbar" aria-label="${html(text.way)}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="${share}"><svg viewBox="0 0 600 24" aria-hidden="true"><defs><path id="w" pathLength="100" d="M0 12q25-16 50 0${swells}"/></defs><use href="#w"/><use href="#w" stroke-dasharray="${share} 100"/><circle cx="${x}" cy="${y}" r="9"/></svg></div>`;
}

function facts(names: readonly ('place' | 'wait')[], text: RoomText, slots: Words['slots']): string {
  const each = names.map(
    (name) => `<div><dt>${html(text[name])}</dt><dd data-slot="${name}">${html(slots[name] ?? '')}</dd></div>`,
  );
  return `<dl>${each.join('')}</dl>`;
}

/** Counts down by script; without one it says when. */
function clock(opensAtMs: number | undefined, nowMs: number, text: RoomText, format: Format): string[] {
  const isDrawing = opensAtMs === undefined || opensAtMs <= nowMs;
  const drawing = `<p id="drawing" class="lead"${isDrawing ? '' : ' hidden'}><strong>${html(text.drawing)}</strong></p>`;
  if (isDrawing) return [drawing];
  const parts = clockParts(opensAtMs - nowMs);
  const faces = shownUnits(opensAtMs - nowMs).map(
    (unit) =>
      `<span><b data-unit="${unit}">${String(parts[unit]).padStart(2, '0')}</b><i>${html(text.units[unit])}</i></span>`,
  );
  return [
    `<div class="clock" role="timer" aria-live="off" aria-label="${html(text.drawnIn)}">${faces.join('')}</div>`,
    `<p>${html(text.drawnAt)} <time data-ms="${opensAtMs}">${html(format.instant(opensAtMs))}</time></p>`,
    drawing,
  ];
}

/** Where the page goes by itself; undefined: nowhere else. Who waits leaves the mark of a trial behind (cookie-check.ts). */
function onwardOf(locale: Locale, { view, roomId, to }: RoomPage): string | undefined {
  switch (view.kind) {
    case 'off':
      return to;
    case 'leaving':
    case 'busy':
      return undefined;
    default:
      return localPath(locale, waitingRoomPath(roomId, to));
  }
}

/** Without a script the page is asked for again after so long; undefined where there is nothing to wait for. */
function refreshOf({ view, pollAfterS }: RoomPage): number | undefined {
  switch (view.kind) {
    case 'over':
    case 'left':
    case 'used':
    case 'missed':
    case 'lost':
    case 'cookieless':
      return undefined;
    case 'off':
    case 'entering':
    case 'called':
      return 1;
    default:
      return Math.max(2, pollAfterS);
  }
}

function textOf(assets: Assets, url: string): string {
  const file = assets.file(url.slice('/assets/'.length));
  assert(file !== undefined, `the bundle has ${url}`);
  return file.identity.toString('utf8');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
