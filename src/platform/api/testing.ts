import { connect } from 'node:net';
import { after } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../context/context.ts';
import { createLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import { matchesIfMatch } from './conditional.ts';
import { type Call, defineContract, type Handlers, type StreamEvent } from './contract.ts';
import { createCursorCodec, pageOf, pageOfRows, pageQuery } from './cursor.ts';
import type { IdempotencyStore } from './idempotency.ts';
import { problem } from './problem.ts';
import { strict, text, Uuid } from './schema.ts';
import { createHttpServer, type HttpServerOptions } from './server.ts';

/** A small service for the tests of this room: notes on a board. It has a route of every policy that a contract can say. */

const Note = strict(
  {
    noteId: Uuid,
    text: text(200, { minLength: 1 }),
    importance: Type.Union([Type.Literal('low'), Type.Literal('high')]),
    tags: Type.Array(Type.String({ maxLength: 20 }), { maxItems: 5 }),
    version: Type.Integer(),
  },
  { title: 'Note' },
);
export type Note = Static<typeof Note>;

const NewNote = strict(
  {
    text: text(200, { minLength: 1 }),
    importance: Type.Optional(Type.Union([Type.Literal('low'), Type.Literal('high')], { default: 'low' })),
    tags: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 5 })),
    place: Type.Optional(
      Type.Union([
        strict({ kind: Type.Literal('wall'), heightCm: Type.Integer({ minimum: 0, maximum: 300 }) }),
        strict({ kind: Type.Literal('desk'), drawer: Type.String({ maxLength: 10 }) }),
      ]),
    ),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    contact: Type.Optional(Type.String({ format: 'email', maxLength: 254 })),
  },
  { title: 'NewNote' },
);

const Folder = Type.Cyclic(
  { Folder: strict({ name: Type.String(), folders: Type.Array(Type.Ref('Folder')) }) },
  'Folder',
);

const noteParams = strict({ noteId: Uuid });

export const notesApi = defineContract({
  name: 'notes',
  routes: {
    listNotes: {
      method: 'GET',
      path: '/v1/notes',
      summary: 'List notes',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      cache: { maxAgeS: 5, staleWhileRevalidateS: 60, shared: true },
      query: strict({
        ...pageQuery,
        tag: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 5 })),
        isHigh: Type.Optional(Type.Boolean()),
      }),
      responses: { 200: pageOf(Note, 'NotePage') },
    },
    addNote: {
      method: 'POST',
      path: '/v1/notes',
      summary: 'Put up a note',
      scope: 'public',
      importance: 'core',
      idempotency: 'honoured',
      body: NewNote,
      responses: { 201: Note },
      problems: ['conflict'],
    },
    getNote: {
      method: 'GET',
      path: '/v1/notes/:noteId',
      summary: 'Read a note',
      scope: 'public',
      importance: 'core',
      idempotency: 'safe',
      params: noteParams,
      responses: { 200: Note },
      problems: ['not-found'],
    },
    changeNote: {
      method: 'PATCH',
      path: '/v1/notes/:noteId',
      summary: 'Change a note',
      scope: 'public',
      importance: 'core',
      idempotency: 'by-nature',
      params: noteParams,
      body: strict({ text: text(200, { minLength: 1 }) }),
      responses: { 200: Note },
      problems: ['not-found', 'precondition-failed'],
    },
    removeNote: {
      method: 'DELETE',
      path: '/v1/notes/:noteId',
      summary: 'Take a note down',
      scope: 'admin',
      importance: 'deferrable',
      idempotency: 'by-nature',
      params: noteParams,
      responses: { 204: Type.Null() },
      problems: ['not-found'],
    },
    pay: {
      method: 'POST',
      path: '/v1/notes/:noteId/payments',
      summary: 'Pay for a note',
      scope: 'order',
      importance: 'core',
      idempotency: 'required',
      params: noteParams,
      body: strict({ amountMinor: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }),
      responses: { 201: strict({ run: Type.Integer(), credential: Type.Optional(Type.String()) }) },
      problems: ['payment-declined'],
    },
    payNatively: {
      method: 'POST',
      path: '/v1/notes/:noteId/native-payments',
      summary: 'Pay for a note; the service keeps the key',
      scope: 'order',
      importance: 'core',
      idempotency: 'required-native',
      params: noteParams,
      responses: { 200: strict({ key: Type.String() }) },
    },
    watch: {
      method: 'GET',
      path: '/v1/notes/:noteId/events',
      summary: 'Follow a note',
      scope: 'order',
      importance: 'standard',
      idempotency: 'safe',
      isStream: true,
      params: noteParams,
      responses: { 200: Note },
    },
    receive: {
      method: 'POST',
      path: '/v1/webhooks',
      summary: 'Take a signed message',
      scope: 'public',
      importance: 'core',
      idempotency: 'by-nature',
      keepsRawBody: true,
      body: Type.Object({}, { additionalProperties: true }),
      responses: { 200: strict({ bytes: Type.String(), signature: Type.Optional(Type.String()) }) },
    },
    putFolder: {
      method: 'PUT',
      path: '/v1/folder',
      summary: 'Replace the tree of folders',
      scope: 'public',
      importance: 'deferrable',
      idempotency: 'by-nature',
      body: Folder,
      responses: { 200: Folder },
    },
    fail: {
      method: 'POST',
      path: '/v1/failures',
      summary: 'Fail in some way',
      scope: 'public',
      importance: 'deferrable',
      idempotency: 'honoured',
      body: strict({ how: Type.String({ maxLength: 20 }) }),
      responses: { 200: strict({ how: Type.String() }) },
    },
    inspect: {
      method: 'POST',
      path: '/internal/notes/inspect',
      summary: 'What other services may ask',
      scope: 'internal',
      importance: 'core',
      idempotency: 'safe',
      body: strict({ names: Type.Array(Type.String()) }),
      responses: { 200: strict({ names: Type.Array(Type.String()), at: Type.Optional(Type.String()) }) },
    },
  },
});

