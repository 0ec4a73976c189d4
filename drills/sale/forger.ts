import type { SignedQuote } from '../../src/services/quote/api.ts';
import type { Reply } from '../reply.ts';
import type { Visit } from './visit.ts';

/** Tries in turn everything that could make an order of what the shop did not sign, or no longer holds to. */
export async function sendForgedQuotes(visit: Visit): Promise<void> {
  const quote = await visit.quoteHot(1);
  for (const [what, token] of forgeriesOf(quote)) {
    const reply = await visit.orderForged(token, quote.orderId);
    visit.tally.demand(
      'forgedQuote',
      isRefused(reply, ['quote-invalid']),
      () => `${what} was answered ${wordsOf(reply)}`,
    );
  }
  const expired = visit.setup.expiredQuotes[visit.random.integer(visit.setup.expiredQuotes.length)];
  if (expired === undefined) return;
  const reply = await visit.orderForged(expired, readPayload(expired).orderId);
  visit.tally.demand('expiredQuote', isRefused(reply, ['quote-expired']), () => `it was answered ${wordsOf(reply)}`);
}

/** Each with what it is, for the complaint. */
export function forgeriesOf({ quote, buyer }: Pick<SignedQuote, 'quote' | 'buyer'>): [what: string, token: string][] {
  const [header = '', payload = '', signature = ''] = quote.split('.');
  const claims = readPayload(quote);
  const cheaper = {
    ...claims,
    totalMinor: 1,
    lines: claims.lines.map((line) => ({ ...line, unitPriceMinor: 1, totalMinor: line.quantity })),
  };
  const unsigned = encode({ alg: 'none', typ: 'quote' });
  return [
    ['a quote with a lower price', `${header}.${encode(cheaper)}.${signature}`],
    [
      'a quote that lasts longer',
      `${header}.${encode({ ...claims, expiresAtMs: claims.expiresAtMs + 86_400_000 })}.${signature}`,
    ],
    [
      'a quote without limits',
      `${header}.${encode({ ...claims, lines: claims.lines.map(({ limit: _, ...line }) => line) })}.${signature}`,
    ],
    ['a quote with another signature', `${header}.${payload}.${flipFirst(signature)}`],
    ['a quote without a signature', `${header}.${payload}.`],
    ['an unsigned quote (alg none)', `${unsigned}.${payload}.`],
    ["a buyer's token in place of a quote", buyer],
    ['half a quote', quote.slice(0, quote.length / 2)],
  ];
}

function readPayload(token: string): SignedQuote {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as SignedQuote;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The first character, since in the last one some bits mean nothing. */
function flipFirst(text: string): string {
  return (text[0] === 'A' ? 'B' : 'A') + text.slice(1);
}

function isRefused(reply: Reply, slugs: readonly string[]): boolean {
  return reply.status >= 400 && reply.status < 500 && slugs.includes(reply.slug ?? '');
}

function wordsOf({ status, slug }: Reply): string {
  return slug === undefined ? `${status}` : `${status} ${slug}`;
}
