import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSessions, hashText, KnownSessions, placeOf, type Session } from './session.ts';

test('places are spread evenly, and everybody comes first within five minutes', () => {
  const tenths = new Array<number>(10).fill(0);
  for (let index = 0; index < 20_000; index++) {
    const tenth = Math.floor(10 * placeOf(hashText(`buyer-${index}`, 0, 7), 123_456));
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) assert(count > 1_800 && count < 2_200, String(tenths));
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.nat(2 ** 40), (session, nowMs) => {
      const places = Array.from({ length: 60 }, (_, index) => placeOf(session, nowMs + index * 5000));
      assert(places.every((place) => place >= 0 && place < 1));
      assert(Math.min(...places) < 0.05);
    }),
  );
});

test('who is let in moves further in, until the end of the round', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.nat(2 ** 40), fc.nat(60_000), (session, nowMs, laterMs) => {
      const before = placeOf(session, nowMs);
      const after = placeOf(session, nowMs + laterMs);
      assert(after <= before || before < laterMs / 300_000 + 1e-9);
    }),
  );
});

test('a session is known until it has not been let in for as long as it is kept', () => {
  const known = new KnownSessions(60_000);
  const session = (key: number): Session => ({ key, client: { key: 0, letInAtMs: undefined, sessionKey: undefined } });
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.nat(2 ** 40), (key, nowMs) => {
      known.add(session(key), nowMs);
      assert(known.has(session(key), nowMs + 58_000));
      assert(!known.has(session(key), nowMs + 62_000));
      assert(!known.has(session((key ^ 0x80000000) >>> 0), nowMs), 'another one of the same slot is not');
    }),
  );
});

test('who was let in without a cookie is known on the same connection when he has one', () => {
  const known = new KnownSessions(60_000);
  const client: Session['client'] = { key: 7, letInAtMs: undefined, sessionKey: undefined };
  known.add({ key: 7, client }, 1000);
  assert(known.has({ key: 99, client }, 60_000));
  assert(!known.has({ key: 99, client }, 62_000));
  assert(!known.has({ key: 99, client: { key: 8, letInAtMs: undefined, sessionKey: undefined } }, 2000));
});

test('a connection that carries several sessions makes none of them known', () => {
  const known = new KnownSessions(60_000);
  const client: Session['client'] = { key: 7, letInAtMs: undefined, sessionKey: undefined };
  known.add({ key: 1, client }, 1000);
  assert(!known.has({ key: 2, client }, 1000));
  known.add({ key: 2, client }, 1000);
  assert(!known.has({ key: 3, client }, 1000));
  assert(known.has({ key: 1, client }, 1000), 'it is known by itself');
});

test('a session is its buyer’s cookie, else its credential, else its connection', () => {
  const sessions = createSessions({ sessionCookie: 'onrush_buyer', seed: 1 });
  const socket = { remoteAddress: '192.0.2.1', remotePort: 1234 };
  const of = (headers: Record<string, string>, port = 1234) =>
    sessions.of({
      headers,
      socket: port === 1234 ? socket : { ...socket, remotePort: port },
    } as unknown as IncomingMessage);
  const buyer = of({ cookie: 'a=b; onrush_buyer=xyz; c=d' });
  assert.equal(of({ cookie: 'onrush_buyer=xyz' }, 99).key, buyer.key);
  assert.notEqual(of({ cookie: 'onrush_buyer=xyy' }).key, buyer.key);
  assert.equal(of({ authorization: 'Bearer k' }, 99).key, of({ authorization: 'Bearer k' }).key);
  assert.equal(of({}).key, buyer.client.key);
  assert.notEqual(of({}, 99).key, of({}).key);
});