export interface Notes {
  readonly contract: typeof notesApi;
  readonly handlers: Handlers<typeof notesApi>;
  readonly notes: Map<string, Note>;
  /** How often `pay` ran, and what each run waits for. */
  runs: number;
  beforePaying: () => Promise<void>;
  /** What `fail` does, by the name it is asked for. */
  readonly failures: Record<string, (call: Call) => Promise<void>>;
  /** What `watch` gives; told of the call. */
  events: (lastEventId: string | undefined, signal: AbortSignal | undefined) => AsyncIterable<StreamEvent>;
}

const cursors = createCursorCodec(Type.Tuple([Type.String({ format: 'uuid' })]));

export function createNotes(): Notes {
  const notes = new Map<string, Note>();
  const service: Notes = {
    contract: notesApi,
    notes,
    runs: 0,
    beforePaying: async () => {},
    failures: {},
    events: async function* () {},
    handlers: {
      async listNotes({ query }) {
        const parsed = cursors.parse(query.cursor);
        if (parsed.kind === 'bad') return parsed.reply;
        const after = parsed.kind === 'after' ? parsed.after[0] : '';
        const limit = query.limit ?? 24;
        const wanted = [...notes.values()]
          .filter((note) => note.noteId > after)
          .filter((note) => query.isHigh === undefined || (note.importance === 'high') === query.isHigh)
          .filter((note) => (query.tag ?? []).every((tag) => note.tags.includes(tag)))
          .sort((a, b) => (a.noteId < b.noteId ? -1 : 1));
        const make = { item: (note: Note) => note, cursor: (note: Note) => cursors.encode([note.noteId]) };
        return { status: 200, body: pageOfRows(wanted.slice(0, limit + 1), limit, make) };
      },
      async addNote({ body }) {
        if (body.text === 'taken') return problem('conflict');
        const note: Note = {
          noteId: crypto.randomUUID(),
          text: body.text,
          importance: body.importance ?? 'low',
          tags: body.tags ?? [],
          version: 1,
        };
        notes.set(note.noteId, note);
        return { status: 201, body: note, headers: { location: `/v1/notes/${note.noteId}` } };
      },
      async getNote({ params }) {
        const note = notes.get(params.noteId);
        if (note === undefined) return problem('not-found');
        return { status: 200, body: note, json: JSON.stringify(note), headers: { etag: String(note.version) } };
      },
      async changeNote({ params, body }, call) {
        const note = notes.get(params.noteId);
        if (note === undefined) return problem('not-found');
        if (!matchesIfMatch(call.ifMatch, String(note.version))) return problem('precondition-failed');
        const changed = { ...note, text: body.text, version: note.version + 1 };
        notes.set(note.noteId, changed);
        return { status: 200, body: changed, headers: { etag: String(changed.version) } };
      },
      async removeNote({ params }) {
        return notes.delete(params.noteId) ? { status: 204, body: null } : problem('not-found');
      },
      async pay({ body }, call) {
        service.runs += 1;
        const run = service.runs;
        await service.beforePaying();
        if (body.amountMinor === 402) return problem('payment-declined');
        const { credential } = call;
        return { status: 201, body: { run, ...(credential === undefined ? {} : { credential }) } };
      },
      payNatively: async (_request, call) => ({ status: 200, body: { key: call.idempotencyKey ?? '' } }),
      watch: async (_request, call) => ({ status: 200, body: service.events(call.lastEventId, call.signal) }),
      async receive(_request, { rawBody, signature }) {
        const bytes = rawBody?.toString() ?? '';
        return { status: 200, body: { bytes, ...(signature === undefined ? {} : { signature }) } };
      },
      putFolder: async ({ body }) => ({ status: 200, body }),
      async fail({ body }, call) {
        service.runs += 1;
        await service.failures[body.how]?.(call);
        return { status: 200, body };
      },
      inspect: async ({ body }) => ({ status: 200, body }),
    },
  };
  return service;
}

