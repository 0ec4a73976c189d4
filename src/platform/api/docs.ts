import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { icon } from './page.ts';

/**
 * The reference at `/docs/`, by Scalar: one page and one script, both from here. Nothing is asked of any other machine,
 * and the page's own policy has the browser see to it.
 */
export function addDocs(app: FastifyInstance, options: { title: string }): void {
  let loading: Promise<Docs> | undefined;
  // Four megabytes of script, wanted by developers now and then: loaded for the first of them, not at every start.
  const load = () => {
    loading ??= loadDocs(options.title).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };

  app.get('/docs', (_request, reply) => reply.code(308).header('location', '/docs/').send());
  app.get('/docs/', async (_request, reply) => {
    const { page } = await load();
    reply.header('content-security-policy', docsPolicy).header('cache-control', 'no-cache');
    return reply.type('text/html; charset=utf-8').send(page);
  });
  app.get('/docs/js/scalar.js', async (request, reply) => sendScript(request, reply, (await load()).script));
}

// Scalar sets styles at run time and compiles validators; its pictures and fonts are in the script as data.
const docsPolicy = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface Docs {
  readonly page: string;
  readonly script: Script;
}

interface Script {
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

/** Scalar's plugin in a server of its own, which is asked once for what it would serve. */
async function loadDocs(title: string): Promise<Docs> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const app = fastify({ logger: false });
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      pageTitle: `${title} · API reference`,
      favicon: icon,
      theme: 'default',
      layout: 'modern',
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
      defaultOpenFirstTag: true,
      persistAuth: false,
      defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
    },
  });
  const page = await app.inject({ url: '/docs/' });
  const script = await app.inject({ url: '/docs/js/scalar.js' });
  await app.close();
  return { page: page.body, script: await compressed(script.rawPayload) };
}

async function compressed(plain: Buffer): Promise<Script> {
  const [asGzip, asBrotli] = await Promise.all([
    promisify(gzip)(plain),
    // Level 5: half a second less than the best for a tenth more bytes.
    promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  ]);
  return { plain, gzip: asGzip, brotli: asBrotli };
}

function sendScript(request: FastifyRequest, reply: FastifyReply, script: Script) {
  const accepted = request.headers['accept-encoding'] ?? '';
  const [encoding, bytes] = /\bbr\b/.test(accepted)
    ? (['br', script.brotli] as const)
    : /\bgzip\b/.test(accepted)
      ? (['gzip', script.gzip] as const)
      : ([undefined, script.plain] as const);
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  reply.header('vary', 'accept-encoding').header('cache-control', 'public, max-age=3600');
  return reply.type('text/javascript; charset=utf-8').send(bytes);
}
