import type { Format } from '../format.ts';
import type { RoomText } from './messages.ts';
import { buoyAt, type RoomView } from './room-view.ts';
import { waitWords } from './wait-words.ts';

/** What the page's script is told when it asks how far its visitor is. */
export interface RoomNews {
  readonly view: RoomView['kind'];
  /** Texts by the names that the page gives their places. */
  readonly slots: Readonly<Record<string, string>>;
  /** Of the way, 0 to 100. */
  readonly share: number;
  readonly buoy: { readonly x: number; readonly y: number };
  /** Of the document: what a tab in the background shows. */
  readonly title: string;
  /** One sentence for who hears the page. */
  readonly said: string;
  readonly pollAfterS: number;
  /** By the shop's clock. */
  readonly nowMs: number;
  /** Where to go now: the pass is in the cookies of this answer. */
  readonly go?: string;
}

export interface NewsOf {
  readonly view: RoomView;
  readonly text: RoomText;
  readonly format: Format;
  readonly nowMs: number;
  readonly pollAfterS: number;
}

export function newsOf({ view, text, format, nowMs, pollAfterS }: NewsOf): RoomNews {
  const common = { view: view.kind, pollAfterS, nowMs };
  if (view.kind !== 'waiting' && view.kind !== 'promised') {
    return {
      ...common,
      slots: {},
      share: 0,
      buoy: buoyAt(0),
      title: `${titleOf(view, text)} · ${text.title}`,
      said: '',
    };
  }
  const ahead = format.number(view.aheadCount);
  const wait = waitWords(view.estimate, text);
  const isNext = view.aheadCount === 0;
  return {
    ...common,
    slots: {
      ahead: isNext ? text.next : ahead,
      caption: isNext ? text.nextHint : text.ahead,
      place: format.number(view.place),
      wait,
    },
    share: view.share,
    buoy: buoyAt(view.share),
    title: `${isNext ? text.next : text.tab(ahead)} · ${text.title}`,
    said: text.said(ahead, wait),
  };
}

/** The heading of each view. */
export function titleOf(view: Pick<RoomView, 'kind'>, text: RoomText): string {
  switch (view.kind) {
    case 'before':
      return text.beforeTitle;
    case 'waiting':
      return text.waitingTitle;
    case 'promised':
      return text.promisedTitle;
    case 'entering':
      return text.enteringTitle;
    case 'cookieless':
      return text.cookielessTitle;
    case 'called':
      return text.calledTitle;
    case 'over':
      return text.overTitle;
    case 'off':
      return text.offTitle;
    case 'leaving':
      return text.leavingTitle;
    case 'left':
      return text.leftTitle;
    case 'used':
      return text.usedTitle;
    case 'missed':
      return text.missedTitle;
    case 'lost':
      return text.lostTitle;
    case 'busy':
      return text.busyTitle;
  }
}
