import assert from 'node:assert/strict';
import test from 'node:test';
import { Type } from 'typebox';
import { defineContract } from './contract.ts';
import { strict } from './schema.ts';
import { notesApi, rawRequest, testServer } from './testing.ts';

const body = strict({ text: Type.Optional(Type.String({ default: 'a note' })) });
const base = { ...notesApi.routes.addNote, idempotency: 'by-nature', body, responses: { 201: body } } as const;
const contract = defineContract({
  name: 'two',
  routes: {
    begin: { ...base, path: '/optional', isBodyOptional: true },
    refund: { ...base, path: '/required' },
  },
});
const handlers = {
  begin: async ({ body }: { body: object }) => ({ status: 201, body }) as const,
  refund: async ({ body }: { body: object }) => ({ status: 201, body }) as const,
};
const { port } = await testServer({ services: [{ contract, handlers }] });

async function send(path: string, headers: readonly string[], sent = '') {
  const head = [`POST ${path} HTTP/1.1`, 'host: x', 'connection: close', ...headers];
  const text = await rawRequest(port, `${head.join('\r\n')}\r\n\r\n${sent}`);
  return { status: Number(text.slice(9, 12)), text };
}

const chunked = 'transfer-encoding: chunked';
const noType = 'x-type: none';
const types = [
  'content-type: application/x-www-form-urlencoded',
  'content-type: text/plain',
  'content-type: multipart/form-data; boundary=x',
];

test('where a body may be left out, an empty one of whatever type is none', async () => {
  for (const type of [noType, ...types, 'content-type: application/json']) {
    for (const [length, sent] of [
      ['content-length: 0', ''],
      [chunked, '0\r\n\r\n'],
    ] as const) {
      const { status, text } = await send('/optional', [type, length], sent);
      assert.equal(status, 201, `${type}, ${length}`);
      assert.match(text, /\{"text":"a note"\}/);
    }
  }
});

test('a body of another type that is not empty is refused there as elsewhere, an empty one elsewhere only', async () => {
  for (const type of types) {
    for (const path of ['/optional', '/required']) {
      assert.equal((await send(path, [type, 'content-length: 8'], 'text=abc')).status, 415, `${path}, ${type}`);
      assert.equal((await send(path, [type, chunked], '3\r\nabc\r\n0\r\n\r\n')).status, 415, `${path}, ${type}`);
    }
    assert.equal((await send('/required', [type, 'content-length: 0'])).status, 415, type);
  }
  assert.equal((await send('/required', ['content-length: 0'])).status, 400);
});
