/**
 * How text becomes words, for what is searched and for what searches alike. PostgreSQL's own parser takes `wi-fi`,
 * `and/or` and `-6000` for other things than words, and Chinese or Thai sentences for one word; so it is given words.
 */

/** Longer ones are no words; PostgreSQL refuses those of more than 2,046 bytes. */
const wordLengthMax = 64;

// What NFKD does not take apart.
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
  ħ: 'h',
  ŧ: 't',
};
const specialLetters = new RegExp(`[${Object.keys(letters).join('')}]`, 'g');
const combiningMarks = /[\u0300-\u036f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is ASCII
const asciiOnly = /^[\u0000-\u007f]*$/;

/** Without case, accents and compatibility forms: `ＣＡＦÉ` and `café` are the same. */
export function fold(text: string): string {
  if (asciiOnly.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(combiningMarks, '')
    .replace(specialLetters, (letter) => letters[letter] ?? letter)
    .normalize('NFC');
}

/** What a list is sorted by when it is sorted by title. */
export function titleKeyOf(title: string): string {
  return fold(title).replace(/\s+/g, ' ').trim().slice(0, 120).toWellFormed();
}

// Scripts without spaces between words, and Hangul, whose words carry their grammar as endings.
const dense =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}ー';
const isDense = new RegExp(`[${dense}]`, 'u');
const runs = new RegExp(`[${dense}]+|[^${dense}]+`, 'gu');
// Decimal numbers, or words with the hyphens and apostrophes within them.
const chunks = /\d+(?:\.\d+)+|[\p{L}\p{N}\p{M}]+(?:[-'’][\p{L}\p{N}\p{M}]+)*/gu;
// The same for ASCII, at a third of the cost: most of what an import brings.
const asciiChunks = /\d+(?:\.\d+)+|[a-z0-9]+(?:[-'][a-z0-9]+)*/g;
const hyphen = /[-'’]/;
const lettersAndDigits = /^(?:(\p{L}+)(\d+)|(\d+)(\p{L}+))$/u;

/** One written word in the ways in which it may stand elsewhere: `wi-fi` is `wifi`, or `wi` and `fi`. */
export interface Term {
  readonly alternatives: readonly (readonly string[])[];
}

/** The words of a text in its order. What they consist of: letters, digits, marks, and full stops between digits. */
export function terms(text: string): Term[] {
  const folded = fold(text);
  const found: Term[] = [];
  if (asciiOnly.test(folded)) {
    for (const [chunk] of folded.matchAll(asciiChunks)) addPlainTerms(chunk, found);
    return found;
  }
  for (const [chunk] of folded.matchAll(chunks)) {
    for (const [run] of chunk.matchAll(runs)) {
      if (isDense.test(run)) found.push({ alternatives: [pairs(run)] });
      else addPlainTerms(run, found);
    }
  }
  return found;
}

function addPlainTerms(chunk: string, found: Term[]): void {
  const parts = hyphen.test(chunk) ? chunk.split(hyphen).filter((part) => part !== '') : [chunk];
  const joined = parts.join('');
  if (parts.length > 1 && joined.length <= wordLengthMax) found.push({ alternatives: [[joined], parts] });
  else for (const part of parts) addWord(part, found);
}

function addWord(word: string, found: Term[]): void {
  if (word.length > wordLengthMax) return;
  // `rtx3060` is `rtx 3060`, `32gb` is `32 gb`; a part number with more changes than that is one word.
  const match = lettersAndDigits.exec(word);
  if (match === null) found.push({ alternatives: [[word]] });
  else found.push({ alternatives: [[word], [match[1] ?? match[3] ?? '', match[2] ?? match[4] ?? '']] });
}

/** `无线耳机` becomes 无线, 线耳, 耳机: pairs find any part of it. */
function pairs(run: string): string[] {
  const characters = [...run];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

/** Every form under which a text is to be found. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const { alternatives } of terms(text)) {
    for (const alternative of alternatives) found.push(...alternative);
    // So that a single character is found by its beginning even where it ends a run.
    const last = alternatives[0]?.at(-1);
    if (last !== undefined && last.charCodeAt(0) > 0x2ff && isDense.test(last)) found.push([...last].at(-1) ?? last);
  }
  return found;
}

/** A SKU or barcode as people copy it: `WH-1000 XM4` is `wh1000xm4`. */
export function codeKey(code: string): string {
  return fold(code)
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .slice(0, 100)
    .toWellFormed();
}
