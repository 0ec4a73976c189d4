import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { loadAssets } from '../assets/load.ts';
import { locales } from '../locale.ts';
import { formOf, textOf } from '../testing.ts';
import { roomErrorPage } from './room-error.ts';
import { createRoomPages, type RoomPage } from './room-page.ts';
import type { RoomView } from './room-view.ts';

const pages = createRoomPages({ assets: await loadAssets(), shopName: 'Tern & Tide' });
const nowMs = Date.UTC(2026, 10, 11, 12);
const place = { place: 123_456, aheadCount: 98_765, estimate: { fromS: 4_000, toS: 7_000 }, share: 46.4, keptS: 180 };
const views: Readonly<Record<RoomView['kind'], RoomView>> = {
  before: { kind: 'before', opensAtMs: nowMs + 90_061_000, keptS: 45 },
  waiting: { kind: 'waiting', ...place },
  promised: { kind: 'promised', ...place },
  entering: { kind: 'entering' },
  cookieless: { kind: 'cookieless' },
  called: { kind: 'called' },
  over: { kind: 'over' },
  off: { kind: 'off' },
  leaving: { kind: 'leaving' },
  left: { kind: 'left' },
  used: { kind: 'used' },
  missed: { kind: 'missed' },
  lost: { kind: 'lost' },
  busy: { kind: 'busy' },
};
const page = (view: RoomView, more: Partial<RoomPage> = {}): RoomPage => ({
  roomId: '01890a5d-ac96-774b-bcce-b302099a8057',
  roomName: '潮'.repeat(40),
  view,
  to: `/checkout/review?cart=${'x'.repeat(60)}`,
  salePath: '/sales/01890a5d-ac96-774b-bcce-b302099a8057',
  nowMs,
  pollAfterS: 12,
  ...more,
});

test('the page is whole in 10 KB, in every language and state: nothing else is asked for', () => {
  for (const locale of locales) {
    for (const [kind, view] of Object.entries(views)) {
      const html = pages.render(locale, page(view));
      assert(Buffer.byteLength(html) <= 10 * 1024, `${kind} in ${locale}: ${Buffer.byteLength(html)} bytes`);
      assert.doesNotMatch(html, /<(?:link(?! rel="icon" href="data:)|img|iframe)\b|\bsrc=|url\(|@import/, kind);
      assert.match(html, /<html lang="(en|zh-Hans)">/);
      assert.match(html, /<header>.*<main>.*<\/main>.*<footer/s);
      assert.equal(html.match(/<h1>/g)?.length, 1);
    }
  }
});

test('the policy names the very bytes of style and script, and lets nothing else in', () => {
  const html = pages.render('en', page(views.waiting));
  for (const [element, directive] of [
    ['style', 'style-src'],
    ['script', 'script-src'],
  ] as const) {
    const inner = new RegExp(`<${element}[^>]*>(.*?)</${element}>`, 's').exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(inner).digest('base64');
    assert(pages.contentSecurityPolicy.includes(`${directive} 'sha256-${hash}'`), element);
  }
  assert.match(pages.contentSecurityPolicy, /default-src 'none'/);
  assert.doesNotMatch(pages.contentSecurityPolicy, /unsafe/);
  assert.doesNotMatch(html, / style=| on\w+=/);
});

test('who waits is told place, those ahead, the wait as a range, and what to do', () => {
  const text = textOf(pages.render('en', page(views.waiting)));
  for (const said of [
    /You are in line/,
    /98,765 ahead of you/,
    /123,456/,
    /about 66 to 117 minutes/,
    /back within 3 minutes/,
  ]) {
    assert.match(text, said);
  }
  const next = pages.render(
    'en',
    page({ ...views.waiting, place: 7, aheadCount: 0, estimate: undefined, share: 100 } as RoomView),
  );
  assert.match(textOf(next), /Next nobody is ahead of you/);
  assert.match(textOf(next), /not known yet/);
});

test('before the opening it is said that being early buys nothing, and when the lot is drawn', () => {
  const html = pages.render('en', page(views.before));
  assert.match(textOf(html), /drawn by lot .* Coming early or clicking often buys nothing/);
  assert.match(textOf(html), /01 days 01 hours 01 minutes 01 seconds/);
  assert.match(textOf(html), /be back within 45 seconds;/);
  assert.match(textOf(html), /Places are drawn on November 12, 2026 at 1:01 PM UTC/);
});

test('without a script it asks again by itself where there is something to wait for, and only there', () => {
  const refresh = (kind: RoomView['kind']) =>
    /<noscript><meta http-equiv="refresh" content="([^"]*)"><\/noscript>/.exec(
      pages.render('en', page(views[kind])),
    )?.[1];
  const own = `url=/waiting-room/01890a5d-ac96-774b-bcce-b302099a8057?to=${encodeURIComponent(page(views.busy).to)}`;
  for (const kind of ['before', 'waiting', 'promised'] as const) assert.equal(refresh(kind), `12;${own}`, kind);
  for (const kind of ['leaving', 'busy'] as const) assert.equal(refresh(kind), '12', kind);
  for (const kind of ['entering', 'called'] as const) assert.equal(refresh(kind), `1;${own}`, kind);
  assert.match(refresh('off') ?? '', /^1;url=\/checkout\/review/);
  for (const kind of ['over', 'left', 'used', 'missed', 'lost', 'cookieless'] as const)
    assert.equal(refresh(kind), undefined, kind);
});

