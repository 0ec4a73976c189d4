import assert from 'node:assert/strict';
import test from 'node:test';
import type { TSchema } from 'typebox';
import { mediaTypesOf } from '../platform/api/bytes.ts';
import type { Route } from '../platform/api/contract.ts';
import { createValidation } from '../platform/api/validation.ts';
import { contracts } from './testing.ts';

// They are compiled when they are first needed: without this, a shop would find out by a request.
test('a body that may be left out may be empty', () => {
  const { body } = createValidation();
  const routes = contracts.flatMap(({ routes }) => Object.values(routes) as Route[]);
  const optional = routes.filter(({ isBodyOptional }) => isBodyOptional);
  for (const { path, body: schema } of optional) {
    assert(schema !== undefined, path);
    assert.equal(body(schema)({}), undefined, path);
  }
  assert.deepEqual(optional.map(({ path }) => path).toSorted(), ['/v1/carts', '/v1/waiting-rooms/:roomId/tickets']);
});

test('every schema of every contract can be compiled', () => {
  const { body, text } = createValidation();
  const isJson = (schema: TSchema | undefined): schema is TSchema =>
    schema !== undefined && mediaTypesOf(schema) === undefined;
  for (const { name, routes } of contracts) {
    for (const [routeName, route] of Object.entries(routes)) {
      const values = [route.body, ...Object.values(route.responses)].filter(isJson).map((schema) => body(schema));
      const texts = [route.params, route.query].filter(isJson).map((schema) => text(schema, '#query/'));
      for (const check of [...values, ...texts]) assert.doesNotThrow(() => check({}), `${name}.${routeName}`);
    }
  }
});
