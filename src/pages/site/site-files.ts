import type { FastifyInstance } from 'fastify';
import { writeAnswer } from '../../platform/api/answer.ts';
import type { PagesHost } from '../host.ts';
import { languageTags, locales, localPath } from '../locale.ts';

const mark =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><style>path{fill:#12303b}@media(prefers-color-scheme:dark){path{fill:#eaf2f4}}.w{fill:none;stroke:#d9541e;stroke-width:4;stroke-linecap:round}</style><path d="M2 15c8-2 14 0 19 6 2-8 8-13 18-16-5 5-8 10-9 16l9 3-10 2c-2 4-6 6-11 6l5-4c-3-1-5-3-6-5-4-5-9-7-15-8z"/><path class="w" d="M4 39c5-3 9-3 13 0s9 3 13 0 9-3 14 0"/></svg>';

/** Small files that browsers ask for by themselves: the icon, the manifest, the service worker. */
export function attachSiteFiles(scope: FastifyInstance, host: PagesHost): void {
  const send = (path: string, contentType: string, cacheControl: string, text: () => string) => {
    scope.get(path, async (_request, reply) => {
      reply.hijack();
      const headers = ['content-type', contentType, 'cache-control', cacheControl, 'x-content-type-options', 'nosniff'];
      writeAnswer(reply.raw, 200, headers, text());
    });
  };
  send('/icon.svg', 'image/svg+xml', 'public, max-age=86400', () => mark);
  // The browser compares it byte by byte at each visit: another version of the assets is another worker.
  send('/sw.js', 'text/javascript; charset=utf-8', 'no-cache', () => {
    const { assets } = host.ctx;
    const script = assets.file(assets.entry('worker').script.slice('/assets/'.length));
    return `/* ${assets.version} */${script?.identity.toString() ?? ''}`;
  });
  for (const locale of locales) {
    send(localPath(locale, '/site.webmanifest'), 'application/manifest+json', 'public, max-age=86400', () =>
      JSON.stringify({
        name: host.ctx.shop.name,
        short_name: host.ctx.shop.name,
        lang: languageTags[locale],
        start_url: localPath(locale, '/'),
        display: 'minimal-ui',
        background_color: '#f7fafb',
        theme_color: '#12303b',
        icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' }],
      }),
    );
  }
}
