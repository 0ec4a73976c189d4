import { type TObject, type TProperties, Type } from 'typebox';

/** An object that refuses fields it does not know: a misspelt field is an error, not a surprise later. */
export function strict<P extends TProperties>(
  properties: P,
  options: { title?: string; description?: string } = {},
): TObject<P> {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

export const Uuid = Type.String({ format: 'uuid', description: 'A UUID in lower case.', pattern: '^[0-9a-f-]{36}$' });

/** ISO 4217, three capitals. */
export const CurrencyCode = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 currency code.' });

/** Up to a trillion minor units: sums of orders stay far below 2^53. */
export const AmountMinor = Type.Integer({
  minimum: 0,
  maximum: 1_000_000_000_000,
  description: "Amount in the currency's minor unit (cents).",
});

export const InstantMs = Type.Integer({ minimum: 0, maximum: 253_402_300_799_999, description: 'Unix milliseconds.' });

export const Slug = Type.String({
  pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$',
  maxLength: 200,
  description: 'Lower-case letters, digits and single hyphens.',
});

/** Text for people: no control characters (PostgreSQL refuses NUL; the others only do harm), bounded. */
export function text(maxLength: number, options: { minLength?: number; description?: string } = {}) {
  return Type.String({ maxLength, pattern: '^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F]*$', ...options });
}

export const Limit = Type.Integer({
  minimum: 1,
  maximum: 100,
  default: 24,
  description: 'How many to return at most.',
});
export const Cursor = Type.String({ maxLength: 500, description: '`nextCursor` of the page before.' });

/** What the patterns above ask for, in words for whoever sent something else. */
export const patternWords: Readonly<Record<string, string>> = {
  [patternOf(Uuid)]: 'must be an id: a UUID in lower case',
  [patternOf(CurrencyCode)]: 'must be a currency code of three capitals, such as USD',
  [patternOf(Slug)]: 'must be lower-case letters, digits and single hyphens',
  [patternOf(text(1))]: 'must not have control characters',
};

function patternOf(schema: object): string {
  return 'pattern' in schema ? String(schema.pattern) : '';
}
