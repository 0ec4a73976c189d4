import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { commonHeaders, jsonType, problemJson, problemType, writeAnswer } from '../../platform/api/answer.ts';
import { parseJson } from '../../platform/api/body.ts';
import { purgedTags } from '../../platform/api/cache-labels.ts';
import { type ProblemReply, problem } from '../../platform/api/problem.ts';
import { Refusal, refuse } from '../../platform/api/refusal.ts';
import { createValidation, type Validator } from '../../platform/api/validation.ts';
import { PurgeInput, purgeApi } from '../purge/api.ts';
import type { Purge } from './cache.ts';

export interface PurgeServerOptions {
  /** Whoever sends it as `Authorization: Bearer …` may purge. */
  readonly token: string;
  /** Returns how many kept answers it threw out. */
  purge(purge: Purge): number;
}

// Of a list of 500 URLs no level is deeper.
const depthMax = 4;

/**
 * Takes purges for a cache before another origin, as the shop takes its own: `POST /v1/admin/purges`. A server of its own, so
 * that no path of the origin is taken from it and nobody who reaches the cache reaches this. Not listening yet.
 */
export function createPurgeServer({ token, purge }: PurgeServerOptions): Server {
  const { path, method, bodyLimitBytes = 0 } = purgeApi.routes.purge;
  const isToken = tokenCheck(token);
  const validate = createValidation().body(PurgeInput);

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      if (!isToken(/^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '')) {
        throw refuse('unauthorised');
      }
      if (request.url !== path) throw refuse('not-found');
      if (request.method !== method) throw refuse('method-not-allowed');
      // A page in a browser on this machine can send no such request without asking first.
      if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
        throw refuse('unsupported-media-type', { detail: 'Send `application/json`.' });
      }
      const purgedCount = purge(purgeOf(await readBody(request, bodyLimitBytes), validate));
      const body = JSON.stringify({ purgedCount });
      writeAnswer(response, 200, commonHeaders(jsonType, 'no-store'), body);
    } catch (error) {
      request.resume();
      if (error instanceof Refusal) writeRefusal(response, error.reply);
      else writeRefusal(response, problem('bad-request', { detail: 'The body broke off.' }));
    }
  };
  return createServer(
    { maxHeaderSize: 8 * 1024, headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 2_500 },
    (request, response) => void take(request, response),
  );
}

/** Comparing hashes takes the same time whatever is guessed, and however long. */
function tokenCheck(token: string): (given: string) => boolean {
  const hashOf = (text: string) => createHash('sha256').update(text).digest();
  const wanted = hashOf(token);
  return (given) => timingSafeEqual(hashOf(given), wanted);
}

function purgeOf(body: Buffer, validate: Validator): Purge {
  const input = (parseJson(body, depthMax) ?? {}) as PurgeInput;
  const errors = validate(input);
  if (errors !== undefined) throw refuse('bad-request', { detail: 'This purge cannot be done.', errors });
  const { tags = [], groups = [], urls = [], everything = false } = input;
  if (!everything && tags.length + groups.length + urls.length === 0) {
    throw refuse('bad-request', { detail: 'Name what to purge: tags, groups, urls or everything.' });
  }
  return { tags: purgedTags(tags), groups, urls, everything };
}

async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Whoever sent too much is to be told so: that would destroy the connection before.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw refuse('too-large', { detail: `A purge takes ${bytesMax} bytes at most.` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function writeRefusal(response: ServerResponse, reply: ProblemReply): void {
  const headers = [...commonHeaders(problemType, 'no-store'), 'connection', 'close'];
  if (reply.status === 405) headers.push('allow', purgeApi.routes.purge.method);
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers.push(name, value);
  writeAnswer(response, reply.status, headers, problemJson(reply.problem));
}
