// The service worker: where there is no network it shows a page that says so. It keeps no shop pages: what a shop shows must
// be true now.
/// <reference lib="webworker" />
declare const self: ServiceWorkerGlobalScope;

const cacheName = 'onrush-offline';
const pages = ['/offline', '/zh/offline'];

self.addEventListener('install', (event) => {
  event.waitUntil(keepOfflinePages());
  self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => offlinePage(new URL(request.url).pathname)));
  } else if (new URL(request.url).pathname.startsWith('/assets/')) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
  }
});

/** The pages, and the styles, scripts and fonts that they name. */
async function keepOfflinePages(): Promise<void> {
  await caches.delete(cacheName);
  const cache = await caches.open(cacheName);
  for (const page of pages) {
    const response = await fetch(page, { cache: 'no-cache' });
    const html = await response.clone().text();
    await cache.put(page, response);
    await cache.addAll([...new Set(html.match(/\/assets\/[\w.-]+/g))]);
  }
}

async function offlinePage(path: string): Promise<Response> {
  const page = /^\/zh(?:\/|$)/.test(path) ? '/zh/offline' : '/offline';
  return (await caches.match(page)) ?? Response.error();
}
