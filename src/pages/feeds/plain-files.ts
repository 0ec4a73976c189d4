import type { PagesHost } from '../host.ts';
import { definePageKind, type PageKind } from '../static/page-kind.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** `/robots.txt`: what is one visitor's, or one of many views of a list, is not for search engines. */
export function createRobots(host: PagesHost): PageKind {
  return plain('robots', '/robots.txt', () => ({
    text: [
      'User-agent: *',
      ...['/cart', '/checkout', '/orders', '/account', '/search', '/v1/'].flatMap((path) =>
        path === '/v1/' ? [`Disallow: ${path}`] : [`Disallow: ${path}`, `Disallow: /zh${path}`],
      ),
      '',
      `Sitemap: ${host.ctx.publicUrl()}/sitemap.xml`,
      '',
    ].join('\n'),
  }));
}

/** `/.well-known/security.txt` (RFC 9116), for a year ahead; there is none until the shop says whom to write to. */
export function createSecurityText(host: PagesHost): PageKind {
  const contact = host.ctx.shop.securityContact;
  return plain('security', '/.well-known/security.txt', () => {
    if (contact === undefined) return undefined;
    const nowMs = host.ctx.clock.nowMs();
    const url = host.ctx.publicUrl();
    return {
      text: [
        `Contact: ${contact}`,
        `Expires: ${new Date(nowMs + 365 * dayMs).toISOString()}`,
        'Preferred-Languages: en, zh',
        `Canonical: ${url}/.well-known/security.txt`,
        '',
      ].join('\n'),
      rebuildAtMs: nowMs + 30 * dayMs,
    };
  });
}

function plain(
  name: string,
  path: string,
  write: () => { readonly text: string; readonly rebuildAtMs?: number } | undefined,
): PageKind {
  return definePageKind<string>({
    name,
    path,
    contentType: 'text/plain; charset=utf-8',
    isUnlocalised: true,
    maxAgeS: 3600,
    staleWhileRevalidateS: 86_400,
    async load(wanted) {
      const written = write();
      return wanted.map(
        () =>
          written && {
            data: written.text,
            tags: [],
            ...(written.rebuildAtMs !== undefined && { rebuildAtMs: written.rebuildAtMs }),
          },
      );
    },
    render: (text) => text,
    async *all() {
      if (write() !== undefined) yield [{}];
    },
  });
}
