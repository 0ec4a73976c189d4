import type { Signer } from '../../platform/signing/signer.ts';
import type { Quote } from './api.ts';

/** As in checkout's contract (placeOrder). */
const tokenLengthMax = 65_536;

/** Long titles of a hundred lines do not fit; what the order is, is told by ids and SKUs. */
const titleLengthsMax = [120, 40, 0];

/**
 * The quote and its token, with titles cut where the token would else be longer than an order may be. Undefined if it is
 * too long even so.
 */
export function signQuote(signer: Signer, quote: Quote): (Quote & { readonly quote: string }) | undefined {
  const whole = signer.sign('quote', quote);
  if (whole.length <= tokenLengthMax) return { quote: whole, ...quote };
  for (const titleLengthMax of titleLengthsMax) {
    const shorter = {
      ...quote,
      lines: quote.lines.map((line) => ({ ...line, title: cut(line.title, titleLengthMax) })),
    };
    const token = signer.sign('quote', shorter);
    if (token.length <= tokenLengthMax) return { quote: token, ...shorter };
  }
  return undefined;
}

/** Cut between characters, never within one. */
function cut(title: string, lengthMax: number): string {
  return title.length <= lengthMax ? title : title.slice(0, lengthMax).replace(/[\ud800-\udbff]$/, '');
}
