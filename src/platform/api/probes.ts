import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '../telemetry/telemetry.ts';
import { bearerOf } from './call.ts';
import { refuse } from './refusal.ts';

export interface ProbeOptions {
  readonly readiness: () => Promise<readonly string[]>;
  readonly metrics: Metrics;
  readonly admin: { isAdmin(token: string): boolean };
  isStopping(): boolean;
}

/** What is asked every few seconds by what watches over the process, from wherever it stands. */
export const probePaths = ['/livez', '/readyz', '/metrics'] as const;

/** What watches over the process asks: is it alive, should it be sent requests, what has it counted. */
export function addProbes(app: FastifyInstance, options: ProbeOptions): void {
  // Alive is whoever answers: were the database asked here, its outage would have every process restarted.
  app.get('/livez', (_request, reply) => answer(reply, 200, { status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const reasons = options.isStopping() ? ['The process is stopping.'] : await reasonsOf(options.readiness);
    const status = reasons.length === 0 ? 200 : 503;
    return answer(reply, status, reasons.length === 0 ? { status: 'ok' } : { status: 'unready', reasons });
  });

  app.get('/metrics', async (request, reply) => {
    if (!isLocal(request) && !options.admin.isAdmin(bearerOf(request.raw) ?? '')) {
      throw refuse('unauthorised', {}, { 'www-authenticate': 'Bearer realm="admin"' });
    }
    const { contentType, text } = await options.metrics.expose();
    return reply.header('cache-control', 'no-store').type(contentType).send(text);
  });
}

function answer(reply: FastifyReply, status: number, body: object) {
  return reply.code(status).header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body));
}

async function reasonsOf(readiness: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await readiness();
  } catch {
    return ['The process could not tell whether it is ready.'];
  }
}

/** A scraper on the same machine, not a request that a proxy on it passes on: how much a shop sells is not for everyone. */
function isLocal({ raw }: FastifyRequest): boolean {
  const address = raw.socket.remoteAddress ?? '';
  const isLoopback = address === '::1' || /^(?:::ffff:)?127\./.test(address);
  return isLoopback && raw.headers['x-forwarded-for'] === undefined && raw.headers.forwarded === undefined;
}