test('who has lost his place takes a new one by a form that leads on to where he wanted', () => {
  const html = pages.render('zh', page(views.lost, { to: '/zh/cart?a=1&b=2' }));
  const form = formOf(html, /\/tickets$/);
  assert.equal(form.action, '/zh/waiting-room/01890a5d-ac96-774b-bcce-b302099a8057/tickets');
  assert.deepEqual(form.fields, { to: '/zh/cart?a=1&b=2' });
});

test('who waits can leave: he is asked once, may stay, and may come back', () => {
  const room = '/zh/waiting-room/01890a5d-ac96-774b-bcce-b302099a8057';
  const to = '/zh/cart?a=1&b=2';
  const at = (kind: RoomView['kind']) => pages.render('zh', page(views[kind], { to }));
  for (const kind of ['before', 'waiting', 'promised'] as const) {
    assert(at(kind).includes(`<a href="${room}/leave?to=${encodeURIComponent(to)}">离开队伍</a>`), kind);
  }
  const leaving = at('leaving');
  assert.deepEqual(formOf(leaving, /\/leave$/), { action: `${room}/leave`, fields: { to } });
  assert(leaving.includes(`href="${room}?to=${encodeURIComponent(to)}">继续排队</a>`));
  assert.deepEqual(formOf(at('left'), /\/tickets$/), { action: `${room}/tickets`, fields: { to } });
});

test('who changes the language while he waits goes on in it', () => {
  const linkOf = (html: string) => /<a href="([^"]*)" lang="[^"]*" hreflang/.exec(html)?.[1];
  const room = '/waiting-room/01890a5d-ac96-774b-bcce-b302099a8057';
  for (const [english, chinese] of [
    ['/cart?a=1', '/zh/cart?a=1'],
    ['/', '/zh'],
  ] as const) {
    const inEnglish = pages.render('en', page(views.waiting, { to: english }));
    assert.equal(linkOf(inEnglish), `/zh${room}?to=${encodeURIComponent(chinese)}`);
    const inChinese = pages.render('zh', page(views.waiting, { to: chinese }));
    assert.equal(linkOf(inChinese), `${room}?to=${encodeURIComponent(english)}`);
  }
});

test('nothing that others named is taken for mark-up', () => {
  const bad = '"><script>alert(1)</script>';
  for (const view of Object.values(views)) {
    const html = pages.render('en', page(view, { roomName: bad, to: `/x?${bad}`, salePath: `/sales/${bad}` }));
    assert(!html.includes('<script>alert'), view.kind);
  }
});

test('who was turned away before his page was made is shown one that goes on asking, and nobody else is', () => {
  const at = (url: string, status: number) => roomErrorPage(pages, { url }, status, nowMs)?.html;
  const path = '/waiting-room/01890a5d-ac96-774b-bcce-b302099a8057';
  assert.match(at(`${path}?to=/cart`, 503) ?? '', /<body data-view="busy"[^>]* data-poll="5"/);
  assert.match(at(`/zh${path}`, 429) ?? '', /<html lang="zh-Hans">.*http-equiv="refresh"/s);
  for (const [url, status] of [
    [path, 404],
    [`${path}/tickets`, 503],
    ['/waiting-room/x', 503],
    ['/cart', 503],
    [`/xx${path}`, 503],
  ] as const) {
    assert.equal(at(url, status), undefined, url);
  }
});
