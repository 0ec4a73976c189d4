import type { Cookie, PageRequest } from '../site/page-request.ts';

/** Set with a redirect to an address with the mark: who comes by it without any cookie keeps none. */
export const trialCookie: Cookie = { name: 'onrush_cookies', value: '1', maxAgeS: 3600 };
const mark = 'tried';

/** Whether this browser keeps cookies, as a place in line has to be kept; undefined where it has not been tried yet. */
export function keepsCookies({ cookies, query }: Pick<PageRequest, 'cookies' | 'query'>): boolean | undefined {
  if (cookies.size > 0) return true;
  return query.has(mark) ? false : undefined;
}

export function markTried(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}${mark}=1`;
}
