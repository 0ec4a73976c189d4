import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import test from 'node:test';
import { Type } from 'typebox';
import { createCheck } from './check.ts';
import { defineContract } from './contract.ts';
import { createOpenApi } from './openapi.ts';
import { strict } from './schema.ts';
import { notesApi } from './testing.ts';
import { createValidation } from './validation.ts';

const base = notesApi.routes.addNote;
const body = strict({ text: Type.Optional(Type.String({ default: 'a note' })) });
const contract = defineContract({
  name: 'two',
  routes: {
    begin: { ...base, path: '/a', body, isBodyOptional: true },
    refund: { ...base, path: '/b', body },
  },
});

test('where a body may be left out, no body is an empty one; elsewhere it is refused, though all its fields may be left out', () => {
  const { begin, refund } = contract.routes;
  const checked = (route: typeof begin | typeof refund, sent: unknown) => {
    const request = { raw: { headers: {} } as IncomingMessage, params: {}, query: {}, body: sent };
    const errors = createCheck(route, createValidation())(request)?.problem.errors;
    return errors === undefined ? request.body : errors[0]?.detail;
  };
  assert.deepEqual(checked(begin, undefined), { text: 'a note' });
  assert.deepEqual(checked(begin, {}), { text: 'a note' });
  assert.match(String(checked(begin, null)), /object/);
  assert.equal(checked(refund, undefined), 'a JSON body is required');
  const { paths } = createOpenApi({ contracts: [contract], info: { title: 'x', version: '1' } });
  const required = ['/a', '/b'].map((path) => paths[path]?.post?.requestBody?.required);
  assert.deepEqual(required, [false, true]);
});
