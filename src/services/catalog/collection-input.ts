import type { CollectionInput, CollectionTranslation } from './api.ts';
import { collectionDepthMax, isCollectionPath } from './collection-path.ts';
import { canonicalTranslations } from './language-tag.ts';
import { isStorable, normaliseMedia } from './product-input.ts';
import type { CollectionFacts } from './store-collections.ts';

export type NormalisedCollection =
  | { readonly kind: 'normal'; readonly facts: CollectionFacts }
  /** `field` is where in the input; `detail` says what it must be. */
  | { readonly kind: 'refused'; readonly field: string; readonly detail: string };

/** Normalises what the schema lets through, and refuses what it cannot see. */
export function normaliseCollection({
  path,
  title,
  description,
  media,
  translations,
}: CollectionInput): NormalisedCollection {
  if (!isCollectionPath(path)) {
    const detail = `must be up to ${collectionDepthMax} names of lower-case letters, digits and hyphens, separated by slashes`;
    return { kind: 'refused', field: 'path', detail };
  }
  if (media !== undefined && !isStorable(media.url)) {
    return { kind: 'refused', field: 'media/url', detail: 'must not have control characters' };
  }
  const canonical = translations && canonicalTranslations(translations);
  if (canonical?.kind === 'refused') {
    return { kind: 'refused', field: 'translations', detail: `must be by language, each once: ${canonical.reason}` };
  }
  return {
    kind: 'normal',
    facts: {
      path,
      title,
      description,
      media: media && normaliseMedia(media),
      translations: canonical && telling(canonical.byTag),
    },
  };
}

/** Without blank titles, empty descriptions, and languages that have neither. */
function telling(byTag: Readonly<Record<string, CollectionTranslation>>): Record<string, CollectionTranslation> {
  return Object.fromEntries(
    Object.entries(byTag).flatMap(([tag, { title, description }]) => {
      const translation = { ...(title?.trim() && { title }), ...(description && { description }) };
      return Object.keys(translation).length === 0 ? [] : [[tag, translation]];
    }),
  );
}
