// As long as any that is in use; RFC 5646 (section 4.4.1) asks for room for 35.
const tagLengthMax = 40;

/** The one spelling of a BCP 47 tag: `zh-hans-cn` is `zh-Hans-CN`. Undefined where it is none. */
export function canonicalTag(tag: string): string | undefined {
  if (tag.length > tagLengthMax) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

export type CanonicalTranslations<T> =
  | { readonly kind: 'canonical'; readonly byTag: Record<string, T> }
  | { readonly kind: 'refused'; readonly reason: string };

/** Translations under their canonical tags, in the order of these. Refuses what is no tag, and one language twice. */
export function canonicalTranslations<T>(translations: Readonly<Record<string, T>>): CanonicalTranslations<T> {
  const byTag = new Map<string, T>();
  for (const [given, translation] of Object.entries(translations)) {
    const tag = canonicalTag(given);
    if (tag === undefined) return refused(`“${shortened(given)}” is not a language tag, such as “zh-Hans”.`);
    if (byTag.has(tag)) return refused(`It has two translations for “${tag}”.`);
    byTag.set(tag, translation);
  }
  return { kind: 'canonical', byTag: Object.fromEntries([...byTag].sort(([one], [other]) => (one < other ? -1 : 1))) };
}

function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason };
}

function shortened(text: string): string {
  return text.length <= tagLengthMax ? text : `${text.slice(0, tagLengthMax).toWellFormed()}…`;
}
