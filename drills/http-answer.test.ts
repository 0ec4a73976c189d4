import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createAnswerReader, type HttpAnswer, MalformedAnswer } from './http-answer.ts';

const limits = { headBytesMax: 4096, bodyBytesMax: 100_000 };

interface Written {
  readonly bytes: Buffer;
  readonly status: number;
  readonly body: string;
}

const anyBody = fc.string({ unit: 'binary', maxLength: 200 });
const anyStatus = fc.constantFrom(200, 201, 202, 400, 409, 422, 503);
const anyContinue = fc.constantFrom('', 'HTTP/1.1 100 Continue\r\n\r\n');

const counted: fc.Arbitrary<Written> = fc
  .record({ body: anyBody, status: anyStatus, before: anyContinue })
  .map(({ body, status, before }) => {
    const bytes = Buffer.from(body);
    const head = `${before}HTTP/1.1 ${status} Some Words\r\nX-Colour: red\r\nContent-Length:${bytes.length}\r\n\r\n`;
    return { status, body, bytes: Buffer.concat([Buffer.from(head), bytes]) };
  });

const chunked: fc.Arbitrary<Written> = fc
  .record({
    body: anyBody,
    status: anyStatus,
    sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
    extension: fc.constantFrom('', ';a=b', ' ; c'),
    trailers: fc.constantFrom('', 'Digest: x\r\n'),
  })
  .map(({ body, status, sizes, extension, trailers }) => {
    const bytes = Buffer.from(body);
    const parts = [Buffer.from(`HTTP/1.1 ${status}\r\nx-colour:  red \r\ntransfer-encoding: chunked\r\n\r\n`)];
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const part = bytes.subarray(at, at + (sizes[turn % sizes.length] ?? 1));
      parts.push(Buffer.from(`${part.length.toString(16)}${extension}\r\n`), part, Buffer.from('\r\n'));
      at += part.length;
    }
    parts.push(Buffer.from(`0\r\n${trailers}\r\n`));
    return { status, body, bytes: Buffer.concat(parts) };
  });

const empty: fc.Arbitrary<Written> = fc.constantFrom(204, 304).map((status) => ({
  status,
  body: '',
  bytes: Buffer.from(`HTTP/1.1 ${status} Nothing\r\nx-colour: red\r\n\r\n`),
}));

/** Cuts after each of the lengths in turn. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const end = at + (lengths[turn % lengths.length] ?? 1);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

const anyCuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 400 })), {
  minLength: 1,
  maxLength: 12,
});

test('answers are read the same, however the network cuts them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(counted, chunked, empty), anyCuts), { maxLength: 5 }), (answers) => {
      const reader = createAnswerReader(limits);
      for (const [written, cuts] of answers) {
        const pieces = cut(written.bytes, cuts);
        const got = pieces.map((piece) => reader.push(piece));
        assert(
          got.slice(0, -1).every((answer) => answer === undefined),
          'no answer before its last byte',
        );
        const answer = got.at(-1) as HttpAnswer;
        assert.deepEqual(
          [answer.status, answer.body, answer.headers['x-colour'], answer.keepsAlive],
          [written.status, written.body, 'red', true],
        );
        assert.equal(reader.hasBegun, false);
      }
    }),
    { numRuns: 500 },
  );
});

test('garbage never throws anything but MalformedAnswer, and never becomes an answer that was not sent', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), anyCuts, (noise, cuts) => {
      const reader = createAnswerReader(limits);
      try {
        for (const piece of cut(Buffer.from(noise), cuts)) assert.equal(reader.push(piece), undefined);
      } catch (error) {
        assert(error instanceof MalformedAnswer);
      }
    }),
  );
});

test('a length that is not told ends with the connection', () => {
  const reader = createAnswerReader(limits);
  assert.equal(reader.push(Buffer.from('HTTP/1.0 200 OK\r\n\r\nhal')), undefined);
  assert.equal(reader.push(Buffer.from('f')), undefined);
  assert.equal(reader.end()?.body, 'half');
});

test('an answer that breaks off is none', () => {
  const reader = createAnswerReader(limits);
  assert.equal(reader.push(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhal')), undefined);
  assert.equal(reader.end(), undefined);
});

const refused: Record<string, string> = {
  'two ways of telling the length': 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
  'a negative length': 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
  'an unknown encoding': 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n',
  'no length on a connection that stays': 'HTTP/1.1 200 OK\r\n\r\n',
  'a folded header': 'HTTP/1.1 200 OK\r\na: b\r\n c\r\ncontent-length: 0\r\n\r\n',
  'a chunk without a size': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
  'a chunk longer than it says': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n',
  'two answers to one request': 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nabHTTP/1.1 200 OK\r\n',
  'a body beyond the limit': 'HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n',
  'a chunk beyond the limit': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n',
  'a head beyond the limit': `HTTP/1.1 200 OK\r\na: ${'b'.repeat(5000)}`,
  'another protocol': 'SSH-2.0-OpenSSH_9.6\r\n\r\n',
};

for (const [name, text] of Object.entries(refused)) {
  test(`${name} is refused`, () => {
    assert.throws(() => createAnswerReader(limits).push(Buffer.from(text)), MalformedAnswer);
  });
}
