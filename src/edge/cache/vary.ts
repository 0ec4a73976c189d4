import { withoutBlanks } from '../../platform/api/blanks.ts';
import { type Fields, fieldValue, listOf } from './fields.ts';

/** A request field that an answer was chosen by, and its value then, normalised; null if it was absent. */
export interface Selector {
  readonly name: string;
  readonly value: string | null;
}

/**
 * By what the answer to this request was chosen (RFC 9111, 4.1), in the order of names: by what `Vary` says, and by `always`.
 * `Vary: *` is not for here.
 */
export function selectorsOf(answer: Fields, request: Fields, always: readonly string[] = []): Selector[] {
  const names = new Set([...always, ...listOf(fieldValue(answer, 'vary')).map((name) => name.toLowerCase())]);
  return [...names].sort().map((name) => ({ name, value: selectingValue(name, request) }));
}

/** Whether an answer that was chosen by these suits the request. */
export function suits(selectors: readonly Selector[], answer: Fields, request: Fields): boolean {
  return selectors.every(
    ({ name, value }) =>
      selectingValue(name, request) === value || (name === 'accept-language' && isInBestLanguage(answer, request)),
  );
}

/** Values that mean the same for certain become the same text. */
export function selectingValue(name: string, request: Fields): string | null {
  const value = fieldValue(request, name);
  if (value === undefined) return null;
  if (name === 'accept-language' || name === 'accept-encoding') return preferences(value).map(asText).join(',');
  // Space beside a comma of a list says nothing; within quotes it does, and what is no list stays as it is.
  if (value.includes('"') || name === 'cookie' || name === 'authorization' || name === 'user-agent')
    return withoutBlanks(value);
  return value.split(',').map(withoutBlanks).join(',');
}

interface Preference {
  readonly what: string;
  /** 0 … 1 */
  readonly weight: number;
}

/** Members of an `Accept-…` field, most wanted first; equals in alphabetical order, since theirs says nothing (RFC 9110, 12.5.4). */
export function preferences(value: string): Preference[] {
  return listOf(value.toLowerCase())
    .map((member) => {
      const [what = '', ...parameters] = member.split(';').map(withoutBlanks);
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return {
        what,
        weight: weight !== undefined && /^[01](?:\.\d{0,3})?$/.test(weight) ? Math.min(1, Number(weight)) : 1,
      };
    })
    .sort((a, b) => b.weight - a.weight || (a.what < b.what ? -1 : a.what > b.what ? 1 : 0));
}

const asText = ({ what, weight }: Preference) => `${what};${weight}`;

/**
 * Wants one language above all others, and the answer is in it: the origin has this page in that language, so it would choose
 * the same again.
 */
function isInBestLanguage(answer: Fields, request: Fields): boolean {
  const [language, ...otherLanguages] = listOf(fieldValue(answer, 'content-language')?.toLowerCase());
  if (language === undefined || otherLanguages.length > 0) return false;
  const [best, second] = preferences(fieldValue(request, 'accept-language') ?? '');
  return best !== undefined && best.what === language && best.weight > (second?.weight ?? 0);
}
