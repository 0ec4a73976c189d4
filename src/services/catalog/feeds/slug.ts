import { hash } from 'node:crypto';

const slugLengthMax = 200;

/** Letters that Unicode does not take apart into a plain one and an accent. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/**
 * What a text is called in an address: `Café “Noir”, 2 kg` is `cafe-noir-2-kg`. Texts that differ in what an address cannot
 * hold (other alphabets, beyond the length) end in a short hash of the text, so that they stay different.
 */
export function slugify(text: string): string {
  const letters = text
    .replace(/[®™©'’`´]/g, '')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => plainLetters[letter] ?? letter);
  const slug = letters.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  const isLossy = /[\p{L}\p{N}]/u.test(letters.replace(/[a-z0-9]+/g, ''));
  if (!isLossy && slug.length <= slugLengthMax) return slug;
  const mark = shortHash(text);
  const kept = slug.slice(0, slugLengthMax - 1 - mark.length).replace(/-$/, '');
  return kept === '' ? mark : `${kept}-${mark}`;
}

/** The slug with an ending, within the length that a slug may have. */
export function slugWith(slug: string, ending: string): string {
  return `${slug.slice(0, slugLengthMax - 1 - ending.length).replace(/-$/, '')}-${ending}`;
}

/** 40 bits, in letters and digits. */
export function shortHash(text: string): string {
  return BigInt(`0x${hash('sha256', text).slice(0, 10)}`)
    .toString(36)
    .padStart(8, '0');
}

/** 64 bits, in letters and digits: what stands for a row that has no key of its own. */
export function longHash(text: string): string {
  return BigInt(`0x${hash('sha256', text).slice(0, 16)}`)
    .toString(36)
    .padStart(13, '0');
}
