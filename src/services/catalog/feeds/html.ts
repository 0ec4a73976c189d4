/**
 * Descriptions in feeds are written in HTML, half-written in it, or hold the leavings of it. The shop keeps plain text, so
 * that no feed can put markup or script into a page.
 */
export function htmlToText(html: string): string {
  if (!/[<&]/.test(html)) return html;
  const withoutHidden = html
    .replace(/<!--[\s\S]*?(-->|$)/g, ' ')
    .replace(/<(script|style|noscript|template)\b(?:[^>]*>[\s\S]*?<\/\1\s*>|[\s\S]*$)/gi, ' ');
  const lines = tags.reduce((text, [tag, instead]) => withoutTag(text, tag, instead), withoutHidden);
  // Only what has a tag's shape is a tag: “up to <5 mm” and “a < b” are text.
  const withoutTags = lines.replace(/<\/?[a-z][^<>]*>/gi, '');
  return decodeEntities(withoutTags);
}

const tags: readonly [tag: RegExp, instead: string][] = [
  [/<br\s*\/?>/gi, '\n'],
  [/<li\b[^>]*>/gi, '\n- '],
  [/<\/?(p|div|ul|ol|table|tr|h[1-6]|section|article|blockquote|dl|dt|dd)\b[^>]*>/gi, '\n'],
  [/<\/(td|th)\s*>/gi, ' '],
];

/**
 * No tag ends after the last `>`. Looked for there, each beginning of one would be followed to the end of the text: of
 * `<li <li <li …` that takes the square of its length. Which one is the last changes with each tag that is replaced.
 */
function withoutTag(text: string, tag: RegExp, instead: string): string {
  const tagsEnd = text.lastIndexOf('>') + 1;
  return text.slice(0, tagsEnd).replace(tag, instead) + text.slice(tagsEnd);
}

/** Text for one line: runs of blanks and line breaks are one blank. */
export function oneLine(text: string): string {
  if (isTidy(text)) return text;
  return withoutControls(text).replace(/\s+/g, ' ').trim();
}

/** Text that may have several lines: blanks are tidied, line breaks kept, at most one empty line between paragraphs. */
export function manyLines(text: string): string {
  if (isTidy(text)) return text;
  return withoutControls(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Nearly all texts are, and telling so costs a tenth of tidying them. */
function isTidy(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/[\u0000-\u001f\u007f]|[^\S ]| {2}|^ | $/.test(text) && text.isWellFormed();
}

/** Control characters say nothing and break what shows them; PostgreSQL refuses NUL. Broken surrogates become U+FFFD. */
function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]+/g, ' ');
}

/** `&amp;`, `&#174;`, `&#xAE;`; once: `&amp;lt;` is `&lt;`. What is no known entity stays. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,30}));/g,
    (whole, decimal, hex, name) => {
      if (name !== undefined) return Object.hasOwn(namedEntities, name) ? (namedEntities[name] as string) : whole;
      const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return codePoint(code) ?? whole;
    },
  );
}

/** As browsers do, 128 to 159 are read as Windows-1252: that is what who wrote them meant. */
function codePoint(code: number): string | undefined {
  if (code >= 0x80 && code <= 0x9f) return windows1252[code - 0x80] ?? undefined;
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  return String.fromCodePoint(code);
}

const windows1252 = [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'];

/** Those of HTML 4: what shops' feeds use. The 2,000 more of HTML 5 are for mathematics. */
export const namedEntities: Readonly<Record<string, string>> = Object.freeze({
  ...pairs(
    'quot " amp & apos \' lt < gt > nbsp \u00a0 iexcl ¡ cent ¢ pound £ curren ¤ yen ¥ brvbar ¦ sect § uml ¨ copy © ordf ª laquo « not ¬ shy \u00ad reg ® macr ¯ deg ° plusmn ± sup2 ² sup3 ³ acute ´ micro µ para ¶ middot · cedil ¸ sup1 ¹ ordm º raquo » frac14 ¼ frac12 ½ frac34 ¾ iquest ¿',
  ),
  ...latinLetters(),
  ...pairs(
    'OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ fnof ƒ circ ˆ tilde ˜ ensp \u2002 emsp \u2003 thinsp \u2009 zwnj \u200c zwj \u200d lrm \u200e rlm \u200f ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „ dagger † Dagger ‡ bull • hellip … permil ‰ prime ′ Prime ″ lsaquo ‹ rsaquo › oline ‾ frasl ⁄ euro € trade ™ larr ← uarr ↑ rarr → darr ↓ harr ↔ minus − lowast ∗ radic √ infin ∞ asymp ≈ ne ≠ le ≤ ge ≥ times × divide ÷',
  ),
  ...pairs(
    'Alpha Α Beta Β Gamma Γ Delta Δ Omega Ω alpha α beta β gamma γ delta δ epsilon ε lambda λ mu μ pi π sigma σ tau τ phi φ omega ω',
  ),
});

function pairs(text: string): Record<string, string> {
  const words = text.split(' ');
  const entries: [string, string][] = [];
  for (let index = 0; index + 1 < words.length; index += 2) {
    entries.push([words[index] as string, words[index + 1] as string]);
  }
  return Object.fromEntries(entries);
}

/** U+00C0 to U+00FF in their order. */
function latinLetters(): Record<string, string> {
  const names =
    'Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';
  return Object.fromEntries(names.split(' ').map((name, index) => [name, String.fromCodePoint(0xc0 + index)]));
}
