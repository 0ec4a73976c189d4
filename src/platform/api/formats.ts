import type { Format } from 'ajv';

/**
 * The formats that schemas may name. Each looks at the length first: the usual patterns take quadratic time on text
 * that is long enough, and a pattern is tried before anyone knows that `maxLength` failed too.
 */
export const formats: Readonly<Record<string, Format>> = {
  uuid: { validate: (text: string) => text.length === 36 && uuid.test(text) },
  // What RFC 5321 lets through a mail system; whether it exists only a message can tell.
  email: { validate: (text: string) => text.length <= 254 && email.test(text) },
  uri: { validate: (text: string) => text.length <= 2048 && URL.canParse(text) },
  date: { validate: (text: string) => text.length === 10 && date.test(text) && isCalendarDay(text) },
  'date-time': {
    validate: (text: string) => text.length <= 35 && dateTime.test(text) && isCalendarDay(text.slice(0, 10)),
  },
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const email = /^[^\s@"(),:;<>[\\\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/i;
const date = /^\d{4}-\d\d-\d\d$/;
const dateTime = /^\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

function isCalendarDay(text: string): boolean {
  // 30 February becomes 2 March: a day that does not exist does not come back as it went in.
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
