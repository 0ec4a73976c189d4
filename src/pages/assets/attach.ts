import type { FastifyInstance } from 'fastify';
import { acceptedEncoding } from '../../platform/api/accepted-encoding.ts';
import { writeAnswer } from '../../platform/api/answer.ts';
import { refuse } from '../../platform/api/refusal.ts';
import type { Assets } from './assets.ts';

const aYear = 'public, max-age=31536000, immutable';

/** `/assets/…`: names hold a hash of what is in them, so that they are kept forever. */
export function attachAssets(scope: FastifyInstance, assets: Assets): void {
  scope.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const file = assets.file(request.params.name);
    if (file === undefined) throw refuse('not-found');
    const accepted = acceptedEncoding(request.headers['accept-encoding']);
    const encoded = accepted === 'br' ? file.brotli : accepted === 'gzip' ? file.gzip : undefined;
    const headers = ['content-type', file.contentType, 'cache-control', aYear, 'x-content-type-options', 'nosniff'];
    headers.push('vary', 'accept-encoding');
    if (encoded !== undefined) headers.push('content-encoding', accepted);
    reply.hijack();
    writeAnswer(reply.raw, 200, headers, encoded ?? file.identity);
  });
}
