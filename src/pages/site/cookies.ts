import type { Cookie } from './page-request.ts';

/** RFC 6265bis, section 5.6: pairs as they come; of two of one name the first counts. */
export function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 1) continue;
    const name = pair.slice(0, equals).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  return cookies;
}

/** Values are our own tokens and numbers, which need no quoting. */
export function cookieHeader(cookie: Cookie, isSecure: boolean): string {
  const parts = [
    `${cookie.name}=${cookie.value}`,
    'Path=/',
    `Max-Age=${cookie.value === '' ? 0 : cookie.maxAgeS}`,
    'SameSite=Lax',
    ...(cookie.isReadable ? [] : ['HttpOnly']),
    ...(isSecure ? ['Secure'] : []),
  ];
  return parts.join('; ');
}
