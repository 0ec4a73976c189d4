import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { writeAnswer } from '../../platform/api/answer.ts';
import { refuse } from '../../platform/api/refusal.ts';
import { locales, localPath } from '../locale.ts';
import { securityHeaders } from '../site/headers.ts';
import type { PageKind } from './page-kind.ts';

/** Renders a static page at each request. */
export function attachKinds(scope: FastifyInstance, kinds: readonly PageKind[]): void {
  for (const kind of kinds) {
    for (const locale of kind.isUnlocalised ? (['en'] as const) : locales) {
      scope.get(localPath(locale, kind.path), async (request, reply) => {
        const [loaded] = await kind.load([request.params as Record<string, string>]);
        if (loaded === undefined) throw refuse('not-found');
        const body = Buffer.from(kind.render(loaded.data, locale));
        const headers = [...securityHeaders, 'content-type', kind.contentType ?? 'text/html; charset=utf-8'];
        headers.push('cache-control', 'no-cache', 'etag', `"${hash('sha256', body, 'base64url').slice(0, 22)}"`);
        reply.hijack();
        writeAnswer(reply.raw, 200, headers, body);
      });
    }
  }
}
