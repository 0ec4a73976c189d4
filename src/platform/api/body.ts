import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Bytes } from './bytes.ts';
import { refuse } from './refusal.ts';

export interface JsonOptions {
  readonly depthMax: number;
  readonly keepsRawBody: boolean;
  /** An empty body counts as none, whatever type it says it has. */
  readonly isBodyOptional: boolean;
}

/** Takes JSON and nothing else. What parses is safe to walk, store and hash: see `hostileDetail`. */
export function takeJson(app: FastifyInstance, options: JsonOptions): void {
  app.removeAllContentTypeParsers();
  if (options.keepsRawBody) app.decorateRequest('rawBody', undefined);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    try {
      refuseEncoded(request);
      if (options.keepsRawBody) request.rawBody = bytes;
      done(null, parseJson(bytes, options.depthMax));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  if (!options.isBodyOptional) return;
  // `curl -d ''` names a type and sends nothing. That a chunked body is empty only its end tells, so it is read first.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes: Buffer, done) => {
    if (bytes.length === 0) done(null, undefined);
    else done(refuse('unsupported-media-type'));
  });
}

/** Takes bodies of these media types as `Bytes` and nothing else. */
export function takeBytes(app: FastifyInstance, mediaTypes: readonly string[]): void {
  app.removeAllContentTypeParsers();
  for (const contentType of mediaTypes) {
    app.addContentTypeParser(contentType, { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
      try {
        refuseEncoded(request);
        done(null, bytes.length === 0 ? undefined : ({ contentType, bytes } satisfies Bytes));
      } catch (error) {
        done(error as Error, undefined);
      }
    });
  }
  // Before its body is read: it would be for nothing.
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(refuse('unsupported-media-type', { detail: `Send one of ${mediaTypes.join(', ')} as \`Content-Type\`.` }));
  });
}

function refuseEncoded(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw refuse('unsupported-media-type', { detail: 'Send the body as it is, without `Content-Encoding`.' });
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's bytes as they came, on routes that keep them. */
    rawBody?: Buffer | undefined;
  }
}

/** The value, or undefined for an empty body. Throws a Refusal that says what is wrong. */
export function parseJson(bytes: Buffer, depthMax: number): unknown {
  if (bytes.length === 0) return undefined;
  // RFC 8259, section 8.1: JSON between systems is UTF-8. Decoding would put U+FFFD where bytes are broken.
  if (!isUtf8(bytes)) throw badJson('', 'is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    const [, position] = /at position (\d+)/.exec((error as Error).message) ?? [];
    throw badJson('', position === undefined ? 'is not JSON' : `is not JSON: it goes wrong at position ${position}`);
  }
  const hostile = hostileDetail(value, depthMax);
  if (hostile !== undefined) throw badJson(hostile.pointer, hostile.detail);
  return value;
}

function badJson(pointer: string, detail: string) {
  return refuse('bad-request', { detail: 'The body cannot be read.', errors: [{ pointer, detail }] });
}

/**
 * What is valid JSON and still harms what comes after it: nesting that overflows a recursive reader, keys that reach an
 * object's prototype, NUL that PostgreSQL cannot store, halves of surrogate pairs that UTF-8 cannot.
 */
export function hostileDetail(value: unknown, depthMax: number): { pointer: string; detail: string } | undefined {
  if (typeof value === 'string') {
    return isStorable(value) ? undefined : { pointer: '', detail: 'must be text without NUL or broken characters' };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depthMax === 0) return { pointer: '', detail: 'is nested too deeply' };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = hostileDetail(value[index], depthMax - 1);
      if (found !== undefined) return { pointer: `/${index}${found.pointer}`, detail: found.detail };
    }
    return undefined;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (key === '__proto__' || (key === 'constructor' && reachesPrototype(member)) || !isStorable(key)) {
      return { pointer: '', detail: 'has a field whose name is not allowed' };
    }
    const found = hostileDetail(member, depthMax - 1);
    if (found !== undefined) return { pointer: `/${pointerPart(key)}${found.pointer}`, detail: found.detail };
  }
  return undefined;
}

/** `constructor` alone is a word like any other; a merge through `constructor.prototype` is what must not come in. */
function reachesPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}

function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

function pointerPart(key: string): string {
  return key.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1');
}
