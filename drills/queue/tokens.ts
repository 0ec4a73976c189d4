import { createHmac } from 'node:crypto';

/** What a ticket or a pass says of itself; nobody's word for it, since whoever has it can read it. */
export function readClaims(token: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Every way to make another token of one that we know of, each with what it is. `better`: what its maker would like it to say. */
export function forgeriesOf(token: string, better: Readonly<Record<string, unknown>>): [what: string, token: string][] {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const wished = encode({ ...readClaims(token), ...better });
  const { kid, typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: string; typ?: string };
  const unsigned = encode({ alg: 'none', kid, typ });
  const ownKey = createHmac('sha256', 'the key of another shop').update(`${header}.${wished}`).digest('base64url');
  return [
    ['with other claims', `${header}.${wished}.${signature}`],
    ['with one bit of its claims flipped', `${header}.${flip(payload)}.${signature}`],
    ['with one bit of its signature flipped', `${header}.${payload}.${flip(signature)}`],
    ['without a signature', `${header}.${payload}.`],
    ['with alg none', `${unsigned}.${wished}.`],
    ['signed with the key of another shop', `${header}.${wished}.${ownKey}`],
    ['cut in half', token.slice(0, token.length / 2)],
  ];
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A bit of a byte in the middle, since in a last character some bits mean nothing. */
function flip(text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64url');
}
