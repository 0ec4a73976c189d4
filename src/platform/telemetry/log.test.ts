import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createLog } from './log.ts';
import { scrub, scrubText } from './scrub.ts';

function testLog(level: 'debug' | 'info' | 'warn' | 'error' = 'debug') {
  const lines: string[] = [];
  const log = createLog({
    level,
    destination: { write: (line: string) => void lines.push(line) },
    clock: { nowMs: () => 1_700_000_000_000 },
    fields: { process: 'shop' },
  });
  return { log, lines };
}

test('a line is one JSON object: level, time, fields, message', () => {
  const { log, lines } = testLog();
  log.child({ requestId: 'r-1' }).warn({ count: 3 }, 'something was slow');
  assert.equal(lines.length, 1);
  assert.deepEqual(JSON.parse(lines[0] ?? ''), {
    level: 'warn',
    time: '2023-11-14T22:13:20.000Z',
    process: 'shop',
    requestId: 'r-1',
    count: 3,
    message: 'something was slow',
  });
});

test('lines below the level are not written', () => {
  const { log, lines } = testLog('warn');
  log.debug({}, 'a');
  log.info({}, 'b');
  log.error({}, 'c');
  assert.equal(lines.length, 1);
});

test('a line break in a value cannot forge a line', () => {
  const { log, lines } = testLog();
  log.info({ name: 'a\n{"level":"error"}' }, 'x\ny');
  assert.equal(lines.join('').trimEnd().split('\n').length, 1);
});

test('personal data and secrets do not get through, under whatever name', () => {
  const { log, lines } = testLog();
  const secrets = [
    'ann@example.org',
    '12 Long Lane',
    'Ann',
    'tok_123',
    '+44 20 7946 0000',
    'hunter2',
    '4242 4242 4242 4242',
  ];
  log.info(
    {
      email: 'ann@example.org',
      deliveryAddress: { line1: '12 Long Lane', city: 'Leeds' },
      delivery_address: ['12 Long Lane'],
      firstName: 'Ann',
      headers: { Authorization: 'Bearer tok_123', cookie: 'session=tok_123' },
      'set-cookie': 'tok_123',
      contact: { phone: '+44 20 7946 0000' },
      password: 'hunter2',
      note: 'write to ann@example.org, Bearer tok_123, postgres://shop:hunter2@db/shop',
      link: '/v1/orders/1?key=tok_123&a=1',
      list: [{ card: '4242 4242 4242 4242' }, 'paid with 4242 4242 4242 4242'],
      nested: { very: { deeply: { apiKey: 'tok_123' } } },
    },
    'told ann@example.org',
  );
  const text = lines.join('');
  for (const secret of secrets) assert(!text.includes(secret), secret);
  assert(text.includes('write to [email]'));
  assert(text.includes('postgres://shop:[redacted]@db/shop'));
  assert(text.includes('&a=1'));
});

test('what helps to find a fault stays', () => {
  const kept = {
    requestId: 'b7Q2xk-1f',
    orderId: '0198a2f4-5b6c-8000-9abc-123456789012',
    atMs: 1_700_000_000_123,
    count: 12,
    isDone: false,
    code: 'ECONNREFUSED',
    sku: 'SKU-1234567890123',
    tokens: 5,
    route: 'GET /v1/orders/:orderId',
    url: 'http://127.0.0.1:7070',
  };
  assert.deepEqual(scrub(kept), kept);
});

test('an error is told by type, message, place and cause, without what the database quotes of rows and input', () => {
  const cause = Object.assign(new Error('invalid input syntax for type uuid: "ann and her address"'), {
    code: '22P02',
  });
  const error = Object.assign(new TypeError('could not write for ann@example.org', { cause }), {
    code: '23505',
    constraint: 'buyer_email_key',
    detail: 'Key (email)=(ann@example.org) already exists.',
    parameters: ['ann@example.org'],
  });
  const told = scrub({ error }) as { error: { stack: string[]; cause: { message: string } } };
  const text = JSON.stringify(told);
  assert(!text.includes('ann'), text);
  assert.match(text, /"type":"TypeError"/);
  assert.match(text, /buyer_email_key/);
  assert.match(told.error.stack[0] ?? '', /^at .*log\.test\.ts/);
  assert.equal(told.error.cause.message, 'invalid input syntax for type uuid: "…"');
});

test('whatever is logged, a line comes out, and no mail address with it', () => {
  const { log, lines } = testLog();
  const address = fc.emailAddress({ size: 'small' });
  const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true, maxDepth: 3 });
  fc.assert(
    fc.property(value, address, fc.string(), (fields, email, before) => {
      lines.length = 0;
      log.info({ fields, text: `${before} ${email} after` }, 'any');
      assert.equal(lines.length, 1);
      const [local = ''] = email.split('@');
      assert(!lines[0]?.includes(`${local}@`) || local.length < 2, `${email} in ${lines[0]}`);
    }),
  );
  const circle: { self?: object } = {};
  circle.self = circle;
  log.info(circle, 'a circle');
});

test('of a long text no pattern reads more than a line of log is worth', (t) => {
  const replace = t.mock.method(String.prototype, 'replace');
  for (const text of [
    'a'.repeat(1e6),
    'a@'.repeat(5e5),
    '4 '.repeat(5e5),
    'eyJ'.repeat(3e5),
    '://a:'.repeat(2e5),
    '?key='.repeat(2e5),
  ]) {
    assert(scrubText(text).length <= 20_000);
  }
  const readLengths = replace.mock.calls.map(({ this: text }) => String(text).length);
  assert(readLengths.length > 0);
  assert(Math.max(...readLengths) <= 20_000);
});

test('a token is found wherever one begins', () => {
  const part = fc.constantFrom('eyJ', 'eyJhbGciOi', '.', '..', '-', '_', ' ', 'a', '12345678');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const text = parts.join('');
      // So it was written first, which of a long `eyJ-eyJ-eyJ…` takes the square of its length.
      assert.equal(scrubText(text), text.replace(/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[token]'));
    }),
    { numRuns: 3_000 },
  );
});
