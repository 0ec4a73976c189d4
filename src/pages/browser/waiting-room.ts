import '../styles/waiting-room.css';
import type { RoomNews } from '../waiting-room/news.ts';

// Put into the waiting page itself, so it imports nothing that runs. It asks how far the visitor's place is, with the cookie
// that only the shop can read, and changes what is said. Whatever fails is tried again: the place is kept by the shop.
const { body } = document;
const retryMsMax = 30_000;
/** How often the news is spoken to who cannot see it, while it is of the same kind. */
const speakEveryMs = 60_000;

let timer = 0;
let dueAtMs = 0;
let retryMs = 1_000;
let spokenAtMs = performance.now();
/** The shop's clock less ours. */
let offsetMs = Number(body.dataset.now) - Date.now();
let isAsking = false;

const find = <E extends Element>(selector: string) => document.querySelector<E>(selector);

function write(selector: string, text: string): void {
  const element = find(selector);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

function lookIn(ms: number): void {
  clearTimeout(timer);
  dueAtMs = Date.now() + ms;
  timer = window.setTimeout(() => void look(), ms);
}

async function look(): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  try {
    const news = (await (await ask('application/json')).json()) as RoomNews;
    offsetMs = news.nowMs - Date.now();
    if (news.go !== undefined) {
      document.title = news.title;
      location.replace(news.go);
    } else if (news.view !== body.dataset.view) await renew();
    else show(news);
    retryMs = 1_000;
    setHidden('#net', true);
    lookIn(news.pollAfterS * 1000);
  } catch {
    setHidden('#net', false);
    lookIn(retryMs * (0.75 + Math.random() / 2));
    retryMs = Math.min(retryMs * 2, retryMsMax);
  } finally {
    isAsking = false;
  }
}

async function ask(accept: string): Promise<Response> {
  const response = await fetch(location.href, { headers: { accept }, signal: AbortSignal.timeout(15_000) });
  if (!response.ok) throw new Error(String(response.status));
  return response;
}

/** Another state has another page: the main part is replaced, and what it says first is spoken. */
async function renew(): Promise<void> {
  const page = new DOMParser().parseFromString(await (await ask('text/html')).text(), 'text/html');
  const main = page.querySelector('main');
  const { view, at } = page.body.dataset;
  if (main === null || view === undefined) throw new Error('not a waiting page');
  find('main')?.replaceChildren(...main.childNodes);
  document.title = page.title;
  body.dataset.view = view;
  if (at === undefined) delete body.dataset.at;
  else body.dataset.at = at;
  speak(`${find('h1')?.textContent} ${find('.lead')?.textContent ?? ''}`);
  tick();
}

function show({ slots, share, buoy, title, said, nowMs }: RoomNews): void {
  document.title = title;
  for (const [name, text] of Object.entries(slots)) write(`[data-slot=${name}]`, text);
  const way = find('.way');
  // Forward only, whatever a late answer says.
  if (way !== null && share > Number(way.getAttribute('aria-valuenow'))) {
    way.setAttribute('aria-valuenow', String(share));
    find('.way use+use')?.setAttribute('stroke-dasharray', `${share} 100`);
    find('circle')?.setAttribute('cx', String(buoy.x));
    find('circle')?.setAttribute('cy', String(buoy.y));
  }
  find('time')?.setAttribute('data-ms', String(nowMs));
  if (performance.now() - spokenAtMs > speakEveryMs && said !== '') speak(said);
  tick();
}

function speak(text: string): void {
  spokenAtMs = performance.now();
  write('#said', text);
}

function setHidden(selector: string, isHidden: boolean): void {
  const element = find<HTMLElement>(selector);
  if (element !== null && element.hidden !== isHidden) element.hidden = isHidden;
}

function shopNowMs(): number {
  return Date.now() + offsetMs;
}

/** The clock, and times in the visitor's own zone. */
function tick(): void {
  const left = Math.max(0, Math.ceil((Number(body.dataset.at ?? 0) - shopNowMs()) / 1000));
  const parts = { d: left / 86_400, h: (left / 3600) % 24, m: (left / 60) % 60, s: left % 60 };
  for (const [unit, value] of Object.entries(parts)) {
    write(`[data-unit=${unit}]`, String(Math.floor(value)).padStart(2, '0'));
  }
  // Everyone is told what he drew within some seconds, not in the same one.
  setHidden('#drawing', left > 0);
  for (const time of document.querySelectorAll<HTMLElement>('time[data-ms]')) {
    const isLook = time.dataset.slot === 'looked';
    const format = new Intl.DateTimeFormat(
      document.documentElement.lang,
      isLook ? { timeStyle: 'medium' } : { dateStyle: 'full', timeStyle: 'short' },
    );
    const text = format.format(Number(time.dataset.ms));
    if (time.textContent !== text) time.textContent = text;
  }
}

// A tab that nobody looks at is slowed down by its browser, and a phone that wakes up was asleep.
const catchUp = () => {
  if (!document.hidden && Date.now() >= dueAtMs) void look();
};
document.addEventListener('visibilitychange', catchUp);
addEventListener('offline', () => setHidden('#net', false));
addEventListener('online', () => void look());
// Back from the browser's cache of pages: what it shows is old.
addEventListener('pageshow', (event: PageTransitionEvent) => event.persisted && void look());

// That cookies were tried is no part of the address that is loaded again, shared and come back to.
const address = new URL(location.href);
address.searchParams.delete('tried');
history.replaceState(history.state, '', address);

tick();
setInterval(tick, 1000);
if (body.dataset.poll !== undefined) lookIn(Number(body.dataset.poll) * 1000);
else if (body.dataset.go !== undefined) setTimeout(() => location.replace(body.dataset.go ?? '/'), 1_000);
