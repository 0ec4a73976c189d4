/**
 * Logs outlive their purpose and travel to places where personal data must not be. Nobody should log any; this is the net
 * below: what a field's name or a text's shape gives away as personal or secret is replaced before it is written.
 */

const redacted = '[redacted]';

// Parts of field names, compared without `-` and `_` and in lower case: `deliveryAddress` and `delivery_address` alike.
const secretNames =
  /authorization|cookie|password|passphrase|secret|token|credential|capability|apikey|email|phone|mobile|address|street|postcode|zipcode|firstname|lastname|fullname|recipient|birth|iban|cardnumber|cvc|cvv|signature|privatekey|useragent/;
const secretWholeNames = new Set(['ip', 'card', 'pan', 'contact', 'buyer', 'authorisation', 'code', 'quote']);
// PostgreSQL's five-character SQLSTATE and Node's E… codes are told by their shape; a capability `code` is not one.
const errorCode = /^(?:[0-9A-Z]{5}|[A-Z][A-Z0-9_]*)$/;

const patterns: readonly [RegExp, string | ((text: string, ...groups: (string | undefined)[]) => string)][] = [
  // A password in a database's URL.
  [/([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,64}:)[^\s@/]{1,200}@/gi, '$1[redacted]@'],
  [/[^\s@"<>()[\],;]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+/gi, '[email]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi, '$1 [redacted]'],
  // What is no token is taken too, and put back: else `eyJ-eyJ-eyJ…` would be read to its end from each of its parts.
  [/\beyJ[\w-]{8,}(\.[\w-]+\.[\w-]*)?/g, (text, rest) => (rest === undefined ? text : '[token]')],
  // A capability in an order's link.
  [/([?&](?:key|token|code|signature|email)=)[^&\s"']{1,500}/gi, '$1[redacted]'],
  [/(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])/g, maskCardNumber],
];

const textLengthMax = 8192;
const depthMax = 8;
const elementsMax = 200;

export function scrubText(text: string): string {
  // The length is cut first, so that no pattern works longer than a line of log is worth.
  let result = text.length > textLengthMax ? `${text.slice(0, textLengthMax)}…` : text;
  for (const [pattern, replacement] of patterns) {
    result =
      typeof replacement === 'string' ? result.replace(pattern, replacement) : result.replace(pattern, replacement);
  }
  return result;
}

/** A copy that is safe to write. */
export function scrub(value: unknown): unknown {
  return scrubAt(value, depthMax);
}

function scrubAt(value: unknown, depthLeft: number): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depthLeft === 0) return '[…]';
  if (value instanceof Error) return scrubError(value, depthLeft);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, elementsMax).map((each) => scrubAt(each, depthLeft - 1));
  const result: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value).slice(0, elementsMax)) {
    result[name] = isSecret(name, each) ? redacted : scrubAt(each, depthLeft - 1);
  }
  return result;
}

function isSecret(name: string, value: unknown): boolean {
  // Whether something is there, and how much of it, tells nothing of what it is.
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number') return false;
  const plain = name.replaceAll(/[-_\s]/g, '').toLowerCase();
  if (plain === 'code') return typeof value !== 'string' || !errorCode.test(value);
  return secretWholeNames.has(plain) || secretNames.test(plain);
}

/** What helps to find the fault. Not PostgreSQL's `detail`, which quotes the row: `Key (email)=(…) already exists`. */
function scrubError(error: Error, depthLeft: number): Record<string, unknown> {
  const { code, constraint, schema, table, routine } = error as unknown as Record<string, unknown>;
  const told = { code, constraint, schema, table, routine };
  const known = Object.entries(told).filter(([, value]) => typeof value === 'string');
  return {
    type: error.name,
    message: scrubText(withoutInput(error.message, code)),
    ...Object.fromEntries(known),
    // Only the frames: the lines above them repeat the message.
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: scrubAt(error.cause, depthLeft - 1) }),
  };
}

/** SQLSTATE class 22 quotes the value that it could not take: `invalid input syntax for type uuid: "…"`. */
function withoutInput(message: string, code: unknown): string {
  return typeof code === 'string' && /^22...$/.test(code) ? message.replaceAll(/"[^"]*"/g, '"…"') : message;
}

/** Card numbers carry a check digit (Luhn), so that other long numbers are left alone. */
function maskCardNumber(text: string): string {
  const digits = text.replaceAll(/\D/g, '');
  if (!/^[2-6]/.test(digits)) return text;
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0 ? '[card]' : text;
}
