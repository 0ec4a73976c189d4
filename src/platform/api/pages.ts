import { hash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AddressedRequest, ClientAddressOf } from './client-address.ts';
import { matchesIfNoneMatch } from './conditional.ts';
import type { OpenApiDocument, Operation } from './openapi.ts';
import { escapeHtml, inlineHtml, pagePolicy, renderPage } from './page.ts';
import { type ProblemSlug, problem, problemKinds } from './problem.ts';
import { refuse } from './refusal.ts';

export interface PagesOptions {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly document: OpenApiDocument;
  readonly addressOf: ClientAddressOf;
}

/** What this is (`/v1`), the contract (`/openapi.json`), and what each kind of problem means (`/problems/…`). */
export function addPages(app: FastifyInstance, { info, document, addressOf }: PagesOptions): void {
  const openApiText = JSON.stringify(document);
  const openApiTag = hash('sha256', openApiText, 'base64url').slice(0, 22);
  const root = {
    title: info.title,
    version: info.version,
    docs: '/docs/',
    openapi: '/openapi.json',
    problems: '/problems',
  };
  const problems = Object.keys(problemKinds).map((slug) => describe(slug as ProblemSlug));
  const problemsHtml = renderPage({ title: 'Problems', shop: info.title, main: problemsMain() });

  app.get('/v1', (request, reply) => {
    const main = () => rootMain(info, tryIt(document, originOf(request.raw, addressOf)));
    return sendEither(request, reply, root, () => renderPage({ title: info.title, shop: info.title, main: main() }));
  });

  app.get('/openapi.json', (request, reply) => {
    reply.header('etag', `"${openApiTag}"`).header('cache-control', 'public, max-age=60, stale-while-revalidate=600');
    const known = request.headers['if-none-match'];
    if (known !== undefined && matchesIfNoneMatch(known, openApiTag)) return reply.code(304).send();
    return reply.type('application/json').send(openApiText);
  });

  app.get('/problems', (request, reply) => sendEither(request, reply, { items: problems }, () => problemsHtml));

  app.get<{ Params: { slug: string } }>('/problems/:slug', (request, reply) => {
    const { slug } = request.params;
    if (!isSlug(slug))
      throw refuse('not-found', { detail: 'There is no such kind of problem. `/problems` lists them.' });
    const html = () => renderPage({ title: problemKinds[slug][1], shop: info.title, main: problemMain(slug) });
    return sendEither(request, reply, describe(slug), html);
  });
}

/** HTML for who asks for it (browsers do), JSON for programs. */
function sendEither(request: FastifyRequest, reply: FastifyReply, json: object, html: () => string) {
  reply
    .header('vary', 'accept')
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'public, max-age=60, stale-while-revalidate=600');
  if (!/\btext\/html\b/i.test(request.headers.accept ?? '')) {
    return reply.type('application/json').send(JSON.stringify(json));
  }
  return reply.header('content-security-policy', pagePolicy).type('text/html; charset=utf-8').send(html());
}

function isSlug(text: string): text is ProblemSlug {
  return Object.hasOwn(problemKinds, text);
}

function describe(slug: ProblemSlug) {
  const [status, title, description] = problemKinds[slug];
  return { type: `/problems/${slug}`, title, status, description };
}

function rootMain(info: PagesOptions['info'], example: string): string {
  const lead = info.description ?? 'The API of this shop: JSON over HTTP.';
  return `<p class="kicker">API ${escapeHtml(info.version)}</p>
<h1>${escapeHtml(info.title)}</h1>
<p class="lead">${inlineHtml(lead)}</p>
${example}
<h2>Where to go</h2>
<dl>
<div><dt><a href="/docs/">Reference</a></dt><dd>Every request with its fields, answers and problems, to read and to try.</dd></div>
<div><dt><a href="/openapi.json">openapi.json</a></dt><dd>The same as OpenAPI 3.1, for generators and other tools.</dd></div>
<div><dt><a href="/problems">Problems</a></dt><dd>What each kind of error means and what to do about it.</dd></div>
<div><dt><a href="/readyz">Readiness</a></dt><dd>Whether this process can take requests now.</dd></div>
</dl>`;
}

/** The first thing that anyone can ask for without knowing anything. */
function tryIt(document: OpenApiDocument, origin: string): string {
  const isPlain = (operation: Operation | undefined) =>
    operation !== undefined &&
    (operation.security as unknown[]).length === 0 &&
    !(operation.parameters ?? []).some((parameter) => parameter.required === true);
  const found = Object.entries(document.paths).find(([, { get }]) => isPlain(get));
  if (found === undefined) return '';
  return `<h2>Try it</h2>
<pre><code>curl ${escapeHtml(origin + found[0])}</code></pre>
<p>${escapeHtml(found[1].get?.summary ?? '')}: <a href="${escapeHtml(found[0])}">${escapeHtml(found[0])}</a></p>`;
}

/** Where the reader has found this page, as far as the request tells. */
function originOf(request: AddressedRequest, addressOf: ClientAddressOf): string {
  const host = /^[\w.-]+(?::\d+)?$|^\[[\da-f:]+\](?::\d+)?$/i.exec(request.headers.host ?? '')?.[0] ?? 'localhost';
  return `${addressOf(request).isHttps ? 'https' : 'http'}://${host}`;
}

function problemsMain(): string {
  const rows = Object.entries(problemKinds).map(
    ([slug, [status, title]]) =>
      `<div><dt><a href="/problems/${slug}">${slug}</a></dt><dd>${status} · ${inlineHtml(title)}</dd></div>`,
  );
  return `<h1>Problems</h1>
<p class="lead">Every error is a problem document (RFC 9457). Its <code>type</code> is one of these.</p>
<dl>
${rows.join('\n')}
</dl>`;
}

function problemMain(slug: ProblemSlug): string {
  const [status, title, description] = problemKinds[slug];
  const example = JSON.stringify({ ...problem(slug).problem, requestId: 'b7Q2xk-1f' }, null, 2);
  return `<p class="kicker">${status} · ${slug}</p>
<h1>${inlineHtml(title)}</h1>
<p class="lead">${inlineHtml(description)}</p>
<h2>As it is sent</h2>
<pre><code>${escapeHtml(example)}</code></pre>
<p><a href="/problems">All kinds of problems</a></p>`;
}
