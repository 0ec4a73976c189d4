const localUrl = /url\(\s*(["']?)#([\w:.-]+)\1\s*\)/g;
// Everything in CSS that takes an address, also those that take it as a bare string.
const reaching =
  /url\s*\(|\bsrc\s*\(|image\s*\(|image-set\s*\(|cross-fade\s*\(|element\s*\(|paint\s*\(|expression\s*\(|-moz-binding|behavior\s*:|(?:java|vb)script:|data:/i;
const atRule = /@(?!media\b|supports\b|(?:-webkit-)?keyframes\b)[\w-]*/i;

/** Why CSS cannot be taken, as what an SVG may not have; undefined if it can. For attributes too: most are read as CSS. */
export function objectionToCss(css: string): string | undefined {
  // An escape may spell any of the words that are looked for below.
  if (css.includes('\\')) return 'backslashes in its styles';
  if (css.includes('<')) return '`<` in its styles';
  const rule = atRule.exec(css)?.[0];
  if (rule !== undefined) return `the rule ${rule.slice(0, 40)} in its styles`;
  const found = reaching.exec(css.replaceAll(localUrl, ' '))?.[0];
  return found === undefined ? undefined : `\`${found}\` for anything but an \`#id\` of its own`;
}

/** The ids that CSS refers to. */
export function referencesInCss(css: string): string[] {
  return Array.from(css.matchAll(localUrl), ([, , id = '']) => id);
}
