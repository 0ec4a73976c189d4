import type { IncomingMessage } from 'node:http';
import { asksForJson } from '../../platform/api/call.ts';
import type { Locale } from '../locale.ts';
import { parseCookies } from './cookies.ts';
import type { PageLook } from './page-request.ts';
import { splitQuery } from './split-query.ts';

/** What a request asks to see, as its head says. */
export function pageLook(request: IncomingMessage, locale: Locale, params: Readonly<Record<string, string>>): PageLook {
  const [rawPath, rawQuery] = splitQuery(request.url ?? '/');
  return {
    locale,
    path: locale === 'en' ? rawPath : rawPath.slice(locale.length + 1) || '/',
    params,
    query: new URLSearchParams(rawQuery),
    cookies: parseCookies(request.headers.cookie),
    wantsJson: asksForJson(request),
    isUnseen: isUnseen(request),
  };
}

/** `Sec-Purpose: prefetch;prerender` and the like; older browsers send the others, and call it `preview` too. */
const purposeHeaders = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'] as const;

function isUnseen({ method, headers }: IncomingMessage): boolean {
  return method === 'HEAD' || purposeHeaders.some((name) => /^(prefetch|preview)\b/i.test(String(headers[name])));
}
