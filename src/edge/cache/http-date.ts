const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const time = '(\\d\\d):(\\d\\d):(\\d\\d)';
const imfFixdate = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\\d\\d) ([a-z]{3}) (\\d{4}) ${time} GMT$`, 'i');
const rfc850 = new RegExp(
  `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d\\d)-([a-z]{3})-(\\d\\d) ${time} GMT$`,
  'i',
);
const asctime = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([a-z]{3}) ([ \\d]\\d) ${time} (\\d{4})$`, 'i');

/**
 * An HTTP date (RFC 9110, 5.6.7) in ms since 1970, in its present form or one of the two obsolete ones, whatever the case of its
 * letters (RFC 9111, 4.2); undefined for anything else. A date that is nearly right is not guessed at: taken for another day, it
 * would keep an answer for years.
 */
export function parseHttpDate(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const today = imfFixdate.exec(text);
  if (today !== null) return toMs(today[3], today[2], today[1], today.slice(4));
  const old = rfc850.exec(text);
  if (old !== null) return toMs(fullYear(Number(old[3]), nowMs), old[2], old[1], old.slice(4));
  const ansi = asctime.exec(text);
  if (ansi !== null) return toMs(ansi[6], ansi[1], ansi[2], ansi.slice(3, 6));
  return undefined;
}

/** Two digits that would lie more than 50 years ahead are of the past. */
function fullYear(twoDigits: number, nowMs: number): string {
  const yearNow = new Date(nowMs).getUTCFullYear();
  const year = Math.floor(yearNow / 100) * 100 + twoDigits;
  return String(year > yearNow + 50 ? year - 100 : year);
}

function toMs(year: string | undefined, month: string | undefined, day: string | undefined, [h, m, s]: string[]) {
  const monthIndex = months.indexOf(month?.toLowerCase() ?? '');
  if (monthIndex < 0) return undefined;
  const ms = Date.UTC(Number(year), monthIndex, Number(day), Number(h), Number(m), Number(s));
  const date = new Date(ms);
  // The 31st of February, 25 o'clock.
  const isReal =
    date.getUTCDate() === Number(day) && date.getUTCHours() === Number(h) && Number(m) < 60 && Number(s) < 61;
  return isReal ? ms : undefined;
}
