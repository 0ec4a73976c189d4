import type { VariantName } from './variant-name.ts';

/** A small picture beside the name that it belongs to, so it says nothing of its own. */
export function LinePicture({ media }: Pick<VariantName, 'media'>) {
  if (media === undefined || !/^(\/[^/\\]|https?:\/\/)/i.test(media.url)) {
    return <span class="line-picture line-picture--none" />;
  }
  return <img class="line-picture" src={media.url} alt="" width={120} height={150} loading="lazy" decoding="async" />;
}
