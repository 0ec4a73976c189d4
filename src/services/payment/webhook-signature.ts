import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * `Signature: t=1800000000,v1=5257a8…`: HMAC-SHA256 over `<t>.<body>`, as Stripe and many others sign. The instant is
 * signed too, so that a delivery overheard today is worth nothing tomorrow. `v1` may stand more than once, while the
 * sender's secret is being changed.
 */
export function signWebhook(secret: string, rawBody: Buffer | string, atMs: number): string {
  const atS = Math.floor(atMs / 1000);
  return `t=${atS},v1=${mac(secret, atS, rawBody).toString('hex')}`;
}

export type SignatureCheck = { readonly kind: 'genuine' } | { readonly kind: 'refused'; readonly reason: string };

export function checkWebhook(
  secret: string,
  delivery: { readonly rawBody: Buffer; readonly signature: string | undefined; readonly nowMs: number },
  toleranceMs: number,
): SignatureCheck {
  const { atS, signatures } = parseSignature(delivery.signature ?? '');
  if (atS === undefined || signatures.length === 0) return refused('the Signature header is missing or malformed');
  const wanted = mac(secret, atS, delivery.rawBody);
  const isGenuine = signatures.some((given) => given.length === wanted.length && timingSafeEqual(given, wanted));
  if (!isGenuine) return refused('the signature does not fit the body');
  // Both ways: a clock of theirs that runs ahead must not make a delivery good for ever.
  if (Math.abs(delivery.nowMs - atS * 1000) > toleranceMs) return refused('the delivery is too old to be accepted');
  return { kind: 'genuine' };
}

function parseSignature(header: string): { atS: number | undefined; signatures: Buffer[] } {
  let atS: number | undefined;
  const signatures: Buffer[] = [];
  // A header with hundreds of parts is no provider's.
  for (const part of header.split(',', 10)) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === 't' && /^\d{1,12}$/.test(value)) atS = Number(value);
    if (name === 'v1') signatures.push(Buffer.from(value, 'hex'));
  }
  return { atS, signatures };
}

function mac(secret: string, atS: number, rawBody: Buffer | string): Buffer {
  return createHmac('sha256', secret).update(`${atS}.`).update(rawBody).digest();
}

function refused(reason: string): SignatureCheck {
  return { kind: 'refused', reason };
}
