import type { CdnOutcome } from './adapter.ts';

export interface Ask {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Posts to a CDN's API. No answer at all is `later`, what cannot even be sent is refused. */
export async function ask({ url, headers, body, timeoutMs }: Ask): Promise<Answer | CdnOutcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      ...(body !== undefined && { body }),
      // A redirect would carry our token to wherever it leads.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    // Failures of the network have a cause.
    if (error instanceof TypeError && error.cause === undefined) {
      return { kind: 'refused', isAboutUs: false, reason: `This purge cannot be sent: ${oneLine(error.message)}.` };
    }
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    const { code, message } = ((error as Error).cause ?? error) as { code?: string; message?: string };
    const why = isLate ? `does not answer within ${timeoutMs} ms` : `cannot be reached (${code ?? message})`;
    return { kind: 'later', reason: `${new URL(url).host} ${why}.` };
  }
}

/** What an answer means that is no success. `says` is what the API itself gives as the reason. */
export function outcomeOfFailure(name: string, secrets: string, answer: Answer, says: string | undefined): CdnOutcome {
  const { status, headers } = answer;
  const words = says === undefined || says === '' ? '' : `: ${oneLine(says)}`;
  if (status === 401 || status === 403) {
    return {
      kind: 'refused',
      isAboutUs: true,
      reason: `${name} refuses us (${status}${words}). Check ${secrets} and what they may do, then replay the dead letters of the group cdn.`,
    };
  }
  if (status === 429 || status === 408 || status >= 500) {
    const afterMs = retryAfterMs(headers.get('retry-after'), headers.get('date'));
    return {
      kind: 'later',
      reason: `${name} answers ${status}${words}.`,
      ...(afterMs !== undefined && { afterMs }),
    };
  }
  return { kind: 'refused', isAboutUs: false, reason: `${name} does not take this purge (${status}${words}).` };
}

const retryAfterMaxMs = 3_600_000;

/** `Retry-After` in seconds, or as a date, which is compared with the server's own. */
export function retryAfterMs(header: string | null, dateHeader: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Math.min(Number(header) * 1000, retryAfterMaxMs);
  if (!/GMT$/i.test(header.trim())) return undefined;
  const waitMs = Date.parse(header) - (dateHeader === null ? Number.NaN : Date.parse(dateHeader));
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 0), retryAfterMaxMs) : undefined;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const shownMax = 200;

function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, shownMax);
}