export interface TestServer {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly port: number;
  readonly notes: Notes;
  readonly lines: Record<string, unknown>[];
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock & { nowMs(): number; addMs(ms: number): void };
  /** A JSON request: the answer and its parsed body. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was sent
  readonly body: any;
}

export const adminToken = 'the-shop-s-own-token';

const noStore: IdempotencyStore = {
  begin: () => Promise.reject(new Error('this test has no idempotency store')),
  finish: () => Promise.resolve(),
  abandon: () => Promise.resolve(),
};

/** A server on a free port with the notes on it, closed when the test file is done. */
export async function testServer(options: Partial<HttpServerOptions> = {}): Promise<TestServer> {
  const lines: Record<string, unknown>[] = [];
  let aheadMs = 0;
  const clock = {
    nowMs: () => Date.now() + aheadMs,
    addMs: (ms: number) => {
      aheadMs += ms;
    },
  };
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLog({ level: 'debug', destination, clock });
  const metrics = createMetrics({ withProcess: false });
  const notes = createNotes();
  const app = createHttpServer({
    services: [notes],
    admin: { isAdmin: (token) => token === adminToken },
    log,
    metrics,
    clock,
    info: { title: 'Notes', version: '1.0.0' },
    readiness: async () => [],
    idempotency: noStore,
    ...options,
  });
  after(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const ask: TestServer['ask'] = async (method, path, body, headers = {}) => {
    const withBody = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(url + path, {
      method,
      headers: { ...type, ...headers },
      redirect: 'manual',
      ...withBody,
    });
    const answerText = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && answerText !== '' ? JSON.parse(answerText) : answerText,
    };
  };
  return { app, url, port: Number(new URL(url).port), notes, lines, metrics, log, clock, ask };
}

/** Writes bytes to a server and returns all that comes back until it hangs up or nothing has come for a while. */
export function rawRequest(port: number, bytes: string | Buffer, quietMs = 400): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.setTimeout(quietMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.write(bytes);
  });
}

/** Writes bytes to a server and returns all that comes back, as one byte a character, until it is whole or the server hangs up. */
export function speak(
  port: number,
  text: string,
  isWhole: (said: string) => boolean = () => false,
): Promise<{ text: string; isEnded: boolean }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let said = '';
    const done = (isEnded: boolean) => {
      socket.destroy();
      resolve({ text: said, isEnded });
    };
    socket.setEncoding('latin1').on('data', (chunk) => {
      said += chunk;
      if (isWhole(said)) done(false);
    });
    socket.on('end', () => done(true)).on('error', reject);
  });
}
