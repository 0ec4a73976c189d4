import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Type } from 'typebox';
import { createSigner, newSigningKey } from '../signing/signer.ts';
import { createCursorCodec, pageOfRows } from './cursor.ts';
import { testServer } from './testing.ts';

const after = Type.Tuple([Type.Literal('by-price'), Type.Integer(), Type.String({ maxLength: 50 })]);
const signer = createSigner([newSigningKey()]);
const codecs = { plain: createCursorCodec(after), signed: createCursorCodec(after, signer) };

for (const [name, codec] of Object.entries(codecs)) {
  test(`${name}: a cursor comes back as it went, and is safe in a URL`, () => {
    fc.assert(
      fc.property(fc.integer(), fc.string({ maxLength: 50, unit: 'grapheme-ascii' }), (price, slug) => {
        const cursor = codec.encode(['by-price', price, slug]);
        assert.match(cursor, /^[\w.-]+$/);
        assert.deepEqual(codec.parse(cursor), { kind: 'after', after: ['by-price', price, slug] });
      }),
    );
  });

  test(`${name}: anything else is a problem that names the parameter`, () => {
    const other = createCursorCodec(Type.Tuple([Type.Integer()]), name === 'signed' ? signer : undefined);
    const forged = Buffer.from(JSON.stringify({ after: ['by-price', 1, 'a'.repeat(51)] })).toString('base64url');
    const poisoned = Buffer.from('{"after":["by-price",1,"a"],"__proto__":{}}').toString('base64url');
    for (const cursor of [
      '',
      '!',
      'null',
      'bnVsbA',
      other.encode([1]),
      forged,
      poisoned,
      `${codec.encode(['by-price', 1, 'a'])}x`,
    ]) {
      const parsed = codec.parse(cursor);
      assert(parsed.kind === 'bad' || (name === 'plain' && parsed.kind === 'after' && cursor.endsWith('x')), cursor);
      if (parsed.kind === 'bad') assert.equal(parsed.reply.problem.errors?.[0]?.pointer, '#query/cursor');
    }
  });
}

test('signed: a cursor cannot be made up', () => {
  const [plain, signed] = [codecs.plain.encode(['by-price', 1, 'a']), codecs.signed];
  assert.equal(signed.parse(plain).kind, 'bad');
  const other = createCursorCodec(after, createSigner([newSigningKey()]));
  assert.equal(signed.parse(other.encode(['by-price', 1, 'a'])).kind, 'bad');
});

test('the pages of a list together are the list, each once', () => {
  const codec = createCursorCodec(Type.Tuple([Type.Integer()]));
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (numbers, limit) => {
      const sorted = numbers.sort((a, b) => a - b);
      const seen: number[] = [];
      for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
        const parsed = codec.parse(cursor);
        assert(parsed.kind !== 'bad');
        const rows = sorted.filter((each) => parsed.kind === 'first' || each > parsed.after[0]).slice(0, limit + 1);
        const page = pageOfRows(rows, limit, { item: (row) => row, cursor: (row) => codec.encode([row]) });
        assert(page.items.length <= limit);
        seen.push(...page.items);
        cursor = page.nextCursor;
      }
      assert.deepEqual(seen, sorted);
    }),
  );
});

test('over HTTP: limit and cursor lead through a list; a broken cursor is 400', async () => {
  const { ask } = await testServer();
  for (let number = 0; number < 7; number++) await ask('POST', '/v1/notes', { text: `note ${number}` });
  const seen = new Set<string>();
  let path = '/v1/notes?limit=3';
  for (let pages = 1; ; pages++) {
    const { body } = await ask('GET', path);
    for (const { noteId } of body.items) seen.add(noteId);
    if (body.nextCursor === undefined) {
      assert.equal(pages, 3);
      break;
    }
    path = `/v1/notes?limit=3&cursor=${body.nextCursor}`;
  }
  assert.equal(seen.size, 7);
  const broken = await ask('GET', '/v1/notes?cursor=bm90aGluZw');
  assert.equal(broken.status, 400);
  assert.equal(broken.body.errors[0].pointer, '#query/cursor');
});
